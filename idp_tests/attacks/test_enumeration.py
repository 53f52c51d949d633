"""Nobody learns who has an account, or makes us look for a person of his choice, before BankID has identified anybody."""

import re

import pytest

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA, BO

NUMBER_CLAIM = "https://id.oidc.se/claim/personalIdentityNumber"


def _naming(number: str) -> tuple[dict[str, str], ...]:
    """Every way in which a request can name a person."""
    value = f'{{"essential":true,"value":"{number}"}}'
    return (
        {"login_hint": number},
        {"login_hint": f"{number[:8]}-{number[8:]}"},
        {"claims": f'{{"id_token":{{"{NUMBER_CLAIM}":{value}}}}}'},
        {"claims": f'{{"userinfo":{{"{NUMBER_CLAIM}":{value}}}}}'},
        {"claims": f'{{"id_token":{{"sub":{value}}}}}'},
        {"personal_number": number, "personalNumber": number, "pnr": number},
    )


@each("way", range(len(_naming(""))))
@each("client_id", ["minasidor", "mittprezero", "partner"])
def test_a_number_in_a_request_chooses_nobody_at_bankid(target: Target, client_id: str, way: int) -> None:
    """BankID would else tell an attacker whether the number has a BankID, and ring at its owner's phone."""
    browser = target.provider.browser().authorize(client_id, **_naming(ANNA.personal_number)[way])
    if browser.left_to is not None:
        assert browser.answer["error"] in {"access_denied", "login_required", "invalid_request"}
        return
    assert ANNA.personal_number not in browser.page
    browser.start()
    asked = target.provider.bankid.requests[-1]
    assert asked.requirement.personal_number is None
    assert ANNA.personal_number not in asked.user_visible_data
    browser.get(f"{browser.base}/bankid").submit("/bankid/cancel")
    target.provider.collect()


def _alike(text: str) -> str:
    """A page or address without what is random in each."""
    text = re.sub(r"/signin/[A-Za-z0-9_-]+", "/signin/ID", text)
    return re.sub(r'name="csrf_token" value="[^"]+"|data-csrf-token="[^"]+"|data-order="[^"]*"', "", text)


def _seen(provider: Provider, number: str, way: int) -> list[str]:
    """Everything that a browser is shown until somebody is identified, with and without a person to be silent about."""
    browser = provider.browser().authorize(**_naming(number)[way])
    seen = [str(browser.status), _alike(browser.page), _alike(browser.left_to or "")]
    if browser.left_to is None:
        browser.start()
        shown = {name: value for name, value in browser.look().items() if name != "order"}
        seen += [str(shown), _alike(browser.get(f"{browser.base}/bankid").page)]
        browser.submit("/bankid/cancel")
        seen.append(_alike(browser.page))
        provider.collect()
    silent = provider.browser().authorize(prompt="none", **_naming(number)[way])
    return [*(text.replace(number, "NUMBER") for text in seen), _alike(silent.left_to or "")]


@pytest.mark.parametrize("way", range(len(_naming(""))))
def test_somebody_with_an_account_and_somebody_without_look_alike(provider: Provider, way: int) -> None:
    provider.browser().first_login(user=ANNA)
    known, unknown = (_seen(provider, user.personal_number, way) for user in (ANNA, BO))
    assert known == unknown


def test_no_page_asks_for_a_personal_number(target: Target) -> None:
    browser = target.provider.browser().authorize()
    pages = [browser.page, browser.start().get(f"{browser.base}/bankid").page]
    for page in pages:
        fields = re.findall(r'<(?:input|select|textarea)[^>]*name="([^"]+)"', page)
        assert set(fields) <= {"csrf_token", "launch", "switch", "touch_points", "seen_address"}, fields
