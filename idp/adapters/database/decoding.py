"""Rows into values: persons, authentications and linked customers, however the statement joined them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from idp.adapters.database.encryption import FieldCipher, PersonCipher
from idp.adapters.database.prepared import Prepared, labelled
from idp.adapters.database.profiles import read_profile
from idp.adapters.database.tables import authentications, customers, links, people, person_keys
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.contact import Contact, Email, Phone
from idp.core.people.customer import CustomerNumber, LinkAssurance, LinkedCustomer, Role
from idp.core.people.organisation_number import OrganisationNumber
from idp.core.people.person import Person

PERSON_COLUMNS = labelled(
    people.c.id,
    people.c.sub,
    people.c.profile_encrypted,
    people.c.contact_encrypted,
    people.c.email_confirmed_at,
    people.c.registered_at,
    people.c.blocked_at,
    person_keys.c.key_encrypted,
)
"""Of PEOPLE_WITH_KEYS."""
AUTHENTICATION_COLUMNS = labelled(
    authentications.c.id,
    authentications.c.person_id,
    authentications.c.at,
    authentications.c.method,
    authentications.c.provider,
    authentications.c.acr,
    authentications.c.amr,
    authentications.c.txn,
    authentications.c.device_ip_encrypted,
    authentications.c.credential_valid_from,
    authentications.c.credential_valid_to,
)
CUSTOMER_COLUMNS = labelled(
    customers.c.id,
    customers.c.name,
    customers.c.city,
    customers.c.organisation_number_encrypted,
    links.c.number,
    links.c.role,
    links.c.assurance,
    links.c.linked_at,
    links.c.fresh_until,
)
LINK_IS_ACTIVE = (links.c.ended_at.is_(None), links.c.suspended_at.is_(None))

_CUSTOMERS_OF = Prepared(
    select(*CUSTOMER_COLUMNS)
    .join_from(links, customers)
    .where(links.c.person_id == bindparam("person_id"), *LINK_IS_ACTIVE, customers.c.active)
    .order_by(links.c.linked_at, links.c.id),
    gives=CUSTOMER_COLUMNS,
)


def customers_of(cipher: FieldCipher, person_id: str) -> tuple[LinkedCustomer, ...]:
    """All active customers of a person, the oldest link first: one statement."""
    return tuple(linked_customer(row, cipher) for row in _CUSTOMERS_OF.run({"person_id": person_id}))


def cipher_of(row: Mapping[str, Any], cipher: FieldCipher) -> PersonCipher:
    """What reads the fields of the person of PERSON_COLUMNS; raises FieldUnreadable."""
    return cipher.of_person(row["people_id"], row["person_keys_key_encrypted"])


def person(row: Mapping[str, Any], cipher: PersonCipher, linked: Sequence[LinkedCustomer] = ()) -> Person:
    """A person from PERSON_COLUMNS; raises FieldUnreadable."""
    person_id = row["people_id"]
    profile = read_profile(cipher.decrypt_json(f"people.profile.{person_id}", row["people_profile_encrypted"]))
    return Person(
        id=person_id,
        sub=row["people_sub"],
        name=profile.name,
        given_name=profile.given_name,
        surname=profile.surname,
        birthdate=profile.birthdate,
        contact=_contact(cipher, person_id, row["people_contact_encrypted"]),
        email_confirmed=row["people_email_confirmed_at"] is not None,
        registered_at=row["people_registered_at"],
        blocked_at=row["people_blocked_at"],
        links=tuple(linked),
    )


def _contact(cipher: PersonCipher, person_id: str, encrypted: bytes | None) -> Contact | None:
    if encrypted is None:
        return None
    stored = cipher.decrypt_json(f"people.contact.{person_id}", encrypted)
    return Contact(name=stored["name"], phone=Phone(stored["phone"]), email=Email(stored["email"]))


def authentication(row: Mapping[str, Any], cipher: PersonCipher) -> Authentication:
    """An authentication of a person with an account, from AUTHENTICATION_COLUMNS; raises FieldUnreadable."""
    authentication_id = row["authentications_id"]
    return Authentication(
        id=authentication_id,
        person_id=row["authentications_person_id"] or "",
        at=row["authentications_at"],
        method=row["authentications_method"],
        provider=row["authentications_provider"],
        acr=row["authentications_acr"],
        amr=row["authentications_amr"],
        txn=row["authentications_txn"],
        device_ip=cipher.decrypt_text(
            place_of_device_ip(authentication_id), row["authentications_device_ip_encrypted"]
        ),
        credential_valid_from=row["authentications_credential_valid_from"],
        credential_valid_to=row["authentications_credential_valid_to"],
    )


def place_of_device_ip(authentication_id: str) -> str:
    """Where an encrypted address lies."""
    return f"authentications.device_ip.{authentication_id}"


def linked_customer(row: Mapping[str, Any], cipher: FieldCipher) -> LinkedCustomer:
    """A linked customer from CUSTOMER_COLUMNS; raises FieldUnreadable."""
    return LinkedCustomer(
        customer_id=row["customers_id"],
        number=CustomerNumber(row["links_number"]),
        organisation_number=organisation_number(
            cipher, row["customers_id"], row["customers_organisation_number_encrypted"]
        ),
        name=row["customers_name"],
        city=row["customers_city"],
        role=Role(row["links_role"]),
        linked_at=row["links_linked_at"],
        fresh_until=row["links_fresh_until"],
        assurance=LinkAssurance(row["links_assurance"]),
    )


def organisation_number(cipher: FieldCipher, customer_id: str, encrypted: bytes) -> OrganisationNumber:
    """A customer's organisation number; raises FieldUnreadable."""
    return OrganisationNumber(cipher.decrypt_text(f"customers.organisation_number.{customer_id}", encrypted))
