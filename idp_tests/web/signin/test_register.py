import pytest
from sqlalchemy import select, update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import customer_numbers, customers, links
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA


def test_nobody_is_in_the_people_table_before_registering(provider: Provider) -> None:
    provider.browser().authorize().identify(ANNA).link()
    assert provider.scalar("SELECT count(*) FROM people") == 0


def test_a_malformed_phone_and_address_are_named_and_the_rest_stays(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link()
    browser.register(name="Anna af Klercker", phone="12", email="anna@")
    assert browser.status == 422
    assert "Anna af Klercker" in browser.page
    assert "Numret ser inte rätt ut" in browser.page
    assert "Adressen ser inte rätt ut" in browser.page


@pytest.mark.each_database
def test_pressing_create_twice_makes_one_account_and_the_same_next_page(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link()
    before = browser.page
    browser.register()
    assert browser.step == "again"
    browser.page = before
    browser.register()
    assert browser.step == "again"
    assert provider.scalar("SELECT count(*) FROM people") == 1


@pytest.mark.each_database
def test_a_number_that_moved_before_the_account_was_made_is_told_and_makes_none(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link()
    move_number(provider, "10012345")
    browser.register()
    assert browser.status == 409
    assert "Kundnumret hör inte till företaget längre" in browser.page
    assert f'id="go-on" href="{browser.base}"' in browser.page
    assert provider.scalar("SELECT count(*) FROM people") == 0
    assert browser.get(browser.base).step == "link"
    assert browser.link("10012346", "7569").step == "register"


@pytest.mark.each_database
def test_a_company_that_shut_the_person_out_meanwhile_is_not_opened_by_registering(provider: Provider) -> None:
    kept_open = provider.browser().authorize().identify(ANNA).link()
    provider.browser().first_login()
    with unit_of_work(provider.app):
        connection().execute(update(links).values(suspended_at=provider.clock()))
    assert kept_open.register().status == 403
    assert kept_open.get(kept_open.base).step == "link"


def move_number(provider: Provider, number: str) -> None:
    """What an import does that gives a number to another customer."""
    others = select(customers.c.id).where(
        customers.c.id.not_in(select(customer_numbers.c.customer_id).where(customer_numbers.c.number == number))
    )
    moved = update(customer_numbers).where(customer_numbers.c.number == number)
    with unit_of_work(provider.app):
        connection().execute(moved.values(customer_id=others.limit(1).scalar_subquery()))
