"""Eight races of fifty: whatever comes at once, it happens once; on both databases, by threads of two processes.

A hit that lost is a refusal or the winner's own answer again, and never a 5xx.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from idp_tests.attacks.stages import stage, stranger
from idp_tests.attacks.volley import Hit, Rivals, Shot, rivals
from idp_tests.browser import Browser
from idp_tests.client_side import ProofKey, s256
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import FORM, RelyingParty, press_continue, userinfo_proof

pytestmark = pytest.mark.each_database


@pytest.fixture(scope="module")
def others(settings_file: Path) -> Iterator[Rivals]:
    with rivals(settings_file) as running:
        yield running


Volley = Callable[[Shot], list[Hit]]


@pytest.fixture
def volley(crowd: Provider, others: Rivals) -> Volley:
    """Fires fifty of the same, half of them in each of two processes, and checks what holds for every race."""

    def fire(shot: Shot) -> list[Hit]:
        hits = others.volley(shot, crowd.clock())
        assert len(hits) == 50
        assert [hit for hit in hits if hit.status >= 500] == []
        return hits

    return fire


@pytest.fixture(autouse=True)
def _later(crowd: Provider) -> None:
    """Each race has its own minute."""
    crowd.clock.advance(minutes=1)


def newcomer(crowd: Provider, client_id: str = "minasidor", **parameters: str) -> Browser:
    """Somebody who has just logged in for the first time."""
    return crowd.browser().first_login(client_id, stranger(), **parameters)


def headers_of(browser: Browser) -> dict[str, str]:
    """A browser's headers, its cookies among them."""
    cookies = "; ".join(f"{one.key}={one.value}" for one in browser.client._cookies.values())  # type: ignore[union-attr]
    return {**browser.headers, "Cookie": cookies}


def count(crowd: Provider, statement: str) -> int:
    return int(crowd.scalar(f"SELECT count(*) FROM {statement}"))


def test_a_code_is_redeemed_once(crowd: Provider, volley: Volley) -> None:
    browser = press_continue(newcomer(crowd, "mittprezero"))
    hits = volley(Shot(method="POST", path="/token", form={"client_id": "mittprezero", **browser.code_form()}))
    assert sorted(hit.status for hit in hits) == [200] + [400] * 49
    assert all("invalid_grant" in hit.body for hit in hits if hit.status == 400)
    [won] = [json.loads(hit.body) for hit in hits if hit.status == 200]
    assert RelyingParty(crowd).userinfo(won["access_token"]).status_code == 401, "the losers were replays"


def test_a_refresh_token_has_one_successor(crowd: Provider, volley: Volley) -> None:
    """Answers that were asked for again within the grace are the same; the rest is reuse, and ends the family."""
    browser = press_continue(newcomer(crowd, "mittprezero", scope="openid offline_access"))
    http = browser.client
    tokens = http.post("/token", data={"client_id": "mittprezero", **browser.code_form()}, base_url=ISSUER).get_json()
    form = {
        "client_id": "mittprezero",
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
    }
    hits = volley(Shot(method="POST", path="/token", form=form))
    won = [hit for hit in hits if hit.status == 200]
    assert 1 <= len(won) <= 4
    assert all("invalid_grant" in hit.body for hit in hits if hit not in won)
    assert len({re.search(r'"refresh_token":\s*"([^"]+)"', hit.body)[1] for hit in won}) == 1  # type: ignore[index]
    latest = "SELECT generation FROM grants WHERE issued_at = (SELECT max(issued_at) FROM grants)"
    assert crowd.scalar(latest) == 1
    assert count(crowd, "grants WHERE revoke_reason = 'refresh_token_reuse' AND generation > 1") == 0


