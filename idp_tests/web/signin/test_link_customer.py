import re

import pytest
from sqlalchemy import delete, update

from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import customer_numbers, links
from idp.core.linking.claim import Claim
from idp.core.linking.prove_claim import Untold
from idp_tests.browser import Browser
from idp_tests.builders import an_organisation_number
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import ANNA, BO


def test_a_colleague_links_the_same_company(provider: Provider) -> None:
    provider.browser().first_login(user=ANNA)
    assert "code" in provider.browser().first_login(user=BO).answer


def test_wrong_digits_are_told_beside_the_fields_and_what_was_typed_stays(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link("10012345", "1111")
    assert browser.status == 422
    assert "Kundnumret och siffrorna hör inte ihop" in browser.page
    assert 'value="10012345"' in browser.page
    assert "4 försök kvar" in browser.page


def test_unknown_number_wrong_digits_and_closed_company_get_the_same_answer(provider: Provider) -> None:
    pages = []
    for user, number, digits in ((ANNA, "99999999", "0680"), (BO, "10012345", "0000")):
        browser = provider.browser().authorize().identify(user).link(number, digits)
        pages.append(_without_what_differs(browser.page.replace(number, "").replace(f'value="{digits}"', "")))
    assert pages[0].replace("Anna", "") == pages[1].replace("Tolvan", "")


def _without_what_differs(page: str) -> str:
    return re.sub(r"/signin/[\w-]+|value=\"[^\"]{20,}\"", "", page)


def _use_up_four_digits(browser: Browser, number: str = "10012345") -> Browser:
    for digits in ("1111", "1112", "1113"):
        browser.link(number, digits)
    return browser


@pytest.mark.each_database
def test_after_three_wrong_tries_the_whole_organisation_number_is_asked_for_and_links(provider: Provider) -> None:
    browser = _use_up_four_digits(provider.browser().authorize().identify(ANNA))
    assert browser.status == 422
    assert "Kundnumret och siffrorna hör inte ihop" in browser.page
    assert "2 försök kvar" in browser.page
    assert "Hela organisationsnumret" in browser.page
    assert 'name="last_four"' not in browser.page
    assert browser.link_whole("10012345", "556016-0680").step == "register"


def test_the_right_four_digits_are_not_looked_at_when_they_are_used_up(provider: Provider) -> None:
    browser = _use_up_four_digits(provider.browser().authorize().identify(ANNA))
    again = provider.browser().authorize().identify(ANNA).link("10012345", "0680")
    assert again.status == 422
    assert "De fyra sista siffrorna räcker inte den här gången" in again.page
    assert 'value="10012345"' in again.page
    assert "försök kvar" not in again.page
    assert browser.link_whole("10012345", "5560160680").step == "register"


def test_a_wrong_check_digit_costs_no_try_and_the_field_stays(provider: Provider) -> None:
    browser = _use_up_four_digits(provider.browser().authorize().identify(ANNA))
    for _ in range(6):
        browser.link_whole("10012345", "556016-0681")
        assert "Kontrollera organisationsnumret" in browser.page
        assert 'value="556016-0681"' in browser.page
    assert browser.link_whole("10012345", "556016-0680").step == "register"


@pytest.mark.each_database
def test_after_five_wrong_tries_the_person_waits(provider: Provider) -> None:
    browser = _use_up_four_digits(provider.browser().authorize().identify(ANNA))
    for serial in (1, 2):
        form = browser.page
        browser.link_whole("10012346", an_organisation_number(serial))
    assert browser.status == 429
    assert "För många försök" in browser.page
    assert "Du kan försöka igen om 24 timmar. En kollega kan logga in" in browser.page
    assert "Börja om" not in browser.page
    browser.page = form
    assert browser.link_whole("10012345", "5560160680").status == 429
    other = provider.browser().authorize().identify(ANNA)
    other.link("10012345", "0680")
    assert other.status == 429


def test_a_company_at_which_too_many_whole_numbers_were_tried_waits_and_says_so(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    for serial in range(3):
        assert browser.link("10012345", an_organisation_number(serial)).status == 422
    assert browser.link_whole("10012345", "5560160680").status == 429
    assert "Organisationsnumret har provats för många gånger med det här kundnumret" in browser.page
    assert "Du kan försöka igen om 30 dygn" in browser.page


def test_a_wrong_pair_that_somebody_else_tried_costs_a_try_all_the_same(provider: Provider) -> None:
    provider.browser().authorize().identify(BO).link("10012345", "1111")
    browser = provider.browser().authorize().identify(ANNA)
    for _ in range(2):
        assert "4 försök kvar" in browser.link("10012345", "1111").page
    assert "3 försök kvar" in browser.link("10012345", "1112").page


@pytest.mark.parametrize("number", ["123", "123456789012", "9" * 5000, "abc"])
def test_a_number_that_is_too_short_or_too_long_is_told_by_its_length(provider: Provider, number: str) -> None:
    browser = provider.browser().authorize().identify(ANNA).link(number, "0680")
    assert "Kundnumret har 4–10 siffror. Titta på en tidigare faktura." in browser.page


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\d{6}", "Kundnumret har 6 siffror. Titta på en tidigare faktura."),
        ("[A-Z][0-9]{5}", "Kontrollera kundnumret. Titta på en tidigare faktura."),
    ],
)
def test_a_number_out_of_its_pattern_is_told_in_the_patterns_words(
    provider: Provider, pattern: str, words: str
) -> None:
    with restarted(provider, linking={"customer_number_pattern": pattern}) as other:
        assert words in other.browser().authorize().identify(ANNA).link("123", "0680").page


