"""The origin of a form: what browsers say of the page it stands on, whatever a proxy does to our headers."""

import pytest

from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider

OURS = [
    {},
    {"Origin": ISSUER},
    {"Origin": ISSUER, "Sec-Fetch-Site": "same-origin"},
    {"Origin": ISSUER, "Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
]
ELSEWHERE = [
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "none"},
    {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": ISSUER, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": ""},
]


def answer(provider: Provider, headers: dict[str, str], **fields: str) -> int:
    """The status after a press of the first page's button."""
    browser = provider.browser().authorize()
    browser.headers |= headers
    return browser.submit("/bankid/start", launch="qr", **fields).status


@each("headers", OURS)
def test_a_form_on_a_page_of_ours_is_taken(provider: Provider, headers: dict[str, str]) -> None:
    assert answer(provider, headers) == 200


@each("headers", ELSEWHERE)
def test_a_form_on_a_page_of_anybody_else_is_refused(provider: Provider, headers: dict[str, str]) -> None:
    assert answer(provider, headers) == 403


@pytest.mark.parametrize("token", ["", "x"])
def test_no_header_stands_in_for_the_forms_token(provider: Provider, token: str) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert answer(provider, headers, csrf_token=token) in {400, 403}
