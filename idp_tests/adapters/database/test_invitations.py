"""Invitations: found by their secret, taken by one person, and only while who gave them is linked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.invitations import DatabaseInvitations
from idp.adapters.database.linking_tables import invitations
from idp.adapters.database.tables import links
from idp.core.ids import new_id
from idp.core.linking.invitation import FINISHED_WITHIN, LIVES, Invitation
from idp_tests.adapters.database.seeds import add_customer, add_link, add_person, race
from idp_tests.builders import an_identity
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

INVITATIONS = DatabaseInvitations(CIPHER, PEPPER)
ANNA, BO, CLARA = an_identity("199001010017"), an_identity("197001010018"), an_identity("197001010026")
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def given(database_context: Flask) -> Invitation:
    """By a person who is linked."""
    del database_context
    with unit_of_work():
        anna, customer_id = add_person("199001010017", email="anna@bolaget.se"), add_customer()
        add_link(anna, customer_id)
        invitation = Invitation(
            id=new_id(NOW),
            customer_id=customer_id,
            number="123456",
            customer_name="Bolaget AB",
            email="bo@example.se",
            inviter_id=anna.id,
            inviter_name="Anna Andersson",
            invited_at=NOW,
            expires_at=NOW + LIVES,
        )
        INVITATIONS.put(invitation, "secret")
    return invitation


def test_an_invitation_is_found_by_its_secret_until_it_is_over(given: Invitation) -> None:
    with unit_of_work():
        assert INVITATIONS.find("secret", LATER) == given
        assert INVITATIONS.find("other", LATER) is None
        assert INVITATIONS.find("secret", NOW + LIVES) is None
        assert not INVITATIONS.take(given.id, BO, NOW + LIVES)


def test_one_person_takes_it_and_may_finish_within_the_hour(given: Invitation) -> None:
    with unit_of_work():
        assert INVITATIONS.take(given.id, BO, LATER)
        assert INVITATIONS.find("secret", LATER) is None
        assert INVITATIONS.taken_by("secret", BO, LATER) == given
        assert INVITATIONS.taken_by("secret", CLARA, LATER) is None
        assert not INVITATIONS.take(given.id, CLARA, LATER)
        assert INVITATIONS.take(given.id, BO, LATER + FINISHED_WITHIN - timedelta(seconds=1))
        assert not INVITATIONS.take(given.id, BO, LATER + FINISHED_WITHIN)


def test_of_many_people_at_once_one_takes_it(given: Invitation, database_context: Flask) -> None:
    people = [an_identity(f"19700101{nth:04}") for nth in range(20)]
    outcomes = race(database_context, lambda: INVITATIONS.take(given.id, people.pop(), LATER), runners=20)
    assert outcomes.count(True) == 1


def test_who_gave_it_does_not_take_it(given: Invitation) -> None:
    with unit_of_work():
        assert not INVITATIONS.take(given.id, ANNA, LATER)


@pytest.mark.parametrize("column", ["ended_at", "suspended_at"])
def test_it_ends_with_the_link_of_who_gave_it_and_customer_services_does_not(given: Invitation, column: str) -> None:
    with unit_of_work():
        by_support = replace(given, id=new_id(LATER), inviter_id=None, inviter_name=None)
        INVITATIONS.put(by_support, "another")
        connection().execute(update(links).values({column: LATER}))
        assert INVITATIONS.find("secret", LATER) is None
        assert not INVITATIONS.take(given.id, BO, LATER)
        assert INVITATIONS.find("another", LATER) == by_support


def test_neither_the_secret_nor_the_address_stands_in_plain(given: Invitation) -> None:
    del given
    with unit_of_work():
        row = str(connection().execute(select(invitations)).one())
    assert "secret" not in row
    assert "bo@example.se" not in row
