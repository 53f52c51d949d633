"""`idp people`: for the support desk: find a person, block and unblock, end a link to a customer.

What it prints is masked: enough to recognise somebody on the telephone, too little to be worth copying. Personal numbers
are neither printed nor searched for, because a shell keeps what was typed.
"""

import getpass
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from idp.cli.opening import Store, now, open_settings, open_store
from idp.cli.problems import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from idp.core.audit import Event
    from idp.core.oidc.clients.registry import ClientRegistry
    from idp.core.people.person import Person

_REASON = re.compile(r"[a-z0-9_]{1,40}")


@click.group("people")
def command() -> None:
    """People with a user account."""


@command.command()
@click.argument("text")
@click.option("--full", is_flag=True, help="Show telephone number and address unmasked; it is noted in the audit log.")
def find(text: str, *, full: bool) -> None:
    """Find people by e-mail address, telephone number, customer number, id or sub."""
    from idp.adapters.database.people import DatabasePeople

    with open_store(open_settings()) as store:
        if _is_personal_number(text):
            raise Problem("Personal numbers are not searched for. Use an address, a telephone or customer number.")
        found = DatabasePeople(store.cipher, store.pepper).search(text.strip())
        if full and found:
            _note_all(found)
        for person in found:
            click.echo("\n".join(_lines(person, full=full)))
        if not found:
            raise click.exceptions.Exit(1)


@command.command()
@click.argument("person_id")
@click.option("--reason", default="support", show_default=True, help="One word for the audit log.")
def block(person_id: str, reason: str) -> None:
    """Suspend an account: sessions and tokens end at once, and every app is told."""
    from idp.adapters.database.engine import unit_of_work
    from idp.adapters.database.people import DatabasePeople
    from idp.core.events import PersonBlocked

    word, moment = _word(reason), now()
    with open_store(open_settings()) as store, unit_of_work():
        person = _get(store, person_id)
        ended = _end_logins(store, person, moment)
        if not DatabasePeople(store.cipher, store.pepper).block(person.id, moment, reason=word):
            raise Problem(f"{person.id} is blocked already")
        _note(PersonBlocked(person_id=person.id, operator=getpass.getuser(), reason=word), moment)
    click.echo(f"{person_id} is blocked; logins ended: {ended}")


@command.command()
@click.argument("person_id")
def unblock(person_id: str) -> None:
    """Open an account again; the person logs in anew."""
    from idp.adapters.database.engine import unit_of_work
    from idp.adapters.database.people import DatabasePeople
    from idp.core.events import PersonUnblocked

    with open_store(open_settings()) as store, unit_of_work():
        person = _get(store, person_id)
        if not DatabasePeople(store.cipher, store.pepper).unblock(person.id):
            raise Problem(f"{person.id} is not blocked")
        _note(PersonUnblocked(person_id=person.id, operator=getpass.getuser()), now())
    click.echo(f"{person_id} is open again")


@command.command()
@click.argument("person_id")
@click.argument("customer_number")
@click.option("--reason", default="support", show_default=True, help="One word for the audit log.")
@click.option(
    "--keep-out", is_flag=True, help="The person cannot link the customer again until it is unlinked plainly."
)
def unlink(person_id: str, customer_number: str, reason: str, *, keep_out: bool) -> None:
    """End a person's link to the customer with this number, and the tokens that act for it.

    Who still knows the old digits may link it again, unless --keep-out is given. Nothing else of the account changes.
    """
    from idp.adapters.database.engine import unit_of_work
    from idp.adapters.database.grants import DatabaseGrants
    from idp.adapters.database.people import DatabasePeople
    from idp.core.events import LinkEnded, LinkSuspended

    word, moment = _word(reason), now()
    with open_store(open_settings()) as store, unit_of_work():
        person = _get(store, person_id)
        customer_id = DatabasePeople.standing_link(person.id, customer_number)
        if customer_id is None:
            numbers = ", ".join(str(link.number) for link in person.links) or "none"
            raise Problem(f"{person.id} is not linked to {customer_number}; linked: {numbers}")
        if keep_out:
            DatabasePeople.keep_out(person.id, customer_id, moment)
        else:
            DatabasePeople.unlink(person.id, customer_id, moment, reason=word)
        revoked = DatabaseGrants(store.cipher).revoke_for_person_and_customer(
            person.id, customer_id, moment, reason="unlinked"
        )
        event = LinkSuspended if keep_out else LinkEnded
        _note(
            event(person_id=person.id, customer_id=customer_id, operator=getpass.getuser(), reason=word),
            moment,
        )
    click.echo(f"{person_id} is not linked to {customer_number} any more; {revoked} grants revoked")


