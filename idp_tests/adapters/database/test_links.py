"""Links: one stands per person and customer; it ends, or is suspended and stays in the way."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.links import DatabaseLinks
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.tables import customer_numbers, links
from idp.core.people.customer import LinkAssurance, LinkedCustomer
from idp_tests.adapters.database.seeds import add_customer, add_person, race
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

LINKS = DatabaseLinks(CIPHER)
LATER = NOW + timedelta(minutes=1)
NUMBER = "123456"


@pytest.fixture
def linked(database_context: Flask) -> tuple[str, str]:
    """A person's id and the id of the customer that the person is linked to."""
    with unit_of_work():
        person_id, customer_id = add_person().id, add_customer()
        assert LINKS.link(person_id, customer_id, NUMBER, LinkAssurance.SIGNATORY, NOW)
    return person_id, customer_id


def _again(person_id: str, customer_id: str) -> bool:
    return LINKS.link(person_id, customer_id, NUMBER, LinkAssurance.LEGACY_KNOWLEDGE, LATER)


def _seen(person_id: str) -> tuple[LinkedCustomer, ...]:
    person = DatabasePeople(CIPHER, PEPPER).find(person_id)
    assert person is not None
    return person.links


def test_a_link_is_made_once_and_keeps_what_proved_it(linked: tuple[str, str]) -> None:
    with unit_of_work():
        assert not _again(*linked)
        [link] = _seen(linked[0])
    assert (str(link.number), link.assurance, link.linked_at) == (NUMBER, LinkAssurance.SIGNATORY, NOW)


def test_of_fifty_links_at_once_one_is_made(database_app: Flask) -> None:
    with unit_of_work():
        person_id, customer_id = add_person().id, add_customer()

    outcomes = race(database_app, lambda: _again(person_id, customer_id))

    assert outcomes.count(True) == 1


def test_no_link_is_made_by_a_number_that_has_moved_since_it_was_proved() -> None:
    with unit_of_work():
        person_id, customer_id = add_person().id, add_customer()
        other = add_customer(number="222222", organisation_number="5590000000")
        moved = update(customer_numbers).where(customer_numbers.c.number == NUMBER).values(customer_id=other)
        connection().execute(moved)

        assert not _again(person_id, customer_id)
        assert connection().execute(select(func.count()).select_from(links)).scalar_one() == 0


def test_an_ended_link_gives_nothing_and_may_be_made_again(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        assert LINKS.end(person_id, "another", LATER, reason="support") is None
        assert LINKS.end(person_id, NUMBER, LATER, reason="support") == customer_id
        assert LINKS.end(person_id, NUMBER, LATER, reason="support") is None
        assert _seen(person_id) == ()
        assert _again(person_id, customer_id)
        assert len(_seen(person_id)) == 1


def test_a_person_who_is_kept_out_has_nothing_and_cannot_link_again(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        assert not LINKS.is_shut_out(person_id, customer_id)
        assert not LINKS.is_kept_out(person_id, NUMBER)
        assert not LINKS.is_shut_out(person_id, customer_id)
        assert LINKS.keep_out(person_id, NUMBER, LATER) == customer_id
        assert LINKS.keep_out(person_id, NUMBER, LATER) is None
        assert LINKS.is_shut_out(person_id, customer_id)
        assert LINKS.is_kept_out(person_id, NUMBER)
        assert LINKS.is_shut_out(person_id, customer_id)
        assert not LINKS.is_shut_out(person_id, "another")
        assert not _again(person_id, customer_id)
        assert _seen(person_id) == ()


def test_a_plain_end_lets_the_person_in_again(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        LINKS.keep_out(person_id, NUMBER, LATER)
        assert LINKS.end(person_id, NUMBER, LATER, reason="support") == customer_id
        assert not LINKS.is_shut_out(person_id, customer_id)
        assert _again(person_id, customer_id)
        assert connection().execute(select(func.count()).select_from(links)).scalar_one() == 2
