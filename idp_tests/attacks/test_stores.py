"""R-59: what one database swallows and the other chokes on, sent to both: NUL, half characters, long texts, huge numbers."""

from typing import Any

import pytest

from idp_tests.attacks.stages import stage, stranger
from idp_tests.browser import Browser
from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import RelyingParty

pytestmark = pytest.mark.each_database

ODD = ("%00", "a%00b", "%ff", "%ed%a0%80", "%f0%9f%92%a7", "%0d%0a", "%27%20OR%201=1--", "a" * 300, "%5c", "%e2%80%ae")
PAGES = ("", "/bankid", "/bankid/status", "/bankid/qr.svg", "/bankid/back?n=x", "/link", "/register", "/again", "/choose",
         "/consent", "/return_to_app")  # fmt: skip


@each("odd", ODD)
def test_an_odd_id_in_an_address_is_an_unknown_one(crowd: Provider, odd: str) -> None:
    """With and without the cookie of a login under way."""
    known = crowd.browser().authorize()
    for client in (crowd.app.test_client(), known.client):
        for page in PAGES:
            response = client.get(f"/signin/{odd}{page}", headers=known.headers, base_url=ISSUER)
            assert response.status_code in {200, 400, 404}, page
        for page in ("/bankid/start", "/bankid/cancel", "/link", "/leave"):
            assert client.post(f"/signin/{odd}{page}", data={"x": "y"}, base_url=ISSUER).status_code in {400, 403, 404}


ODD_TEXTS = (
    "\0",
    "a\0b",
    "\ud7ff",
    "\ufffe",
    "\uffff",
    "💧" * 100,
    "\r\n",
    "' OR 1=1--",
    "a" * 5_000,
    "\\",
    "\u202e",
    "\x7f",
)


@each("odd", ODD_TEXTS, name=lambda text: ascii(text)[1:20])
def test_an_odd_text_in_a_form_is_a_wrong_one(crowd: Provider, odd: str) -> None:
    browser = crowd.browser().authorize().identify(stranger())
    for form in (
        {"customer_number": odd, "last_four": "0680"},
        {"customer_number": "10012345", "last_four": odd},
        {"customer_number": odd, "last_four": odd},
    ):
        assert send(browser, "/link", form).status_code in {400, 422}
    browser.link()
    honest = {"name": "Test", "phone": "070-174 06 05", "email": "t@example.se"}
    for field in ("phone", "email"):
        assert send(browser, "/register", {**honest, field: odd}).status_code in {400, 422}
    assert send(browser, "/register", {**honest, "name": odd}).status_code in {303, 400, 422}


def send(browser: Browser, ending: str, form: dict[str, str]) -> Any:
    here = stage(browser, ending, **form)
    return browser.client.post(here.action, data=here.fields, headers=browser.headers, base_url=ISSUER)


@each("odd", ODD_TEXTS, name=lambda text: ascii(text)[1:20])
def test_an_odd_text_in_a_request_is_kept_or_refused(crowd: Provider, odd: str) -> None:
    """Whatever is kept with a grant comes back as it was; the rest is refused, not stored."""
    browser = crowd.browser()
    for name in ("state", "nonce", "login_hint", "ui_locales", "acr_values", "scope", "claims"):
        browser.authorize(**{name: f"openid {odd}" if name == "scope" else odd})
        assert browser.status < 500
    rp = RelyingParty(crowd)
    for name in ("code", "refresh_token", "token", "code_verifier", "grant_type", "redirect_uri", "scope"):
        for path in ("/token", "/introspect", "/revoke", "/par"):
            form = {**rp.credentials, "grant_type": "authorization_code", name: odd}
            assert rp.post(path, form).status_code < 500


@each("cookies", ["__Host-browser=%00", "__Host-browser=a\x01b", "__Host-customer=%00; __Host-browser=x", "__Host-session=\xe5",
     "__Host-language=%00", "__Host-device=" + "d" * 127, "__Host-form=%00", "a" * 3_000])  # fmt: skip
def test_an_odd_cookie_is_none(crowd: Provider, cookies: str) -> None:
    browser = crowd.browser().authorize()
    client = crowd.app.test_client(use_cookies=False)
    for path in ("/authorize", browser.base, f"{browser.base}/bankid", "/logout"):
        response = client.get(path, headers={"Cookie": cookies}, base_url=ISSUER)
        assert response.status_code < 500


@each("max_age", ["0", "1", "9999999999", "00000000000", "2147483648"])
def test_a_huge_or_tiny_age_is_a_number_of_seconds(crowd: Provider, max_age: str) -> None:
    browser = crowd.browser().first_login(user=stranger())
    assert browser.authorize(max_age=max_age).status < 500


PEERS = (
    "fe80::1%eth0",
    "::ffff:192.0.2.1",
    "::1",
    "192.0.2.1",
    "",
    "unix:",
    "unknown",
    "2001:db8::1",
    "0.0.0.0",
    "localhost",
)


@each("peer", PEERS)
def test_a_login_begins_from_any_kind_of_peer(crowd: Provider, peer: str) -> None:
    """BankID is told an address without zone or port, whatever the server calls its peer."""
    browser = crowd.browser().authorize()
    here = stage(browser, "/bankid/start", launch="qr")
    response = browser.client.post(
        here.action, data=here.fields, headers=browser.headers, base_url=ISSUER, environ_overrides={"REMOTE_ADDR": peer}
    )
    assert response.status_code == 303
    crowd.collect()
    assert "%" not in crowd.bankid.requests[-1].end_user_ip
