"""An identification that is worth a login and no link: the whole organisation number, or a better one, is the second proof."""

import pytest

from idp.core.identification.bankid.api import Risk
from idp_tests.browser import Browser
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA
from idp_tests.web.signin.test_contact_code import messages


def identify(browser: Browser, risk: Risk | None) -> Browser:
    provider = browser.provider
    browser.start()
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, risk=risk)
    provider.collect()
    return browser.get(browser.base)


def at_moderate_risk(provider: Provider) -> Browser:
    return identify(provider.browser().authorize(), Risk.MODERATE)


def test_moderate_risk_is_asked_for_the_whole_organisation_number_at_once(provider: Provider) -> None:
    browser = at_moderate_risk(provider)
    assert browser.step == "link"
    assert "extra säkra på att det är du" in browser.page
    assert 'name="last_four"' not in browser.page
    assert browser.link_whole("10012345", "556016-0680").step == "register"


def test_four_digits_are_never_looked_at_then_whatever_a_form_sends(provider: Provider) -> None:
    for number, digits in (("10012345", "0680"), ("10012345", "1111"), ("99999999", "0680")):
        browser = at_moderate_risk(provider).link(number, digits)
        assert browser.status == 422
        assert "De fyra sista siffrorna räcker inte den här gången" in browser.page
        assert "försök kvar" not in browser.page
    assert provider.scalar("SELECT count(*) FROM audit WHERE event LIKE 'link.%'") == 0


@pytest.mark.each_database
def test_a_better_identification_brings_the_four_digits_back(provider: Provider) -> None:
    browser = at_moderate_risk(provider).submit("/identify_again")
    assert browser.step == "bankid"
    identify(browser, Risk.LOW)
    assert browser.step == "link"
    assert "extra säkra" not in browser.page
    assert browser.link().step == "register"


def test_another_moderate_one_changes_nothing(provider: Provider) -> None:
    browser = identify(at_moderate_risk(provider).submit("/identify_again"), Risk.MODERATE)
    assert "extra säkra" in browser.page
    assert browser.link_whole("10012345", "556016-0680").step == "register"


def test_what_was_proved_before_a_worse_identification_is_forgotten(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link()
    assert browser.step == "register"
    browser.post(f"{browser.base}/identify_again", csrf_token=_csrf(browser))
    assert identify(browser, Risk.MODERATE).step == "link"


def test_a_person_with_a_company_logs_in_at_moderate_risk(provider: Provider) -> None:
    provider.browser().first_login()
    assert "code" in at_moderate_risk(provider).answer


def test_a_high_risk_is_told_with_a_way_on(provider: Provider) -> None:
    browser = identify(provider.browser().authorize(), Risk.HIGH)
    assert browser.step == "bankid"
    assert "av säkerhetsskäl" in browser.page
    assert "/bankid/start" in browser.page


@pytest.mark.each_database
def test_a_code_to_the_companys_contact_is_a_second_proof_too(provider: Provider) -> None:
    on_file = a_registered_customer("10012345", email="anna.ek@bolaget.example")
    with provider.parts.database.unit_of_work():
        fill_register(provider.parts.store.register, [on_file], provider.clock())
    browser = at_moderate_risk(provider)
    csrf = _csrf(browser)
    assert f'formaction="{browser.base}/contact_code/send"' in browser.page
    browser.post(f"{browser.base}/contact_code/send", csrf_token=csrf, customer_number="10012345")
    assert browser.step == "contact_code"
    [message] = messages(provider)
    assert browser.submit("/contact_code", code=message["code"]).step == "register"


def test_who_was_identified_well_enough_is_sent_no_code(provider: Provider) -> None:
    browser = identify(provider.browser().authorize(), Risk.LOW)
    browser.post(f"{browser.base}/contact_code/send", csrf_token=_csrf(browser), customer_number="10012345")
    assert browser.step == "link"
    assert messages(provider) == []


def _csrf(browser: Browser) -> str:
    return browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
