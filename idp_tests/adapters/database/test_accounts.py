"""Accounts: made and completed once, with contact, link and notices together."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.tables import people
from idp.core.accounts.ports import NewAccount
from idp.core.identification.assertion import Assertion
from idp.core.ids import new_id
from idp.core.overtaken import Overtaken
from idp.core.people.contact import Contact, Email, Phone
from idp.core.people.person import PendingIdentity, Person, Profile
from idp.core.people.personal_number import birthdate_of
from idp_tests.adapters.database.seeds import (
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


def registration(**fields: object) -> NewAccount:
    account = NewAccount(
        person_id=new_id(NOW),
        newcomer=PendingIdentity(identity=assertion().identity, profile=assertion().profile),
        contact=CONTACT,
        authentication_id="none",
    )
    return replace(account, **fields)  # type: ignore[arg-type]


def register(**fields: object) -> Person:
    with unit_of_work():
        account = registration(**fields)
        PEOPLE.register(account, LATER)
        registered = PEOPLE.find(account.person_id)
    assert registered is not None
    return registered


def count_rows(table: object = people) -> int:
    with unit_of_work():
        return connection().execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_registration_makes_person_and_contact_together() -> None:
    person = register()
    assert person.contact == CONTACT
    assert person.registered_at == LATER


def test_registering_again_changes_nothing() -> None:
    first = register()

    with unit_of_work():
        other = registration(person_id=first.id, contact=replace(CONTACT, name="Somebody else"))
        assert PEOPLE.register(other, LATER) is False
        again = PEOPLE.find(first.id)

    assert again == first
    assert count_rows(people) == 1


def test_an_account_that_was_made_meanwhile_under_another_id_is_not_made_again() -> None:
    first = register()

    with unit_of_work(), pytest.raises(Overtaken):
        PEOPLE.register(registration(), LATER)

    assert count_rows(people) == 1
    assert first.contact == CONTACT


def test_of_fifty_registrations_at_once_one_account_comes(database_app: Flask) -> None:
    outcomes = race(database_app, lambda: not_overtaken(lambda: PEOPLE.register(registration(), LATER)))

    assert outcomes.count(True) == 1
    assert count_rows(people) == 1


def test_a_known_person_without_contact_details_is_completed() -> None:
    with unit_of_work():
        person = add_person(ANNA)

    registered = register(person_id=person.id)

    assert registered.id == person.id
    assert registered.contact == CONTACT
