import re

import pytest

from idp.adapters.database.engine import unit_of_work
from idp.core.linking.ports import Linked
from idp.core.people.customer import LinkAssurance
from idp_tests.browser import Browser
from idp_tests.provider import Provider

FIRST, SECOND = "Exempelbolaget AB", "Andra bolaget AB"


@pytest.fixture
def choosing(provider: Provider) -> Browser:
    """A person of two companies at the page that asks which."""
    provider.browser().first_login()
    link(provider, "10012346")
    return provider.browser().authorize(scope="openid customer").identify()


def link(provider: Provider, number: str) -> None:
    person_id = str(provider.scalar("SELECT id FROM people"))
    customer_id = str(provider.scalar(f"SELECT customer_id FROM customer_numbers WHERE number = '{number}'"))
    with unit_of_work(provider.app):
        outcome = provider.parts.store.links.link(
            person_id,
            customer_id,
            number,
            LinkAssurance.LEGACY_KNOWLEDGE,
            provider.clock(),
            fresh_until=provider.clock(),
        )
    assert outcome == Linked()


def option(browser: Browser, name: str) -> str:
    """The value of the company's button."""
    before = browser.page.partition(f">{name}<")[0]
    return str(re.findall(r'name="customer" id="[^"]+" value="([^"]+)"', before)[-1])


def customer_number(browser: Browser) -> str:
    token = browser.redeem().get_json()["access_token"]
    told = browser.client.get("/userinfo", headers={"Authorization": f"Bearer {token}"}, base_url="https://id.example")
    return str(told.get_json()["customer_number"])


def test_both_companies_stand_there_with_what_tells_them_apart(choosing: Browser) -> None:
    assert choosing.step == "choose"
    for shown in (FIRST, SECOND, "556016-0680", "556074-7569", "10012345", "10012346"):
        assert shown in choosing.page


def test_the_chosen_company_is_the_one_that_the_client_hears_of(choosing: Browser) -> None:
    choosing.submit("/choose", customer=option(choosing, SECOND))
    assert customer_number(choosing) == "10012346"


def test_no_choice_is_told_beside_the_companies(choosing: Browser) -> None:
    choosing.submit("/choose")
    assert choosing.status == 422
    assert "Välj ett företag." in choosing.page


def test_a_company_of_others_cannot_be_chosen(choosing: Browser, provider: Provider) -> None:
    foreign = str(provider.scalar("SELECT customer_id FROM customer_numbers WHERE number = '10012347'"))
    choosing.submit("/choose", customer=foreign)
    assert choosing.status == 422
    assert provider.scalar("SELECT count(*) FROM interactions WHERE chosen_customer_id IS NOT NULL") == 0


@pytest.mark.each_database
def test_a_choice_is_asked_for_each_time_unless_it_shall_be_remembered(choosing: Browser) -> None:
    choosing.submit("/choose", customer=option(choosing, SECOND))
    assert choosing.get("/").authorize(scope="openid customer").step == "choose"
    choosing.submit("/choose", customer=option(choosing, SECOND), remember="1")
    assert "code" in choosing.answer
    choosing.get("/").authorize(scope="openid customer")
    assert customer_number(choosing) == "10012346"


def test_a_remembered_choice_is_asked_for_again_on_select_account(choosing: Browser) -> None:
    choosing.submit("/choose", customer=option(choosing, SECOND), remember="1")
    choosing.get("/").authorize(scope="openid customer", prompt="select_account")
    assert choosing.step == "choose"
    choosing.submit("/choose", customer=option(choosing, FIRST))
    assert customer_number(choosing) == "10012345"


def test_silence_is_refused_while_the_company_is_open(choosing: Browser) -> None:
    choosing.get("/").authorize(scope="openid customer", prompt="none")
    assert choosing.answer["error"] == "account_selection_required"


def test_a_company_that_left_since_it_was_chosen_is_not_answered(choosing: Browser, provider: Provider) -> None:
    chosen = option(choosing, SECOND)
    choosing.submit("/choose", customer=chosen, remember="1")
    person_id = str(provider.scalar("SELECT id FROM people"))
    with unit_of_work(provider.app):
        assert provider.parts.store.links.end(person_id, "10012346", provider.clock(), reason="moved") == chosen
    choosing.get("/").authorize(scope="openid customer")
    assert customer_number(choosing) == "10012345"
