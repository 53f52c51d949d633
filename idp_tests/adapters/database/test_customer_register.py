"""The stored register: what a plan says is what happens, and links by a number that moved end with it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from idp.adapters.database.customer_register import DatabaseRegister
from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.links import DatabaseLinks
from idp.adapters.database.tables import customer_numbers, customers, links
from idp.core.customer_register.facts import NumberState, RegisteredCustomer
from idp.core.customer_register.line import RegisterLine
from idp.core.customer_register.plan import Change, ImportOptions, plan
from idp.core.customer_register.ports import EndedLink
from idp.core.people.customer import CustomerNumber, LinkAssurance
from idp_tests.adapters.database.seeds import add_link, add_person, race
from idp_tests.core.customer_register.test_plan import files, options
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.databases import CIPHER, NOW, PEPPER, a_pepper

pytestmark = pytest.mark.usefixtures("database_context")

REGISTER = DatabaseRegister(CIPHER, PEPPER)
LATER = NOW + timedelta(days=1)
BOLAGET = a_registered_customer(
    "123456", states={"00999": NumberState.CLOSED}, email="info@bolaget.se", phone="070-174 06 05"
)
OTHER = a_registered_customer("7777", organisation_number="556036-0793", name="Andra AB", city=None)


def _fill(*companies: RegisteredCustomer) -> None:
    with unit_of_work():
        fill_register(REGISTER, companies, NOW)


def _stored() -> dict[str, RegisteredCustomer]:
    with unit_of_work():
        return {customer.organisation_number.digits: customer for customer in REGISTER.read().customers}


def _by_organisation(companies: Iterable[RegisteredCustomer]) -> dict[str, RegisteredCustomer]:
    return {customer.organisation_number.digits: customer for customer in companies}


def test_a_register_is_read_back_as_it_was_written() -> None:
    _fill(BOLAGET, OTHER)

    assert _stored() == _by_organisation([BOLAGET, OTHER])


def test_changing_a_customer_makes_no_second_one() -> None:
    _fill(BOLAGET, OTHER)
    changed = a_registered_customer("123456", states={"00999": NumberState.MISSING}, name="Nya bolaget AB", city=None)

    _fill(changed)

    assert _stored() == _by_organisation([changed, OTHER])
    with unit_of_work():
        assert connection().execute(select(func.count()).select_from(customers)).scalar_one() == 2


def test_a_customer_whose_number_was_hashed_with_a_retired_pepper_is_the_same_customer() -> None:
    _fill(BOLAGET)
    turned = a_pepper({1: bytes(range(32, 64)), 2: bytes(32)})
    with unit_of_work():
        fill_register(DatabaseRegister(CIPHER, turned), [a_registered_customer("123456", name="Nya bolaget AB")], LATER)

    (customer,) = _stored().values()
    assert customer.facts.name == "Nya bolaget AB"


def test_a_large_register_is_saved_in_chunks() -> None:
    _fill(a_registered_customer(*(str(number) for number in range(10_000, 11_203))))

    with unit_of_work():
        assert connection().execute(select(func.count()).select_from(customer_numbers)).scalar_one() == 1203


def test_a_number_without_an_active_one_beside_it_closes_its_customer() -> None:
    _fill(BOLAGET)
    _fill(a_registered_customer(states={"123456": NumberState.CLOSED, "00999": NumberState.CLOSED}))

    with unit_of_work():
        assert DatabaseCustomers(CIPHER, PEPPER).count() == 0


def test_nothing_is_written_when_somebody_was_faster() -> None:
    _fill(BOLAGET)
    with unit_of_work():
        version = REGISTER.read().version
    with unit_of_work():
        fill_register(REGISTER, [OTHER], LATER)
    with unit_of_work():
        assert not REGISTER.save([Change(BOLAGET, a_registered_customer("123456"))], version, LATER)

    assert _stored() == _by_organisation([BOLAGET, OTHER])


def test_of_ten_imports_of_one_plan_at_once_one_is_carried_out(database_app: Flask) -> None:
    _fill(BOLAGET)
    with unit_of_work():
        version = REGISTER.read().version

    outcomes = race(database_app, lambda: REGISTER.save([Change(None, OTHER)], version, LATER), runners=10)

    assert outcomes.count(True) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(files, files, options)
def test_what_the_plan_says_is_what_happens(
    earlier: list[RegisterLine], file: list[RegisterLine], how: ImportOptions
) -> None:
    with unit_of_work():
        for table in (customer_numbers, customers):
            connection().execute(table.delete())
    for moment, lines, chosen in ((NOW, earlier, ImportOptions()), (LATER, file, how)):
        with unit_of_work():
            snapshot = REGISTER.read()
            made = plan(lines, snapshot.customers, chosen)
            assert REGISTER.save(made.changes, snapshot.version, moment)
        expected = _by_organisation(snapshot.customers) | _by_organisation(each.after for each in made.changes)
        assert _stored() == expected


# --- links by a number that moved


def _customer_ids() -> dict[str, str]:
    with unit_of_work():
        return {
            row.number: row.customer_id
            for row in connection().execute(select(customer_numbers.c.number, customer_numbers.c.customer_id))
        }


def _move() -> Sequence[EndedLink]:
    """Give the number to the other company, in the present unit of work; the links that end by that."""
    snapshot = REGISTER.read()
    number = CustomerNumber("123456")
    line = RegisterLine(line=2, numbers=(number,), organisation_number=OTHER.organisation_number, facts=OTHER.facts)
    made = plan([line], snapshot.customers, ImportOptions(allow_moved=True))
    assert REGISTER.save(made.changes, snapshot.version, LATER)
    return DatabaseLinks(CIPHER).end_moved(LATER)


def _moved() -> list[tuple[str, str]]:
    with unit_of_work():
        return [(link.person_id, link.number.value) for link in _move()]


def test_a_link_by_a_number_that_moved_ends_and_those_by_other_numbers_stay() -> None:
    _fill(BOLAGET, OTHER)
    ids = _customer_ids()
    with unit_of_work():
        anna, bo, cia = add_person(), add_person("191212121212"), add_person("198507099805")
        add_link(anna, ids["123456"], number="123456")
        add_link(bo, ids["00999"], number="00999")
        add_link(cia, ids["7777"], number="7777")

    assert _moved() == [(anna.id, "123456")]
    with unit_of_work():
        standing = select(links.c.person_id).where(links.c.ended_at.is_(None))
        assert set(connection().execute(standing).scalars()) == {bo.id, cia.id}
        (reason,) = connection().execute(select(links.c.end_reason).where(links.c.ended_at == LATER)).scalars()
    assert reason == "number_moved"


def test_who_is_kept_out_stays_kept_out() -> None:
    _fill(BOLAGET, OTHER)
    with unit_of_work():
        add_link(add_person(), _customer_ids()["123456"], number="123456", suspended_at=NOW)

    assert _moved() == []


def test_the_people_of_a_number_are_known_before_it_moves() -> None:
    _fill(BOLAGET, OTHER)
    with unit_of_work():
        anna, bo = add_person(), add_person("191212121212")
        add_link(anna, _customer_ids()["123456"], number="123456")
        add_link(bo, _customer_ids()["123456"], number="123456", ended_at=NOW)
        linked = DatabaseLinks(CIPHER).people_linked_by([CustomerNumber("123456"), CustomerNumber("7777")])

    assert linked == {CustomerNumber("123456"): [anna.id]}


def test_an_ended_link_says_whom_it_concerns() -> None:
    _fill(BOLAGET, OTHER)
    with unit_of_work():
        for number, email in (
            ("199001010017", "anna@example.se"),
            ("191212121212", "bo@example.se"),
            ("198507099805", None),
        ):
            add_link(add_person(number, email=email), _customer_ids()["123456"], number="123456")
    with unit_of_work():
        ended = _move()

    assert {link.persons_address for link in ended} == {"anna@example.se", "bo@example.se", None}
    assert {(link.customer_name, link.number.value, link.contact_on_file) for link in ended} == {
        ("Exempelbolaget AB", "123456", "info@bolaget.se")
    }


def test_a_link_made_while_a_number_moves_ends_or_is_not_made(database_app: Flask) -> None:
    _fill(BOLAGET, OTHER)
    ids = _customer_ids()
    with unit_of_work():
        people = [add_person(str(199001010000 + at)) for at in range(12)]

    moving = iter([True])
    waiting = iter(people)

    def move_or_link() -> None:
        if next(moving, False):
            _move()
        else:
            person = next(waiting)
            DatabaseLinks(CIPHER).link(
                person.id, ids["123456"], "123456", LinkAssurance.LEGACY_KNOWLEDGE, NOW, fresh_until=NOW
            )

    race(database_app, move_or_link, runners=12)
    with unit_of_work():
        standing = select(links.c.person_id).where(links.c.ended_at.is_(None), links.c.customer_id == ids["123456"])
        assert list(connection().execute(standing).scalars()) == []
