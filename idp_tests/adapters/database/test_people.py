"""Persons: recognised by BankID's number, registered once, found by support without their number."""

from dataclasses import replace

import pytest
from flask import Flask

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.evidence import DatabaseEvidence
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.tables import identities, people
from idp.core.ids import new_id
from idp.core.oidc.claims.claim_names import PERSONAL_NUMBER_CLAIM, USER_SIGNATURE_CLAIM
from idp_tests.adapters.database.seeds import (
    a_grant,
    add_authentication,
    add_customer,
    add_link,
    add_person,
    not_overtaken,
    race,
)
from idp_tests.adapters.database.test_accounts import ANNA, LATER, assertion, count_rows, register
from idp_tests.builders import a_bundle, an_assertion, an_identity, kept
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

PEOPLE = DatabasePeople(CIPHER, PEPPER)


def test_a_stranger_has_no_account_until_one_is_made() -> None:
    with unit_of_work():
        assert PEOPLE.find_by_identity(assertion().identity) is None
        made = PEOPLE.create("p" * 32, assertion(), NOW)
        assert PEOPLE.find_by_identity(assertion().identity) == made

    assert made.birthdate is not None
    assert made.birthdate.isoformat() == "1990-01-01"
    assert (made.contact, made.registered_at, made.links) == (None, None, ())


@pytest.mark.parametrize("number", ["191500882392", "191500602391", "191599991230"])
def test_whose_day_of_birth_nobody_knows_has_an_account_without_one(number: str) -> None:
    with unit_of_work():
        made = PEOPLE.create("p" * 32, assertion(number=number), NOW)
        assert PEOPLE.find(made.id) == made == PEOPLE.find_by_identity(an_identity(number))
    assert made.birthdate is None


def test_the_name_follows_bankid() -> None:
    with unit_of_work():
        before = PEOPLE.create("p" * 32, assertion(), NOW)
        after = PEOPLE.refresh(before.id, assertion("Anna Berg").profile)

    assert after == replace(before, name="Anna Berg", surname="Berg")


def test_a_person_has_the_identity_by_which_the_account_was_made() -> None:
    with unit_of_work():
        assert PEOPLE.identity_of(add_person(ANNA).id) == an_identity(ANNA)
        with pytest.raises(LookupError):
            PEOPLE.identity_of("nobody")


def test_of_fifty_first_logins_at_once_one_account_comes(database_app: Flask) -> None:
    outcomes = race(database_app, lambda: not_overtaken(lambda: PEOPLE.create(new_id(NOW), assertion(), NOW)))
    assert outcomes.count(True) == 1
    assert count_rows(people) == count_rows(identities) == 1


def test_an_address_is_confirmed_once_and_only_the_present_one() -> None:
    person = register()

    with unit_of_work():
        assert not PEOPLE.confirm_email(person.id, "old@bolaget.se", LATER)
        assert PEOPLE.confirm_email(person.id, "anna@bolaget.se", LATER)
        assert not PEOPLE.confirm_email(person.id, "anna@bolaget.se", LATER)
        grant = a_grant(person, add_authentication(person))
        DatabaseGrants(CIPHER).open(grant)
        live = DatabaseGrants(CIPHER).find_live(grant.id, LATER)
    assert live is not None
    assert live.person.email_confirmed


def test_a_grant_gives_number_and_evidence_only_when_they_are_asked_for() -> None:
    store = DatabaseGrants(CIPHER)
    with unit_of_work():
        person = add_person(ANNA)
        event = replace(add_authentication(person), id=new_id(NOW))
        PEOPLE.record_authentication(event, assertion())
        DatabaseEvidence(CIPHER).keep(kept(a_bundle(), event.id))
        wishes = {"userinfo": {PERSONAL_NUMBER_CLAIM: None}, "id_token": {USER_SIGNATURE_CLAIM: None}}
        modest, curious = a_grant(person, event), a_grant(person, event, claims=wishes)
        store.open(modest)
        store.open(curious)
        without = store.find_live_with_more(modest.id, LATER, evidence=False)
        with_all = store.find_live_with_more(curious.id, LATER, evidence=True)

    assert without is not None
    assert (without.identity, without.evidence, without.person.email_confirmed) == (None, None, False)
    assert with_all is not None
    assert with_all.identity == an_identity(ANNA)
    assert with_all.evidence == an_assertion().evidence


@pytest.mark.parametrize("text", ["ANNA@bolaget.se", "070-174 06 05", "123456"])
def test_support_finds_a_person_by_what_the_person_says(text: str) -> None:
    with unit_of_work():
        customer_id = add_customer()
        add_person("197001010018")
    registered = register()

    with unit_of_work():
        add_link(registered, customer_id)
        person = PEOPLE.find(registered.id)
        assert person is not None
        assert PEOPLE.search(text) == [person]
        assert PEOPLE.search(person.sub) == PEOPLE.search(person.id) == [person]
        assert PEOPLE.search(ANNA) == []


def test_a_person_is_blocked_once_and_opened_once() -> None:
    with unit_of_work():
        person = add_person(ANNA)
        assert PEOPLE.block(person.id, NOW, reason="support")
        assert not PEOPLE.block(person.id, NOW, reason="support")
        blocked = PEOPLE.find(person.id)
        assert PEOPLE.unblock(person.id)
        assert not PEOPLE.unblock(person.id)
        opened = PEOPLE.find(person.id)
    assert (blocked and blocked.blocked_at, opened and opened.blocked_at) == (NOW, None)
