"""The leaflet without script, page by page, on both databases."""

import re
from dataclasses import replace

import pytest

from idp_tests.provider import ANNA, BO, Provider, restarted


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


def test_nobody_is_in_the_people_table_before_registering(provider: Provider) -> None:
    provider.browser().authorize().identify(ANNA).link()
    assert provider.scalar("SELECT count(*) FROM people") == 0


def test_another_persons_bankid_cannot_finish_the_registration(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link().register()
    provider.clock.advance(seconds=5)
    browser.identify(BO)
    assert browser.step.startswith("again")
    assert "Det här är inte samma BankID" in browser.page
    browser.identify(ANNA)
    assert "code" in browser.answer


def test_the_person_may_come_back_in_another_browser_after_registering(provider: Provider) -> None:
    provider.browser().authorize().identify(ANNA).link().register()
    provider.clock.advance(minutes=1)
    assert "code" in provider.browser().authorize().identify(ANNA).answer


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


@pytest.mark.each_database
def test_after_five_wrong_tries_the_person_waits(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    for digits in range(1111, 1116):
        form = browser.page
        browser.link("10012345", str(digits))
    assert browser.status == 429
    assert "För många försök" in browser.page
    assert "av dig eller med samma kundnummer. Du kan försöka igen om 24 timmar" in browser.page
    assert "Börja om" not in browser.page
    browser.page = form
    assert browser.link("10012345", "0680").status == 429
    other = provider.browser().authorize().identify(ANNA)
    other.link("10012345", "0680")
    assert other.status == 429


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
    for digits in range(1111, 1116):
        browser.link("99999999", str(digits))
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


def test_pages_that_are_not_next_lead_to_the_one_that_is(provider: Provider) -> None:
    browser = provider.browser().authorize()
    for page in ("link", "register", "again", "choose", "consent", "return_to_app"):
        browser.get(f"{browser.base}/{page}")
        assert browser.step == "bankid"


def test_another_browser_cannot_open_the_pages_of_this_one(provider: Provider) -> None:
    mine = provider.browser().authorize()
    other = provider.browser().authorize()
    other.get(f"{mine.base}/bankid")
    assert other.status == 400
    assert "Vi hittar inte din inloggning" in other.page


def test_an_interaction_that_waited_too_long_says_so(provider: Provider) -> None:
    browser = provider.browser().authorize()
    provider.clock.advance(minutes=31)
    browser.get(f"{browser.base}/bankid")
    assert browser.status == 400
    assert "Det tog för lång tid" in browser.page
    assert re.search(r'id="error-code"[^>]*>\s*[2-9A-Z]{8}\s*<', browser.page)


def test_giving_up_tells_the_client(provider: Provider) -> None:
    browser = provider.browser().authorize()
    browser.submit("/bankid/cancel")
    assert browser.status == 200
    browser.submit("/leave")
    assert browser.answer["error"] == "access_denied"
    assert browser.answer["state"] == "a state"


@pytest.mark.each_database
def test_a_code_comes_once_and_the_same_on_reload(provider: Provider) -> None:
    browser = provider.browser().first_login()
    first = browser.answer["code"]
    browser.get(browser.base)
    assert browser.answer["code"] == first
    provider.clock.advance(seconds=11)
    browser.get(browser.base)
    assert browser.left_to is None
    assert "Du är redan inloggad" in browser.page
