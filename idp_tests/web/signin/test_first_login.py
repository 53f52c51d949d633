"""The leaflet without script, page by page, on both databases."""

from dataclasses import replace

import pytest

from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA


@pytest.mark.each_database
def test_the_leaflet_leads_from_log_in_to_the_relying_party(provider: Provider) -> None:
    browser = provider.browser().authorize()
    assert browser.step == "bankid"
    assert "Logga in på MinaSidor" in browser.page
    browser.identify(ANNA)
    assert browser.step == "link"
    assert "Logga in med era gamla inloggningsuppgifter" in browser.page
    browser.link("10012345", "0680")
    assert browser.step == "register"
    assert "Exempelbolaget AB" in browser.page
    browser.register()
    assert browser.step == "again"
    assert "Logga in igen med ditt BankID" in browser.page
    provider.clock.advance(seconds=5)
    browser.identify(ANNA)
    assert browser.answer.keys() == {"code", "state", "iss"}
    assert browser.answer["state"] == "a state"
    assert browser.answer["iss"] == "https://id.example"


def test_the_leaflet_works_for_whose_month_of_birth_nobody_knows(provider: Provider) -> None:
    """191500882392 is of Skatteverket's test data; its number is an identity and no date."""
    user = replace(ANNA, personal_number="191500882392")
    assert "code" in provider.browser().first_login(user=user, scope="openid profile").answer
    assert "code" in provider.browser().authorize().identify(user).answer


@pytest.mark.each_database
def test_the_second_time_bankid_alone_is_enough(provider: Provider) -> None:
    provider.browser().first_login()
    browser = provider.browser().authorize().identify(ANNA)
    assert "code" in browser.answer


def test_the_other_relying_party_asks_nothing(provider: Provider) -> None:
    browser = provider.browser().first_login()
    browser.authorize("mittprezero")
    assert browser.step == "return_to_app"
    assert "https://app.example/cb?code=" in browser.page


def test_a_session_answers_at_once(provider: Provider) -> None:
    browser = provider.browser().first_login()
    browser.authorize()
    assert "code" in browser.answer
