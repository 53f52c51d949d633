"""What a support desk meets: people with accounts, links and consents in the database of an installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask

from idp.adapters.database.consents import DatabaseConsents
from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import configure, database, unit_of_work
from idp.adapters.database.people import DatabasePeople
from idp.adapters.keys.files import load_keys
from idp.core.customer_register.plan import RegisterEntry
from idp.core.people.contact import Contact, Email, Phone
from idp.core.people.customer import CustomerNumber, LinkAssurance
from idp.core.people.organisation_number import OrganisationNumber
from idp.core.signin.ports import Registration
from idp.settings_file import load_settings
from idp_tests.cli.installation import Installation

THEN = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
PERSONAL_NUMBER = "199001012385"


@contextmanager
def store(installed: Installation) -> Iterator[tuple[FieldCipher, Pepper]]:
    """The installation's database and secrets; what is written is committed."""
    settings = load_settings(installed.settings)
    app = Flask("seeds")
    configure(app, settings.database)
    secrets = load_keys(settings.keys.directory).secrets
    cipher = FieldCipher({key.version: key.value for key in secrets.fields}, secrets.fields[0].version)
    pepper = Pepper({key.version: key.value for key in secrets.pepper}, secrets.pepper[0].version)
    with app.app_context():
        with unit_of_work():
            yield cipher, pepper
        database.engine.dispose()


def add_anna(installed: Installation) -> str:
    """Anna Maria Öberg, linked to customer 10012345; returns her id."""
    entry = RegisterEntry(
        number=CustomerNumber("10012345"),
        organisation_number=OrganisationNumber.parse("556016-0680"),
        name="Exempelbolaget AB",
        city="Malmö",
    )
    with store(installed) as (cipher, pepper):
        customers = DatabaseCustomers(cipher, pepper)
        customers.save([entry], THEN)
        contact = Contact(
            name="Anna Maria Öberg", phone=Phone.parse("070-174 06 05"), email=Email.parse("anna@example.se")
        )
        registration = Registration(
            person_id=None,
            personal_number=PERSONAL_NUMBER,
            name="Anna Maria Öberg",
            given_name="Anna Maria",
            surname="Öberg",
            contact=contact,
            customer_id=customers.verify("10012345", "0680"),
            customer_number="10012345",
            assurance=LinkAssurance.LEGACY_KNOWLEDGE,
            authentication_id="a" * 32,
        )
        return DatabasePeople(cipher, pepper).register(registration, THEN).id


def allow_partner(installed: Installation, person_id: str) -> None:
    with store(installed):
        expires_at = datetime.now(UTC) + timedelta(days=300)
        DatabaseConsents().allow(person_id, "partner", ["openid", "email"], THEN, expires_at)
