"""What a support desk meets: people with accounts, links and consents in the database of an installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from idp.assembly.provider import Provider, assemble
from idp.core.accounts.ports import NewAccount
from idp.core.ids import new_id
from idp.core.people.contact import Contact, Email, Phone
from idp.core.people.customer import LinkAssurance
from idp.core.people.person import PendingIdentity
from idp.settings_file import load_settings
from idp_tests.builders import a_claim, a_profile, an_identity
from idp_tests.cli.installation import Installation
from idp_tests.customer_register import a_registered_customer, fill_register

THEN = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
PERSONAL_NUMBER = "199001012385"


@contextmanager
def assembled(installed: Installation) -> Iterator[Provider]:
    """The installation as its commands assemble it; what is written is committed."""
    provider = assemble(load_settings(installed.settings))
    with provider.database.unit_of_work():
        yield provider
    provider.close()


def add_anna(installed: Installation, *, company_email: str | None = None) -> str:
    """Anna Maria Öberg, linked to customer 10012345; returns her id."""
    with assembled(installed) as provider:
        fill_register(provider.store.register, [a_registered_customer("10012345", email=company_email)], THEN)
        contact = Contact(
            name="Anna Maria Öberg", phone=Phone.parse("070-174 06 05"), email=Email.parse("anna@example.se")
        )
        registration = NewAccount(
            person_id=new_id(THEN),
            newcomer=PendingIdentity(
                identity=an_identity(PERSONAL_NUMBER),
                profile=a_profile(name="Anna Maria Öberg", given_name="Anna Maria", surname="Öberg"),
            ),
            contact=contact,
            authentication_id="a" * 32,
        )
        provider.store.people.register(registration, THEN)
        customer_id = provider.store.customers.verify(a_claim("10012345", "0680"))
        assert customer_id is not None
        provider.store.links.link(
            registration.person_id, customer_id, "10012345", LinkAssurance.LEGACY_KNOWLEDGE, THEN, fresh_until=THEN
        )
        return registration.person_id


def add_own_firm(installed: Installation) -> None:
    """Anna Maria Öberg trades under her own number."""
    with assembled(installed) as provider:
        firm = a_registered_customer("10099999", organisation_number=PERSONAL_NUMBER[2:], name="Öbergs Rör")
        fill_register(provider.store.register, [firm], THEN)


def allow_partner(installed: Installation, person_id: str) -> None:
    with assembled(installed) as provider:
        expires_at = provider.clock() + timedelta(days=300)
        provider.store.consents.allow(person_id, "partner", ["openid", "email"], THEN, expires_at)
