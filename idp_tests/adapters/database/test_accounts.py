"""Accounts: made and completed once, with contact, link and notices together."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.tables import links, people
from idp.core.identification.assertion import Assertion
from idp.core.ids import new_id
from idp.core.messages import Message
from idp.core.overtaken import Overtaken
from idp.core.people.contact import Contact, Email, Phone
from idp.core.people.customer import LinkAssurance
from idp.core.people.person import Person, Profile
from idp.core.people.personal_number import birthdate_of
from idp.core.signin.interaction import PendingIdentity
from idp.core.signin.ports import Registration
from idp_tests.adapters.database.seeds import (
    add_customer,
    add_link,
    add_person,
    not_overtaken,
    race,
)
from idp_tests.builders import an_assertion, an_identity
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

PEOPLE = DatabasePeople(CIPHER, PEPPER)
LATER = NOW + timedelta(minutes=1)
ANNA = "199001010017"
CONTACT = Contact(name="Anna på jobbet", phone=Phone("+46701740605"), email=Email("Anna@Bolaget.se"))


def assertion(name: str = "Anna Andersson", number: str = ANNA) -> Assertion:
    given_name, _, surname = name.partition(" ")
    born = birthdate_of(number[:8])
    profile = Profile(name=name, given_name=given_name, surname=surname, birthdate=born)
    return an_assertion(identity=an_identity(number), profile=profile)


def registration(customer_id: str | None = None, **fields: object) -> Registration:
    account = Registration(
        person_id=new_id(NOW),
        newcomer=PendingIdentity(identity=assertion().identity, profile=assertion().profile),
        contact=CONTACT,
        customer_id=customer_id,
        customer_number="123456" if customer_id else None,
        assurance=LinkAssurance.LEGACY_KNOWLEDGE,
        authentication_id="none",
    )
    return replace(account, **fields)  # type: ignore[arg-type]


def register(customer_id: str | None = None, **fields: object) -> Person:
    with unit_of_work():
        account = registration(customer_id, **fields)
        PEOPLE.register(account, LATER)
        registered = PEOPLE.find(account.person_id)
    assert registered is not None
    return registered


def messages() -> list[Message]:
    with unit_of_work():
        return list(DatabaseOutbox(CIPHER).lease_due("w", LATER, LATER + timedelta(seconds=30), 50))


def count_rows(table: object = people) -> int:
    with unit_of_work():
        return connection().execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_registration_makes_person_contact_and_link_together() -> None:
    with unit_of_work():
        customer_id = add_customer()

    person = register(customer_id)

    assert person.contact == CONTACT
    assert person.registered_at == LATER
    [link] = person.links
    assert (link.customer_id, str(link.number), link.assurance) == (customer_id, "123456", "legacy_knowledge")
    assert link.linked_at == LATER


def test_registering_again_changes_nothing_and_writes_to_nobody() -> None:
    with unit_of_work():
        customer_id = add_customer()
    first = register(customer_id)
    sent = len(messages())

    again = register(customer_id, person_id=first.id, contact=replace(CONTACT, name="Somebody else"))

    assert again == first
    assert count_rows(people) == count_rows(links) == 1
    assert sent > 0
    assert messages() == []


def test_an_account_that_was_made_meanwhile_under_another_id_is_not_made_again() -> None:
    first = register()

    with unit_of_work(), pytest.raises(Overtaken):
        PEOPLE.register(registration(), LATER)

    assert count_rows(people) == 1
    assert first.contact == CONTACT


def test_of_fifty_registrations_at_once_one_account_and_one_link_come(database_app: Flask) -> None:
    with unit_of_work():
        customer_id = add_customer()

    outcomes = race(database_app, lambda: not_overtaken(lambda: PEOPLE.register(registration(customer_id), LATER)))

    assert outcomes.count(True) == 1
    assert count_rows(people) == count_rows(links) == 1
    assert [message.kind for message in messages()] == ["mail.confirm_email"]


def test_a_known_person_without_contact_details_is_completed() -> None:
    with unit_of_work():
        person = add_person(ANNA)

    registered = register(person_id=person.id)

    assert registered.id == person.id
    assert registered.contact == CONTACT


def test_the_contact_on_file_and_linked_colleagues_hear_of_a_new_user() -> None:
    with unit_of_work():
        customer_id = add_customer(contact_email="info@bolaget.se")
        add_link(add_person("197001010018", email="bo@bolaget.se"), customer_id)
        add_link(add_person("197001010026", email="away@bolaget.se"), customer_id, ended_at=NOW)
        add_link(add_person("197001010034", email="blocked@bolaget.se", blocked_at=NOW), customer_id)

    register(customer_id)

    sent = messages()
    notices = {message.payload["to"]: message.payload for message in sent if message.kind == "mail.new_user"}
    assert {to: notice["recipient"] for to, notice in notices.items()} == {
        "info@bolaget.se": "contact_on_file",
        "bo@bolaget.se": "linked_user",
    }
    assert notices["bo@bolaget.se"]["person_name"] == "Anna Andersson"
    assert notices["bo@bolaget.se"]["customer_name"] == "Bolaget AB"
    assert notices["bo@bolaget.se"]["customer_number"] == "123456"
    assert [message.payload["to"] for message in sent if message.kind == "mail.confirm_email"] == ["Anna@Bolaget.se"]
