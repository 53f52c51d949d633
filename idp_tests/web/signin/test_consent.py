import json
import re
from contextlib import contextmanager
from typing import Any

import pytest

from idp_tests.browser import Browser
from idp_tests.provider import Provider, run_provider
from idp_tests.relying_party import RelyingParty, basic, change
from idp_tests.web.signin.test_choose_customer import link

USER_SIGNATURE = "https://id.oidc.se/claim/userSignature"


@pytest.fixture
def asked(provider: Provider) -> Browser:
    """A person at the page of a third party that wants the name and the telephone number."""
    return provider.browser().authorize("partner", scope="openid profile phone").identify()


def test_the_page_says_what_is_asked_in_a_persons_words(asked: Browser) -> None:
    assert asked.step == "consent"
    assert "Får Partnern använda dina uppgifter?" in asked.page
    for word in ("Att det är du", "Namn", "Födelsedatum", "Uppgifterna lämnas till partner.example."):
        assert word in asked.page
    for word in ("E-postadress", "Telefonnummer"):
        assert word not in asked.page


def test_the_page_says_which_address_and_that_it_goes_only_once_it_is_confirmed(provider: Provider) -> None:
    browser = provider.browser().first_login().authorize("partner", scope="openid email")
    assert "E-postadress, när du har bekräftat den: anna@example.se" in browser.identify().page
    assert told(browser.submit("/consent", answer="allow")).keys() == {"sub"}


@pytest.mark.each_database
def test_allow_is_remembered_and_a_wider_wish_is_asked_about_again(asked: Browser) -> None:
    assert "code" in asked.submit("/consent", answer="allow").answer
    assert "code" in asked.get("/").authorize("partner", scope="openid phone").answer
    assert asked.get("/").authorize("partner", scope="openid phone email").step == "consent"


def test_dont_allow_ends_the_login_and_remembers_nothing(asked: Browser, provider: Provider) -> None:
    assert asked.submit("/consent", answer="deny").answer["error"] == "access_denied"
    assert provider.scalar("SELECT count(*) FROM consents") == 0
    assert provider.scalar("SELECT count(*) FROM grants") == 0


def test_an_answer_that_is_neither_shows_the_page_again(asked: Browser, provider: Provider) -> None:
    assert asked.submit("/consent", answer="perhaps").status == 200
    assert "Tillåt inte" in asked.page
    assert provider.scalar("SELECT count(*) FROM consents") == 0


def test_the_page_is_not_there_before_its_turn(provider: Provider) -> None:
    browser = provider.browser().authorize("partner", scope="openid profile")
    assert browser.get(f"{browser.base}/consent").step == "bankid"


def test_no_page_is_shown_to_who_wants_none(asked: Browser) -> None:
    asked.get("/").authorize("partner", scope="openid profile phone", prompt="none")
    assert asked.answer["error"] == "consent_required"


def test_the_signature_is_asked_about_together_with_the_personal_number_that_it_holds(provider: Provider) -> None:
    file = provider.directory / "clients" / "partner.toml"
    file.write_text("evidence_claims_allowed = true\n" + file.read_text())
    with contextmanager(run_provider)(provider.directory) as again:
        browser = again.browser().authorize("partner", claims=json.dumps({"userinfo": {USER_SIGNATURE: None}}))
        browser.identify()
        assert browser.step == "consent"
        assert "Underskriften från ditt BankID" in browser.page
        assert "Personnummer" in browser.page
        assert USER_SIGNATURE not in browser.page


def test_what_one_company_was_allowed_for_another_is_not(provider: Provider) -> None:
    change(provider, "partner", select_customer=True, scopes=frozenset({"openid", "customer"}))
    provider.browser().first_login()
    link(provider, "10012346")
    browser = provider.browser().authorize("partner", scope="openid customer").identify()
    first, second = re.findall(r'name="customer" id="[^"]+" value="([^"]+)"', browser.page)
    browser.submit("/choose", customer=first)
    assert "Företag och kundnummer: Exempelbolaget AB, 10012345" in browser.page
    assert told_customers(browser.submit("/consent", answer="allow")) == ["10012345"]
    again = browser.get("/").authorize("partner", scope="openid customer", prompt="select_account")
    assert again.submit("/choose", customer=second).step == "consent"
    assert "Andra bolaget AB, 10012346" in again.page
    assert told_customers(again.submit("/consent", answer="allow")) == ["10012346"]
    again.get("/").authorize("partner", scope="openid customer", prompt="select_account")
    assert "code" in again.submit("/choose", customer=first).answer


def told(browser: Browser) -> dict[str, Any]:
    """What the third party learns."""
    rp = RelyingParty(browser.provider, "partner")
    tokens = rp.post("/token", browser.code_form(), basic()).get_json()
    return dict(rp.userinfo(tokens["access_token"]).get_json())


def told_customers(browser: Browser) -> list[str]:
    return [one["customer_number"] for one in told(browser)["customers"]]