def test_a_pushed_request_is_answered_once(crowd: Provider, volley: Volley) -> None:
    browser = newcomer(crowd)
    pushed = {"state": secrets.token_hex(8), "code_challenge": s256(browser.verifier)}
    reference = RelyingParty(crowd).push(**pushed).get_json()["request_uri"]
    before = count(crowd, "grants")
    query = {"client_id": "minasidor", "request_uri": reference}
    hits = volley(Shot(method="GET", path="/authorize", query=query, headers=headers_of(browser)))
    codes = {parse_qs(urlsplit(hit.location).query).get("code", [""])[0] for hit in hits} - {""}
    assert len(codes) == 1
    assert count(crowd, "grants") == before + 1


def test_an_assertion_counts_once(crowd: Provider, volley: Volley) -> None:
    form = {**RelyingParty(crowd).credentials, "token": "x"}
    hits = volley(Shot(method="POST", path="/introspect", form=form))
    assert sorted(hit.status for hit in hits) == [200] + [401] * 49


def test_a_proof_counts_once(crowd: Provider, volley: Volley) -> None:
    device, browser = ProofKey(), newcomer(crowd)
    form = {**RelyingParty(crowd).credentials, **browser.code_form()}
    headers = {"DPoP": device.proof(crowd.clock())}
    token = browser.client.post("/token", data=form, headers=headers, base_url=ISSUER).get_json()["access_token"]
    proof = userinfo_proof(device, crowd, token)
    hits = volley(Shot(method="GET", path="/userinfo", headers={"Authorization": f"DPoP {token}", "DPoP": proof}))
    assert sorted(hit.status for hit in hits) == [200] + [401] * 49


def test_a_consent_gives_one_grant(crowd: Provider, volley: Volley) -> None:
    """Fifty presses on Allow, then fifty arrivals at the page that answers the client: one code, the same for all."""
    browser = crowd.browser().authorize("partner", scope="openid email").identify(stranger())
    form = stage(browser, "/consent", answer="allow")
    headers = {**headers_of(browser), "Content-Type": FORM}
    allowed, granted = count(crowd, "consents"), count(crowd, "grants")
    volley(Shot(method="POST", path=form.action, form=form.fields, headers=headers))
    assert count(crowd, "consents") == allowed + 2  # openid and email
    arrivals = volley(Shot(method="GET", path=browser.base, headers=headers_of(browser)))
    codes = {parse_qs(urlsplit(hit.location).query).get("code", [""])[0] for hit in arrivals} - {""}
    assert len(codes) == 1
    assert count(crowd, "grants") == granted + 1


def test_a_completion_gives_one_session(crowd: Provider, volley: Volley) -> None:
    user = stranger()
    crowd.browser().first_login(user=user)
    browser = crowd.browser().authorize().start()
    crowd.clock.advance(seconds=3)
    crowd.bankid.approve(user)
    crowd.collect()
    sessions, events = count(crowd, "sessions"), count(crowd, "authentications")
    hits = volley(Shot(method="GET", path=browser.base, headers=headers_of(browser)))
    assert {hit.status for hit in hits} == {303}
    assert count(crowd, "sessions") == sessions + 1
    assert count(crowd, "authentications") == events + 1


def test_a_registration_gives_one_account(crowd: Provider, volley: Volley) -> None:
    browser = crowd.browser().authorize().identify(stranger()).link("10012346", "7569")
    form = stage(browser, "/register", name="Test Testsson", phone="070-174 06 05", email="test@example.se")
    headers = {**headers_of(browser), "Content-Type": FORM}
    welcome = "outbox WHERE kind = 'mail.confirm_email'"
    people, links, letters = (count(crowd, name) for name in ("people", "links", welcome))
    hits = volley(Shot(method="POST", path=form.action, form=form.fields, headers=headers))
    assert {hit.status for hit in hits} == {303}
    assert {hit.location for hit in hits} == {browser.base}
    assert count(crowd, "people") == people + 1
    assert count(crowd, "links") == links + 1
    assert count(crowd, welcome) == letters + 1


def test_the_control_of_all_races_is_that_one_shot_alone_succeeds(crowd: Provider) -> None:
    browser = press_continue(newcomer(crowd, "mittprezero"))
    form: Any = {"client_id": "mittprezero", **browser.code_form()}
    assert browser.client.post("/token", data=form, base_url=ISSUER).status_code == 200
