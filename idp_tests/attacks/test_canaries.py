"""Canaries: what a person or a client trusts us with stands in no log line and in no file of the database.

One whole journey with every kind of secret, then a search for each of them, in every spelling that a log or a file has.
"""

import base64
import io
import json
import logging
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY, generate_latest

from idp import log
from idp.core.identification.bankid.api import User
from idp_tests.attacks.target import Target, add_clients
from idp_tests.browser import Browser
from idp_tests.client_side import ProofKey
from idp_tests.provider import ISSUER, SETTINGS, Provider, run_provider
from idp_tests.relying_party import PARTNER_SECRET, RelyingParty, basic, press_continue

CANARY = User(
    personal_number="198507099805",
    name="Kanarie Fågelström",
    given_name="Kanarie",
    surname="Fågelström",
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"
PHONE, EMAIL, STATE, NONCE = "+46701740605", "kanariefagel@example.se", "canary-state-8f3b", "canary-nonce-77c1"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that the product's own logging writes at its most talkative."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before = (root.handlers, root.level, structlog.get_config())
    log.configure("DEBUG")
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    root.handlers, level, config = before
    root.setLevel(level)
    structlog.configure(**config)


@pytest.fixture
def caged(provider_files: Path, sqlite_template: Path, tmp_path: Path, written: io.StringIO) -> Iterator[Provider]:
    directory = tmp_path / "provider"
    shutil.copytree(provider_files, directory)
    add_clients(directory)
    shutil.copy(sqlite_template, directory / "idp.db")
    text = SETTINGS.format(database_url=f"sqlite:///{directory / 'idp.db'}")
    (directory / "idp.toml").write_text(text, encoding="utf-8")
    yield from run_provider(directory)


def live(caged: Provider) -> dict[str, str]:
    """The whole leaflet and everything a client does afterwards; gives each secret by name."""
    secrets = {
        "personal number": CANARY.personal_number,
        "short personal number": CANARY.personal_number[2:],
        "given name": CANARY.given_name,
        "surname": CANARY.surname,
        "phone": PHONE,
        "phone as typed": "070-174 06 05",
        "e-mail": EMAIL,
        "state": STATE,
        "nonce": NONCE,
        "client secret": PARTNER_SECRET,
    }
    browser = caged.browser()
    browser.authorize(state=STATE, nonce=NONCE, login_hint=CANARY.personal_number).identify(CANARY)
    browser.link("10012345", "1111")
    browser.submit("/link", customer_number=CANARY.personal_number, last_four="0680")
    browser.link().register(name="Kanarie Fågelström", phone="fel", email=EMAIL + " fel")
    browser.register(name="Kanarie Fågelström", phone="070-174 06 05", email=EMAIL)
    caged.clock.advance(seconds=5)
    browser.identify(CANARY)
    secrets["code"] = browser.answer["code"]
    rp = RelyingParty(caged)
    assertion = rp.credentials
    secrets["client assertion"] = assertion["client_assertion"]
    tokens = rp.post("/token", {**assertion, **browser.code_form()}).get_json()
    secrets |= {"access token": tokens["access_token"], "id token": tokens["id_token"]}
    use(caged, rp, browser, tokens)
    secrets |= refresh_in_app(caged, browser)
    secrets |= {f"cookie {one.key}": one.value for one in browser.client._cookies.values()}  # type: ignore[union-attr]
    secrets |= return_on_a_phone(caged)
    secrets["order's start token"] = "67df3917-fa0d-44e5-b327-edcc928297f8"
    secrets["order's secret"] = "d28db9a7-4cde-429e-a983-359be676944c"
    secrets["evidence"] = "c2lnbmF0dXJl"
    return secrets


def use(caged: Provider, rp: RelyingParty, browser: Browser, tokens: Mapping[str, str]) -> None:
    """Rightly, and in every way that ends in a log line about a refusal."""
    device = ProofKey()
    rp.userinfo(tokens["access_token"])
    rp.userinfo(tokens["access_token"], "DPoP", DPoP=device.proof(caged.clock()))
    rp.userinfo(tokens["access_token"] + "x")
    rp.http.get("/userinfo", query_string={"access_token": tokens["access_token"]}, base_url=ISSUER)
    rp.call("/introspect", token=tokens["access_token"])
    rp.call("/introspect", token=tokens["id_token"])
    rp.post("/token", browser.code_form(), basic())
    rp.post("/token", {**browser.code_form(), "client_id": "partner", "client_secret": PARTNER_SECRET})
    rp.post("/token", browser.code_form(), basic(secret=PARTNER_SECRET[:-1]))
    rp.post("/par", {**RelyingParty(caged, "minasidor").credentials, "state": STATE, "login_hint": EMAIL})
    http = browser.client
    for query in (
        {"client_id": "minasidor", "redirect_uri": f"https://evil.example/?{EMAIL}", "state": STATE},
        {"client_id": EMAIL, "state": STATE},
        {"client_id": "minasidor", "id_token_hint": tokens["id_token"], "state": STATE},
        {"client_id": "minasidor", "redirect_uri": "https://minasidor.example/cb", "scope": EMAIL, "state": STATE},
    ):
        http.get("/authorize", query_string=query, base_url=ISSUER)
    http.get(f"/{EMAIL}/{CANARY.personal_number}", base_url=ISSUER)
    http.get(f"/signin/{tokens['access_token']}", base_url=ISSUER)
    http.get("/logout", query_string={"id_token_hint": tokens["id_token"] + "x", "state": STATE}, base_url=ISSUER)
    rp.call("/revoke", token=tokens["access_token"] + "x")


def return_on_a_phone(caged: Provider) -> dict[str, str]:
    """A login on the same device: what the app opens afterwards, here and in a stranger's browser."""
    phone = caged.browser(**{"User-Agent": IPHONE}).authorize(state=STATE).start("same_device")
    address = str(caged.bankid.requests[-1].return_url)
    path = address.removeprefix(ISSUER)
    open_url = phone.look()["open_url"]
    phone.get(path)
    phone.get(path + "x")
    caged.clock.advance(seconds=3)
    caged.bankid.approve(CANARY)
    caged.collect()
    phone.get(phone.base)
    assert "code" in phone.answer
    caged.browser().get(path)
    return {
        "return's nonce": address.partition("n=")[2],
        "app's start token": open_url.partition("autostarttoken=")[2].partition("&")[0],
    }


def refresh_in_app(caged: Provider, browser: Browser) -> dict[str, str]:
    app = RelyingParty(caged, "mittprezero")
    browser.authorize("mittprezero", scope="openid offline_access", state=STATE)
    press_continue(browser)
    first = app.post("/token", {**app.credentials, **browser.code_form()}).get_json()
    second = app.refresh(first["refresh_token"]).get_json()
    app.refresh(first["refresh_token"] + "x")
    caged.clock.advance(minutes=2)
    app.refresh(first["refresh_token"])
    return {
        "app's code": browser.answer["code"],
        "refresh token": first["refresh_token"],
        "second refresh token": second["refresh_token"],
        "app's access token": second["access_token"],
    }


def spellings(secret: str) -> set[str]:
    """As it is, as JSON escapes it, as an address escapes it, and in base64 of each alignment."""
    from urllib.parse import quote, quote_plus

    found = {secret, json.dumps(secret)[1:-1], quote(secret), quote_plus(secret), quote(secret, safe="")}
    raw = secret.encode()
    for padding in range(3):
        text = base64.b64encode(b"\0" * padding + raw).decode()
        found.add(text[4 if padding else 0 : -4])
    return {one for one in found if len(one) >= 6}


def test_no_secret_and_no_person_stands_in_the_log(caged: Provider, written: io.StringIO) -> None:
    secrets = live(caged)
    text = written.getvalue()
    lines = text.splitlines()
    assert len(lines) > 60
    for line in lines:
        json.loads(line)
    found = {name for name, secret in secrets.items() if any(one in text for one in spellings(secret))}
    assert found == set()
    assert all("?" not in line.get("path", "") for line in map(json.loads, lines))


def test_no_secret_and_no_person_stands_in_the_figures(caged: Provider) -> None:
    secrets = live(caged)
    shown = generate_latest(REGISTRY).decode()
    assert "idp_work" in shown
    found = {name for name, secret in secrets.items() if any(one in shown for one in spellings(secret))}
    assert found == set()


def test_a_crash_tells_its_place_and_not_what_it_held(
    caged: Provider, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception's text may hold anything, so the second net hides what looks like a person or a token."""
    token = base64.urlsafe_b64encode(b'{"alg":"ES256"}').decode().rstrip("=") + ".e30.AAAA"

    def crash(*_: Any) -> Any:
        raise ValueError(f"bad value {CANARY.personal_number} {token}")

    monkeypatch.setattr("idp.web.oidc.authorize.read_browser_parameters", crash)
    response = caged.browser().client.get("/authorize", query_string={"state": STATE}, base_url=ISSUER)
    assert response.status_code == 500
    page, text = response.get_data(as_text=True), written.getvalue()
    assert "ValueError" in text
    for secret in (CANARY.personal_number, token, STATE):
        assert secret not in text
        assert secret not in page


def test_a_secret_that_is_stored_is_stored_encrypted(caged: Provider) -> None:
    """A copy of the database, its log and its backup show nobody and open nothing."""
    secrets = live(caged)
    secrets.pop("cookie __Host-language", None)
    secrets.pop("nonce")  # stands in the ID Token that its own client gets back
    stolen = b"".join(path.read_bytes() for path in sorted(caged.directory.glob("idp.db*")))
    assert len(stolen) > 100_000
    found = {name for name, secret in secrets.items() if any(one.encode() in stolen for one in spellings(secret))}
    assert found == set()


def test_a_search_for_a_secret_finds_one_that_is_there(caged: Provider) -> None:
    """The control: a name that is meant to be readable is found in the same way."""
    live(caged)
    stolen = b"".join(path.read_bytes() for path in sorted(caged.directory.glob("idp.db*")))
    assert any(one.encode() in stolen for one in spellings("Exempelbolaget AB"))


def test_no_answer_tells_more_than_was_asked(target: Target) -> None:
    """No page, redirect or answer before the ID Token holds the number that BankID told us."""
    browser = target.provider.browser().authorize().identify(CANARY)
    shown = [browser.page, str(browser.response.headers)]
    browser.link("10012346", "7569")
    shown += [browser.page, str(browser.response.headers)]
    for text in shown:
        assert CANARY.personal_number not in text
        assert CANARY.personal_number[2:] not in text
        assert "67df3917-fa0d-44e5-b327-edcc928297f8" not in text
