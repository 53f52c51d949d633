import pytest

from idp_tests.provider import ANNA, Provider


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
