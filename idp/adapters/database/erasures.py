"""Erasures: a person's key is destroyed, and what lies about the person in any row is emptied or deleted, as the inventory says."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from idp.adapters.database.approvals import ASKER
from idp.adapters.database.attempts import DatabaseAttempts
from idp.adapters.database.customer_register import ORGANISATION_NUMBER
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection, make_durable
from idp.adapters.database.evidence import DatabaseEvidence, is_lonely_login, lasting
from idp.adapters.database.identities import Identities
from idp.adapters.database.invitations import TAKER
from idp.adapters.database.linking_tables import approvals, freeze_secrets, invitations
from idp.adapters.database.mentions import rows_that_say
from idp.adapters.database.person_keys import PersonKeys
from idp.adapters.database.tables import (
    LINK_STANDS,
    audit,
    authentications,
    bankid_orders,
    customers,
    evidence,
    interactions,
    links,
    metadata,
    outbox,
    people,
    person_keys,
)
from idp.core.accounts.ports import Remainder, StillKept
from idp.core.evidence.bundle import ActKind
from idp.core.linking.limits import person_key
from idp.core.oidc.logout.end_session import BACKCHANNEL_KIND
from idp.core.people.identity import Identity
from idp.core.people.person import Person
from idp.core.personal_data.classification import Erasure
from idp.core.personal_data.inventory import INVENTORY
from idp.retention import Retention

LONGEST_BUDGET = timedelta(days=365)
_EMPTY = {
    "profile_encrypted": None,
    "contact_encrypted": None,
    "email_hash": None,
    "phone_hash": None,
    "email_confirmed_at": None,
    "registered_at": None,
    "blocked_at": None,
    "block_reason": None,
}
"""What becomes of the row of a person; id and `sub` stay, so that nobody ever gets them again."""
_DELETED = [
    table
    for table in reversed(metadata.sorted_tables)
    if (column := INVENTORY.get((table.name, "person_id"))) is not None and column.erasure is Erasure.DELETED
]
"""Tables whose rows about a person go as a whole."""

_KEYLESS = select(people.c.id).where(
    people.c.erased_at.is_(None),
    ~select(person_keys.c.person_id).where(person_keys.c.person_id == people.c.id).exists(),
)


class DatabaseTraces:
    """The port `Traces`."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper, retention: Retention) -> None:
        self._cipher = cipher
        self._retention = retention
        self._pepper = pepper
        self._identities = Identities(cipher, pepper)
        self._attempts = DatabaseAttempts(cipher, pepper)
        self._evidence = DatabaseEvidence(cipher)

    @staticmethod
    def was_erased(person_id: str) -> bool:
        erased = select(people.c.id).where(people.c.id == person_id, people.c.erased_at.is_not(None))
        return connection().execute(erased).first() is not None

    @staticmethod
    def is_kept_out(person_id: str) -> bool:
        suspended = select(links.c.id).where(
            links.c.person_id == person_id, LINK_STANDS, links.c.suspended_at.is_not(None)
        )
        return connection().execute(suspended).first() is not None

    def erase(self, person: Person, now: datetime) -> Sequence[StillKept] | None:
        """Logins under way first, in the order in which a login takes its rows; and again, for one that was faster than us."""
        make_durable(scrub=True)
        known_by = self._identities.all_of(person.id)
        numbers = [identity.key for identity in known_by]
        self._drop_logins(person.id, numbers)
        if not PersonKeys.destroy(person.id):
            return None
        self._drop_logins(person.id, numbers)
        self._drop_messages(person, numbers, now)
        self._drop_approvals(person.id, known_by)
        self._drop_tries(person.id, known_by)
        for chunk in _chunks(self._evidence.strangers_logins(numbers)):
            connection().execute(delete(evidence).where(evidence.c.id.in_(chunk)))
        _forget(person.id, now)
        return [*_kept(person.id, self._retention, now), *self._own_firms(known_by)]

    def _drop_logins(self, person_id: str, numbers: Sequence[str]) -> None:
        """Of the person, and of somebody who has no account yet and is the person."""
        pending = rows_that_say(self._cipher, interactions.c.pending_encrypted, numbers)
        of_person = select(interactions.c.id).where(interactions.c.person_id == person_id)
        ended = [*connection().execute(of_person).scalars(), *pending]
        answered = (
            *rows_that_say(self._cipher, bankid_orders.c.completion_encrypted, numbers),
            *rows_that_say(self._cipher, bankid_orders.c.answer_encrypted, numbers),
        )
        for chunk in _chunks(ended):
            connection().execute(delete(interactions).where(interactions.c.id.in_(chunk)))
            connection().execute(delete(bankid_orders).where(bankid_orders.c.identification_id.in_(chunk)))
        for chunk in _chunks(answered):
            connection().execute(delete(bankid_orders).where(bankid_orders.c.id.in_(chunk)))

    def _drop_approvals(self, person_id: str, known_by: Sequence[Identity]) -> None:
        """What the person asked for, took or gave; an answer to others stays, by an id that names nobody."""
        connection().execute(delete(invitations).where(invitations.c.invited_by == person_id))
        asked = [each for one in known_by for each in self._pepper.candidates(ASKER, person_key(one))]
        connection().execute(delete(approvals).where(approvals.c.asker_hash.in_(asked)))
        taken = [each for one in known_by for each in self._pepper.candidates(TAKER, person_key(one))]
        connection().execute(delete(invitations).where(invitations.c.taken_by_hash.in_(taken)))

    def _drop_tries(self, person_id: str, known_by: Sequence[Identity]) -> None:
        """What the person tried, before there was an account as well; the audit log keeps the guesser's pseudonym."""
        self._attempts.forget(known_by)
        connection().execute(delete(freeze_secrets).where(freeze_secrets.c.person_id == person_id))

    def _drop_messages(self, person: Person, numbers: Sequence[str], now: datetime) -> None:
        """To the person or about the person, unless they are delivered; clients are still told of the logout."""
        contact = person.contact
        reached_at = () if contact is None else (contact.email.address, contact.phone.e164)
        is_theirs_to_drop = outbox.c.kind != BACKCHANNEL_KIND
        about = select(outbox.c.id).where(
            outbox.c.key.contains(person.id, autoescape=True),
            outbox.c.payload_encrypted.is_not(None),
            is_theirs_to_drop,
        )
        named = rows_that_say(self._cipher, outbox.c.payload_encrypted, (*numbers, *reached_at), is_theirs_to_drop)
        dropped = {"payload_encrypted": None, "next_at": None, "gave_up_at": now, "last_error": "erased"}
        for chunk in _chunks([*connection().execute(about).scalars(), *named]):
            connection().execute(update(outbox).where(outbox.c.id.in_(chunk)).values(dropped))

    def _own_firms(self, known_by: Sequence[Identity]) -> Iterator[StillKept]:
        numbers = [number.digits for each in known_by if (number := each.sole_traders_number) is not None]
        hashes = [found for number in numbers for found in self._pepper.candidates(ORGANISATION_NUMBER, number)]
        firms = select(func.count()).select_from(customers).where(customers.c.organisation_number_hash.in_(hashes))
        if count := connection().execute(firms).scalar_one():
            yield StillKept(what=Remainder.OWN_FIRM, count=count, until=None)


