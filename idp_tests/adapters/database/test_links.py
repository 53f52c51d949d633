"""Links: one stands per person and customer; it ends, or is suspended and stays in the way."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.links import DatabaseLinks
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.tables import customer_numbers, links
from idp.core.customer_register.facts import NumberState
from idp.core.linking.ports import AlreadyLinked, Concerned, Linked, NumberMoved, ShutOut
from idp.core.people.customer import LinkAssurance, LinkedCustomer
from idp_tests.adapters.database.seeds import add_customer, add_link, add_person, race
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
        assert isinstance(_link(person_id, customer_id, at=NOW), Linked)
    return person_id, customer_id


def _link(person_id: str, customer_id: str, *, at: datetime = LATER) -> Linked | AlreadyLinked | ShutOut | NumberMoved:
    return LINKS.link(person_id, customer_id, NUMBER, LinkAssurance.LEGACY_KNOWLEDGE, at, fresh_until=at)


def _seen(person_id: str) -> tuple[LinkedCustomer, ...]:
    person = DatabasePeople(CIPHER, PEPPER).find(person_id)
    assert person is not None
    return person.links


def test_a_link_is_made_once_and_keeps_what_proved_it(linked: tuple[str, str]) -> None:
    with unit_of_work():
        assert _link(*linked) == AlreadyLinked()
        [link] = _seen(linked[0])
    assert (str(link.number), link.assurance, link.linked_at) == (NUMBER, LinkAssurance.LEGACY_KNOWLEDGE, NOW)


def test_a_link_by_another_number_of_the_same_customer_is_there_already(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        second = {"number": "654321", "customer_id": customer_id, "last_four_hash": b"", "state": "active"}
        connection().execute(insert(customer_numbers), second)
        outcome = LINKS.link(person_id, customer_id, "654321", LinkAssurance.LEGACY_KNOWLEDGE, LATER, fresh_until=LATER)
        [link] = _seen(person_id)
    assert outcome == AlreadyLinked()
    assert str(link.number) == NUMBER


def test_of_fifty_links_at_once_one_is_made(database_app: Flask) -> None:
    with unit_of_work():
        person_id, customer_id = add_person().id, add_customer()

    outcomes = race(database_app, lambda: _link(person_id, customer_id))

    assert outcomes.count(Linked()) == 1
    assert outcomes.count(AlreadyLinked()) == len(outcomes) - 1


def test_no_link_is_made_by_a_number_that_has_moved_since_it_was_proved() -> None:
    with unit_of_work():
        person_id, customer_id = add_person().id, add_customer()
        other = add_customer(number="222222", organisation_number="5590000000")
        moved = update(customer_numbers).where(customer_numbers.c.number == NUMBER).values(customer_id=other)
        connection().execute(moved)

        assert _link(person_id, customer_id) == NumberMoved()
        assert connection().execute(select(func.count()).select_from(links)).scalar_one() == 0


def test_an_ended_link_gives_nothing_and_may_be_made_again(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        assert LINKS.end(person_id, "another", LATER, reason="support") is None
        assert LINKS.end(person_id, NUMBER, LATER, reason="support") == customer_id
        assert LINKS.end(person_id, NUMBER, LATER, reason="support") is None
        assert _seen(person_id) == ()
        assert _link(person_id, customer_id) == Linked()
        assert len(_seen(person_id)) == 1


def test_a_person_who_is_kept_out_has_nothing_and_cannot_link_again(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        assert not LINKS.is_kept_out(person_id, NUMBER)
        assert LINKS.keep_out(person_id, NUMBER, LATER) == customer_id
        assert LINKS.keep_out(person_id, NUMBER, LATER) is None
        assert LINKS.is_kept_out(person_id, NUMBER)
        assert _link(person_id, customer_id) == ShutOut()
        assert _seen(person_id) == ()


def test_a_plain_end_lets_the_person_in_again(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        LINKS.keep_out(person_id, NUMBER, LATER)
        assert LINKS.end(person_id, NUMBER, LATER, reason="support") == customer_id
        assert _link(person_id, customer_id) == Linked()
        assert connection().execute(select(func.count()).select_from(links)).scalar_one() == 2


def test_a_new_link_concerns_the_contact_on_file_and_colleagues_whose_links_and_accounts_count() -> None:
    with unit_of_work():
        customer_id = add_customer(contact_email="info@bolaget.se")
        bo = add_person("197001010018", email="bo@bolaget.se")
        add_link(bo, customer_id)
        add_link(add_person("197001010026", email="away@bolaget.se"), customer_id, ended_at=NOW)
        add_link(add_person("197001010034", email="blocked@bolaget.se", blocked_at=NOW), customer_id)
        anna = add_person(email="Anna@Bolaget.se")
        _link(anna.id, customer_id)
        assert LINKS.concerned(anna.id, customer_id) == Concerned(
            customer_name="Bolaget AB",
            person_name="Anna Andersson",
            contact_on_file="info@bolaget.se",
            colleagues={bo.id: "bo@bolaget.se"},
        )


def test_a_new_link_to_a_customer_without_contact_and_colleagues_concerns_nobody(linked: tuple[str, str]) -> None:
    with unit_of_work():
        concerned = LINKS.concerned(*linked)
    assert (concerned.contact_on_file, concerned.colleagues) == (None, {})


@pytest.mark.parametrize(("state", "outcome"), [(NumberState.MISSING, NumberMoved()), (NumberState.CLOSED, Linked())])
def test_a_number_that_the_register_lacks_opens_nothing_but_a_closed_one_does(
    state: NumberState, outcome: object
) -> None:
    with unit_of_work():
        person_id, customer_id = add_person().id, add_customer()
        connection().execute(update(customer_numbers).values(state=state.value))
        assert _link(person_id, customer_id) == outcome


def test_no_link_is_made_to_a_customer_that_closed() -> None:
    with unit_of_work():
        assert _link(add_person().id, add_customer(active=False)) == NumberMoved()


def test_who_proves_a_company_with_users_is_a_second_person() -> None:
    with unit_of_work():
        customer_id, anna = add_customer(), add_person(email="anna@bolaget.se")
        assert not LINKS.is_second(None, customer_id)
        add_link(anna, customer_id)
        assert LINKS.is_second(None, customer_id)
        assert LINKS.is_second(add_person("199001020016").id, customer_id)
        assert not LINKS.is_second(anna.id, customer_id)


@pytest.mark.parametrize("columns", [{"ended_at": LATER}, {"suspended_at": LATER}])
def test_links_that_do_not_count_make_nobody_a_second_person(columns: dict[str, datetime]) -> None:
    with unit_of_work():
        customer_id = add_customer()
        add_link(add_person(email="anna@bolaget.se"), customer_id, **columns)
        assert not LINKS.is_second(None, customer_id)


def test_a_person_who_is_kept_out_is_no_second_person_but_shut_out() -> None:
    with unit_of_work():
        customer_id, bo = add_customer(), add_person("199001020016")
        add_link(add_person(email="anna@bolaget.se"), customer_id)
        add_link(bo, customer_id, suspended_at=NOW)
        assert not LINKS.is_second(bo.id, customer_id)
        assert _link(bo.id, customer_id) == ShutOut()


def test_of_many_who_prove_a_company_at_once_one_is_its_first(database_context: Flask) -> None:
    with unit_of_work():
        customer_id = add_customer()
        waiting = [add_person(f"person {nth}", email=f"{nth}@bolaget.se").id for nth in range(20)]

    def attempt() -> object:
        person_id = waiting.pop()
        return "second" if LINKS.is_second(person_id, customer_id) else _link(person_id, customer_id)

    outcomes = race(database_context, attempt, runners=20)
    assert outcomes.count(Linked()) == 1
    assert outcomes.count("second") == 19


def test_a_person_leaves_an_active_link_and_may_make_it_again(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        assert LINKS.leave(person_id, customer_id, LATER, made_since=None) == NUMBER
        assert LINKS.leave(person_id, customer_id, LATER, made_since=None) is None
        assert _seen(person_id) == ()
        assert _link(person_id, customer_id) == Linked()


def test_a_link_that_is_older_or_suspended_is_not_left(linked: tuple[str, str]) -> None:
    person_id, customer_id = linked
    with unit_of_work():
        assert LINKS.leave(person_id, customer_id, LATER, made_since=LATER) is None
        LINKS.keep_out(person_id, NUMBER, LATER)
        assert LINKS.leave(person_id, customer_id, LATER, made_since=None) is None
        assert _link(person_id, customer_id) == ShutOut()
