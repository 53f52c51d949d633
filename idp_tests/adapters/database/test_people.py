"""Persons: recognised by BankID's number, registered once, found by support without their number."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.encryption import Pepper
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.people import EVIDENCE_KEPT, DatabasePeople
from idp.adapters.database.tables import authentications, evidence, links, outbox, people
from idp.core.identification.assertion import Assertion
from idp.core.messages import Message
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.claims.claim_names import PERSONAL_NUMBER_CLAIM, USER_SIGNATURE_CLAIM
from idp.core.oidc.tokens.grant import new_id
from idp.core.people.contact import Contact, Email, Phone
from idp.core.people.customer import LinkAssurance
from idp.core.people.person import Person
from idp.core.signin.overtaken import Overtaken
from idp.core.signin.ports import Registration
from idp_tests.adapters.database.seeds import (
    a_grant,
    add_authentication,
    add_customer,
    add_link,
    add_person,
    not_overtaken,
    race,
)
from idp_tests.builders import an_assertion
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

PEOPLE = DatabasePeople(CIPHER, PEPPER)
LATER = NOW + timedelta(minutes=1)
ANNA = "199001010017"
CONTACT = Contact(name="Anna på jobbet", phone=Phone("+46701740605"), email=Email("Anna@Bolaget.se"))


EVIDENCE = {"signature": "c2ln", "ocsp": "b2NzcA=="}


def _assertion(number: str = ANNA, name: str = "Anna Andersson") -> Assertion:
    given_name, _, surname = name.partition(" ")
    return an_assertion(personal_number=number, name=name, given_name=given_name, surname=surname)


def _registration(customer_id: str | None = None, **fields: object) -> Registration:
    registration = Registration(
        person_id=new_id(NOW),
        personal_number=ANNA,
        name="Anna Andersson",
        given_name="Anna",
        surname="Andersson",
        contact=CONTACT,
        customer_id=customer_id,
        customer_number="123456" if customer_id else None,
        assurance=LinkAssurance.LEGACY_KNOWLEDGE,
        authentication_id="none",
    )
    return replace(registration, **fields)  # type: ignore[arg-type]


def _register(customer_id: str | None = None, **fields: object) -> Person:
    with unit_of_work():
        registration = _registration(customer_id, **fields)
        PEOPLE.register(registration, LATER)
        registered = PEOPLE.find(registration.person_id)
    assert registered is not None
    return registered


def _messages() -> list[Message]:
    with unit_of_work():
        return list(DatabaseOutbox(CIPHER).lease_due("w", LATER, LATER + timedelta(seconds=30), 50))


def _count(table: object = people) -> int:
    with unit_of_work():
        return connection().execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_a_stranger_is_recognised_only_when_an_account_may_be_made() -> None:
    with unit_of_work():
        assert PEOPLE.recognise(_assertion(), NOW, create=False) is None
        made = PEOPLE.recognise(_assertion(), NOW, create=True)
        assert made is not None
        assert PEOPLE.recognise(_assertion(), NOW, create=False) == made

    assert made.birthdate is not None
    assert made.birthdate.isoformat() == "1990-01-01"
    assert (made.contact, made.registered_at, made.links) == (None, None, ())


@pytest.mark.parametrize("number", ["191500882392", "191500602391", "191599991230"])
def test_whose_day_of_birth_nobody_knows_has_an_account_without_one(number: str) -> None:
    with unit_of_work():
        made = PEOPLE.recognise(_assertion(number), NOW, create=True)
        assert made is not None
        assert PEOPLE.find(made.id) == made == PEOPLE.find_by_personal_number(number)
    assert made.birthdate is None


def test_the_name_follows_bankid() -> None:
    with unit_of_work():
        before = PEOPLE.recognise(_assertion(), NOW, create=True)
        after = PEOPLE.recognise(_assertion(name="Anna Berg"), NOW, create=False)

    assert before is not None
    assert after == replace(before, name="Anna Berg", surname="Berg")


def test_a_person_is_found_by_a_number_hashed_with_a_retired_pepper() -> None:
    with unit_of_work():
        person = add_person(ANNA)
        turned = DatabasePeople(CIPHER, Pepper({1: bytes(range(32, 64)), 2: bytes(32)}, active=2))

        found = turned.find_by_personal_number(ANNA)
        recognised = turned.recognise(_assertion(), NOW, create=True)

    assert found is not None
    assert recognised is not None
    assert found.id == recognised.id == person.id


def test_the_personal_number_is_given_to_who_asks_for_it() -> None:
    with unit_of_work():
        assert PEOPLE.personal_number(add_person(ANNA).id) == ANNA
        with pytest.raises(LookupError):
            PEOPLE.personal_number("nobody")


def test_registration_makes_person_contact_and_link_together() -> None:
    with unit_of_work():
        customer_id = add_customer()

    person = _register(customer_id)

    assert person.contact == CONTACT
    assert person.registered_at == LATER
    [link] = person.links
    assert (link.customer_id, str(link.number), link.assurance) == (customer_id, "123456", "legacy_knowledge")
    assert link.linked_at == LATER


def test_registering_again_changes_nothing_and_writes_to_nobody() -> None:
    with unit_of_work():
        customer_id = add_customer()
    first = _register(customer_id)
    sent = len(_messages())

    again = _register(customer_id, person_id=first.id, contact=replace(CONTACT, name="Somebody else"))

    assert again == first
    assert _count(people) == _count(links) == 1
    assert sent > 0
    assert _messages() == []


def test_an_account_that_was_made_meanwhile_under_another_id_is_not_made_again() -> None:
    first = _register()

    with unit_of_work(), pytest.raises(Overtaken):
        PEOPLE.register(_registration(), LATER)

    assert _count(people) == 1
    assert first.contact == CONTACT


def test_of_fifty_registrations_at_once_one_account_and_one_link_come(database_app: Flask) -> None:
    with unit_of_work():
        customer_id = add_customer()

    outcomes = race(database_app, lambda: not_overtaken(lambda: PEOPLE.register(_registration(customer_id), LATER)))

    assert outcomes.count(True) == 1
    assert _count(people) == _count(links) == 1
    assert [message.kind for message in _messages()] == ["mail.confirm_email"]


def test_a_known_person_without_contact_details_is_completed() -> None:
    with unit_of_work():
        person = add_person(ANNA)

    registered = _register(person_id=person.id)

    assert registered.id == person.id
    assert registered.contact == CONTACT


def test_registration_claims_the_authentication_and_keeps_its_evidence() -> None:
    event = Authentication(
        id=new_id(NOW), person_id="", at=NOW, acr="acr", amr=("swk",), txn="txn", device_ip="192.0.2.9"
    )
    with unit_of_work():
        PEOPLE.record_authentication(event, EVIDENCE, "order")
        kept = connection().execute(select(evidence.c.expires_at)).scalar_one()

    person = _register(authentication_id=event.id)

    with unit_of_work():
        assert connection().execute(select(authentications.c.person_id)).scalar_one() == person.id
        assert connection().execute(select(evidence.c.expires_at)).scalar_one() is None
    assert kept == NOW + EVIDENCE_KEPT


def test_the_contact_on_file_and_linked_colleagues_hear_of_a_new_user() -> None:
    with unit_of_work():
        customer_id = add_customer(contact_email="info@bolaget.se")
        add_link(add_person("197001010018", email="bo@bolaget.se"), customer_id)
        add_link(add_person("197001010026", email="away@bolaget.se"), customer_id, ended_at=NOW)
        add_link(add_person("197001010034", email="blocked@bolaget.se", blocked_at=NOW), customer_id)

    _register(customer_id)

    messages = _messages()
    notices = {message.payload["to"]: message.payload for message in messages if message.kind == "mail.new_user"}
    assert {to: notice["recipient"] for to, notice in notices.items()} == {
        "info@bolaget.se": "contact_on_file",
        "bo@bolaget.se": "linked_user",
    }
    assert notices["bo@bolaget.se"]["person_name"] == "Anna Andersson"
    assert notices["bo@bolaget.se"]["customer_name"] == "Bolaget AB"
    assert notices["bo@bolaget.se"]["customer_number"] == "123456"
    assert [message.payload["to"] for message in messages if message.kind == "mail.confirm_email"] == [
        "Anna@Bolaget.se"
    ]


def test_an_address_is_confirmed_once_and_only_the_present_one() -> None:
    person = _register()

    with unit_of_work():
        assert not PEOPLE.confirm_email(person.id, "old@bolaget.se", LATER)
        assert PEOPLE.confirm_email(person.id, "anna@bolaget.se", LATER)
        assert not PEOPLE.confirm_email(person.id, "anna@bolaget.se", LATER)
        grant = a_grant(person, add_authentication(person))
        DatabaseGrants(CIPHER).open(grant)
        live = DatabaseGrants(CIPHER).find_live(grant.id, LATER)
    assert live is not None
    assert live.email_confirmed


def test_a_grant_gives_number_and_evidence_only_when_they_are_asked_for() -> None:
    store = DatabaseGrants(CIPHER)
    with unit_of_work():
        person = add_person(ANNA)
        event = replace(add_authentication(person), id=new_id(NOW))
        PEOPLE.record_authentication(event, EVIDENCE, "order")
        wishes = {"userinfo": {PERSONAL_NUMBER_CLAIM: None}, "id_token": {USER_SIGNATURE_CLAIM: None}}
        modest, curious = a_grant(person, event), a_grant(person, event, claims=wishes)
        store.open(modest)
        store.open(curious)
        without = store.find_live_with_more(modest.id, LATER, evidence=False)
        with_all = store.find_live_with_more(curious.id, LATER, evidence=True)

    assert without is not None
    assert (without.personal_number, without.evidence, without.email_confirmed) == (None, None, False)
    assert with_all is not None
    assert with_all.personal_number == ANNA
    assert with_all.evidence is not None
    assert (with_all.evidence.signature, with_all.evidence.ocsp) == ("c2ln", "b2NzcA==")


@pytest.mark.parametrize("text", ["ANNA@bolaget.se", "070-174 06 05", "123456"])
def test_support_finds_a_person_by_what_the_person_says(text: str) -> None:
    with unit_of_work():
        customer_id = add_customer()
        add_person("197001010018")
    person = _register(customer_id)

    with unit_of_work():
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


def test_a_suspended_link_is_neither_seen_nor_made_anew() -> None:
    with unit_of_work():
        customer_id = add_customer()
    person = _register(customer_id)
    customers = DatabaseCustomers(CIPHER, PEPPER)
    with unit_of_work():
        assert not customers.is_shut_out(person.id, customer_id)
        connection().execute(update(links).values(suspended_at=LATER))
        assert customers.is_shut_out(person.id, customer_id)

    assert _register(customer_id, person_id=person.id).links == ()
    assert _count(links) == 1


def test_nothing_is_left_of_a_registration_that_crashed() -> None:
    with unit_of_work():
        customer_id = add_customer()

    def crash() -> None:
        with unit_of_work():
            PEOPLE.register(_registration(customer_id), LATER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()

    assert (_count(people), _count(links), _count(outbox)) == (0, 0, 0)