class KeylessPeople:
    """The port `Keyless`."""

    def count(self) -> int:
        return connection().execute(select(func.count()).select_from(_KEYLESS.subquery())).scalar_one()

    def forget(self, now: datetime) -> Sequence[str]:
        make_durable(scrub=True)
        found = connection().execute(_KEYLESS).scalars().all()
        for person_id in found:
            _forget(person_id, now)
        return found


def _forget(person_id: str, now: datetime) -> None:
    """Empty and delete the person's rows; what others refer to goes last."""
    connection().execute(delete(evidence).where(evidence.c.person_id == person_id, is_lonely_login()))
    emptied = {
        "identity_id": None,
        "device_ip_encrypted": b"",
        "credential_valid_from": None,
        "credential_valid_to": None,
    }
    connection().execute(update(authentications).where(authentications.c.person_id == person_id).values(emptied))
    for table in _DELETED:
        connection().execute(delete(table).where(table.c.person_id == person_id))
    standing = update(links).where(links.c.person_id == person_id, LINK_STANDS)
    connection().execute(standing.values(ended_at=now, end_reason="erased"))
    connection().execute(update(people).where(people.c.id == person_id).values(**_EMPTY, erased_at=now))


def _kept(person_id: str, kept: Retention, now: datetime) -> Iterator[StillKept]:
    longest = now + max(lasting(kind, kept) for kind in ActKind)
    rows = (
        (Remainder.EVIDENCE, select(func.count(evidence.c.id)).where(evidence.c.person_id == person_id), longest),
        (Remainder.LINKS, select(func.count()).where(links.c.person_id == person_id), now + kept.link),
        (Remainder.AUDIT, select(func.count()).where(audit.c.person_id == person_id), now + kept.audit),
    )
    for what, counted, until in rows:
        if count := connection().execute(counted).scalar_one():
            yield StillKept(what=what, count=count, until=until)
    yield StillKept(what=Remainder.TRIES, count=None, until=now + LONGEST_BUDGET)


def _chunks(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), size):
        yield values[at : at + size]