def test_going_back_to_the_company_offers_two_ways_with_two_names(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link()
    browser.get(f"{browser.base}/link")
    assert "Fortsätt med Exempelbolaget AB" in browser.page
    assert '<span class="number">Org.nr 556016-0680.</span>' in browser.page


def test_the_right_pair_is_still_open_to_others_while_one_person_waits(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    _use_up_four_digits(browser, "99999999")
    for serial in (1, 2):
        browser.link_whole("99999999", an_organisation_number(serial))
    assert browser.status == 429
    assert provider.browser().authorize().identify(BO).link().step == "register"


def test_malformed_input_costs_no_try(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    for _ in range(6):
        browser.link("abc", "12")
        assert browser.status == 422
    assert browser.link().step == "register"


def test_the_wrong_company_can_be_put_right_until_the_account_exists(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link("10012346", "7569")
    browser.get(f"{browser.base}/link")
    assert "Andra bolaget AB" in browser.page
    browser.link("10012345", "0680")
    assert "Exempelbolaget AB" in browser.page


def test_a_number_that_moves_while_it_is_proved_is_told_and_links_nobody(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.browser().first_login()
    with unit_of_work(provider.app):
        connection().execute(update(links).values(ended_at=provider.clock()))
    browser = provider.browser().authorize().identify(ANNA)
    verify = DatabaseCustomers.verify

    def verify_and_move(self: DatabaseCustomers, claim: Claim) -> str | None:
        proved = verify(self, claim)
        connection().execute(delete(customer_numbers).where(customer_numbers.c.number == claim.customer_number.value))
        return proved

    monkeypatch.setattr(DatabaseCustomers, "verify", verify_and_move)
    browser.link()
    assert browser.status == 409
    assert "Kundnumret hör inte till företaget längre" in browser.page
    assert browser.get(browser.base).step == "link"
    assert provider.scalar("SELECT count(*) FROM links WHERE ended_at IS NULL") == 0
    assert provider.scalar("SELECT count(*) FROM audit WHERE event = 'link.refused'") == 1


def _own_firm(provider: Provider) -> None:
    firm = a_registered_customer("10012350", organisation_number="900101-2385", name="Annas Måleri")
    with unit_of_work(provider.app):
        fill_register(provider.parts.store.register, [firm], provider.clock())


def test_a_sole_trader_needs_no_digits_and_is_linked_as_the_signatory(provider: Provider) -> None:
    _own_firm(provider)
    assert provider.browser().authorize().identify(ANNA).link("10012350", "").register().step != "link"
    assert provider.scalar("SELECT assurance FROM links") == "signatory"


def test_who_is_another_than_the_sole_trader_reads_that_digits_are_missing_as_for_any_number(
    provider: Provider,
) -> None:
    _own_firm(provider)
    browser = provider.browser().authorize().identify(BO)
    pages = [
        _without_what_differs(browser.link(number, "").page.replace(number, ""))
        for number in ("10012350", "99999999", "10012347")
    ]
    assert "Fyll i fyra siffror." in pages[0]
    assert pages == [pages[0]] * 3


def test_a_company_that_cannot_be_told_needs_the_whole_organisation_number(provider: Provider) -> None:
    with restarted(provider, linking={"untold": Untold.WHOLE_NUMBER}) as careful:
        right = careful.browser().authorize().identify(ANNA).link("10012345", "0680")
        assert "Kundnumret och siffrorna hör inte ihop" in right.page
        assert "Hela organisationsnumret går också bra." in right.page
        assert right.link("10012345", "556016-0680").step == "register"
        right.register()
        assert careful.browser().authorize().identify(BO).link("10012345", "0680").step == "register", "Anna is told"