def _get(store: Store, person_id: str) -> "Person":
    from idp.adapters.database.people import DatabasePeople

    person = DatabasePeople(store.cipher, store.pepper).find(person_id)
    if person is None:
        raise Problem(f"{person_id}: no such person; `idp people find TEXT` shows ids")
    return person


def known_clients(store: Store) -> "ClientRegistry":
    """Those that the web knows: a client that registered itself is none while registration is not enabled."""
    from idp.adapters.client_files import load_clients
    from idp.adapters.database.registered_clients import DatabaseRegisteredClients
    from idp.core.oidc.clients.registry import ClientRegistry
    from idp.core.oidc.dynamic_registration.recent_clients import RecentClients

    settings = store.settings
    files = load_clients(settings.clients, issuer=settings.issuer, sandbox=settings.is_sandbox)
    registered = RecentClients(
        DatabaseRegisteredClients(store.cipher), issuer=settings.issuer, sandbox=settings.is_sandbox, clock=now
    )
    return ClientRegistry(files, registered if settings.registration.enabled else None)


def _end_logins(store: Store, person: "Person", moment: "datetime") -> int:
    """End every session as a logout does, so that apps with a back channel hear of it. Returns how many ended."""
    from idp.adapters.database.audit import DatabaseAudit
    from idp.adapters.database.grants import DatabaseGrants
    from idp.adapters.database.outbox import DatabaseOutbox
    from idp.adapters.database.sessions import DatabaseSessions
    from idp.core.oidc.logout import SignedIn, end_session
    from idp.core.oidc.tokens.token_issuer import Mint

    settings, sessions, clients = store.settings, DatabaseSessions(store.cipher), known_clients(store)
    ended = sessions.end_for_person(person.id, moment, reason="blocked")
    for session_id in ended:
        end_session(
            SignedIn(session_id=session_id, person=person),
            sessions=sessions,
            grants=DatabaseGrants(store.cipher),
            outbox=DatabaseOutbox(store.cipher),
            clients=clients,
            audit=DatabaseAudit(),
            mint=Mint(issuer=settings.issuer, keyring=store.keys.keyring, sealer=store.keys.sealer),
            now=moment,
            reason="blocked",
        )
    return len(ended)


def _note(event: "Event", moment: "datetime") -> None:
    from idp.adapters.database.audit import DatabaseAudit

    DatabaseAudit().record(event, moment)


def _note_all(found: "Sequence[Person]") -> None:
    from idp.adapters.database.engine import unit_of_work
    from idp.core.events import PersonShown

    with unit_of_work():
        for person in found:
            _note(PersonShown(person_id=person.id, operator=getpass.getuser()), now())


def _lines(person: "Person", *, full: bool) -> Iterator[str]:
    state = "BLOCKED" if person.is_blocked else "registered" if person.registered_at else "not registered"
    since = person.blocked_at or person.registered_at
    yield f"{person.id}  {person.name if full else initials(person.name)}  {state}" + (
        f" {since:%Y-%m-%d %H:%M} UTC" if since else ""
    )
    if person.contact is not None:
        email, phone = person.contact.email.address, person.contact.phone.e164
        yield f"    {email if full else masked_email(email)}  {phone if full else masked_phone(phone)}"
    for link in person.links:
        yield f"    customer {link.number}  {link.name}, {link.city}  ({link.role}, {link.assurance})"


def _is_personal_number(text: str) -> bool:
    from idp.core.people.personal_number import PersonalNumber

    try:
        PersonalNumber.parse(text, today=now().date())
    except ValueError:
        return False
    return True


def initials(name: str) -> str:
    """Anna Maria Svensson as A. M. Svensson."""
    *given, surname = name.split() or [""]
    return " ".join([*(f"{word[0]}." for word in given), surname])


def masked_email(address: str) -> str:
    """anna@example.se as a…@example.se."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def masked_phone(number: str) -> str:
    """The last three digits."""
    return f"…{number[-3:]}"


def _word(reason: str) -> str:
    if not _REASON.fullmatch(reason):
        raise Problem("--reason: one word of small letters, digits and underscores, up to 40; never a name")
    return reason
