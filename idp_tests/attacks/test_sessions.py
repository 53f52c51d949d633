"""R-23, R-28, T-A8, T-E1 to T-E5: one session is one person's, and is not had by planting, copying or outliving it."""

import hashlib
import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from idp_tests.attacks.stages import CLARA
from idp_tests.attacks.target import Target
from idp_tests.browser import Browser
from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import RelyingParty
from idp_tests.scripted_bankid import ANNA, BO

SESSION = "__Host-session-" + hashlib.sha256(b"prezero").hexdigest()[:8]


def cookie(browser: Browser, name: str = SESSION) -> str:
    found = browser.client.get_cookie(name, "id.example")
    return found.value if found else ""


def ask_with(target: Target, header: str | list[tuple[str, str]]) -> Any:
    """Ask in silence with cookies written by hand."""
    headers = [("Cookie", header)] if isinstance(header, str) else header
    query = target.question("minasidor", prompt="none")
    return target.http.get("/authorize", query_string=query, headers=headers, base_url=ISSUER)


FORMS: tuple[str, ...] = (
    "{name}={value}; {name}={value}",
    "{name}=x; {name}={value}",
    "{name}={value}; {name}=x",
    "{name}={value}; {name}=",
    "={name}={value}",
    "={value}",
    "{name}",
    "{name}=",
    '{name}="{value}',
    "{name}={value}x",
    "{name}={value} x",
    "{name}=%22{value}%22",
    "{lower}={value}",
    "{upper}={value}",
    "session={value}",
    "idp-session={value}",
    "__Secure-session={value}",
    "__Host-session={value}",
    "__Host-browser={value}",
    "{name}-x={value}",
    "{name}; {name}={value}; {name}=y",
    "{name}=" + "A" * 43,
    "{name}=" + "A" * 5000,
    "{name}=å",
    "{name}=' OR 1=1 --",
    "{name}=" + hashlib.sha256(b"x").hexdigest(),
    "{name}={value},{name}={value}",
)


@each("form", FORMS, name=lambda form: ascii(form)[1:40])
def test_a_session_cookie_counts_once_under_its_own_name(target: Target, form: str) -> None:
    value = cookie(target.anna)
    header = form.format(name=SESSION, value=value, lower=SESSION.lower(), upper=SESSION.upper())
    target.strike(partial(ask_with, target, header), status=303, error="login_required")


def test_two_cookie_headers_are_two_cookies(target: Target) -> None:
    pair = f"{SESSION}={cookie(target.anna)}"
    target.strike(partial(ask_with, target, [("Cookie", pair), ("Cookie", pair)]), status=303, error="login_required")


def test_the_hash_that_is_stored_is_no_cookie(target: Target) -> None:
    """Somebody who reads the database has no session."""
    value = cookie(target.anna)
    stored = hashlib.sha256(value.encode()).hexdigest()
    assert target.provider.scalar(f"SELECT count(*) FROM sessions WHERE cookie_hash = '{stored}'") == 1
    target.strike(partial(ask_with, target, f"{SESSION}={stored}"), status=303, error="login_required")


def test_the_honest_cookie_is_a_session(target: Target) -> None:
    """The control of this file."""
    assert "code=" in ask_with(target, f"{SESSION}={cookie(target.anna)}").headers["Location"]


def test_every_cookie_is_out_of_reach_of_scripts_and_other_sites(target: Target) -> None:
    browser = target.provider.browser().authorize().identify(ANNA)
    seen = [
        line
        for path in ("/authorize?" + "&".join(f"{k}={v}" for k, v in target.question("minasidor").items()), "/logout")
        for line in browser.client.get(path, base_url=ISSUER).headers.getlist("Set-Cookie")
    ]
    kept = [f"{one.key}" for one in browser.client._cookies.values()]  # type: ignore[union-attr]
    assert SESSION in kept
    for name in kept:
        assert name.startswith("__Host-")
    for line in seen:
        assert "; Secure" in line
        assert "; HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Domain=" not in line
        assert "Path=/" in line


@pytest.fixture
def alone(target: Target) -> Provider:
    return target.provider


def test_a_cookie_planted_before_the_login_is_dead_after_it(alone: Provider) -> None:
    """Session fixation (CWE-384): whatever the browser held before, it gets a new one."""
    browser = alone.browser().authorize()
    browser.client.set_cookie(SESSION, "planted-by-an-attacker-planted-by-an-attack", domain="id.example", secure=True)
    browser.identify(ANNA)
    assert cookie(browser) != "planted-by-an-attacker-planted-by-an-attack"
    other = alone.browser()
    other.client.set_cookie(SESSION, "planted-by-an-attacker-planted-by-an-attack", domain="id.example", secure=True)
    assert other.authorize(prompt="none").answer["error"] == "login_required"


def test_a_new_login_of_the_same_person_replaces_the_cookie(alone: Provider) -> None:
    browser = alone.browser().authorize().identify(ANNA)
    before = cookie(browser)
    alone.clock.advance(seconds=5)
    browser.authorize(prompt="login").identify(ANNA)
    thief = alone.browser()
    thief.client.set_cookie(SESSION, before, domain="id.example", secure=True)
    assert cookie(browser) != before
    assert thief.authorize(prompt="none").answer["error"] == "login_required"


def test_another_persons_login_ends_the_first_persons_session(alone: Provider) -> None:
    """Two people, one browser: never one sid, and what the first one's client holds stops working."""
    alone.browser().first_login(user=BO)
    alone.clock.advance(seconds=5)
    browser = alone.browser().authorize().identify(ANNA)
    first = browser.redeem().get_json()
    rp = RelyingParty(alone)
    alone.clock.advance(seconds=5)
    second = browser.authorize(prompt="login").identify(BO).redeem().get_json()
    one, other = (rp.read(tokens["id_token"]).members for tokens in (first, second))
    assert one["sub"] != other["sub"]
    assert one["sid"] != other["sid"]
    assert rp.userinfo(first["access_token"]).status_code == 401
    assert rp.userinfo(second["access_token"]).get_json()["sub"] == other["sub"]


def test_giving_up_a_second_login_leaves_the_session_as_it_was(target: Target, alone: Provider) -> None:
    browser = alone.browser().authorize().identify(ANNA)
    before = target.eye.execute("SELECT * FROM sessions WHERE ended_at IS NULL").fetchall()
    browser.authorize(prompt="login").start()
    browser.submit("/bankid/cancel")
    browser.submit("/leave")
    assert browser.answer["error"] == "access_denied"
    assert target.eye.execute("SELECT * FROM sessions WHERE ended_at IS NULL").fetchall() == before
    assert "code" in browser.authorize(prompt="none").answer


def test_the_victim_of_a_forwarded_start_logs_nobody_in(alone: Provider) -> None:
    """The attacker's browser started; the app ran elsewhere and never came back here (CWE-384)."""
    attacker = alone.browser().authorize().start("same_device")
    alone.clock.advance(seconds=3)
    alone.bankid.approve(ANNA, device_ip="203.0.113.77", risk=None)
    alone.collect()
    attacker.get(attacker.base)
    assert attacker.left_to is None
    assert cookie(attacker) == ""


@pytest.mark.parametrize(("launch", "hidden"), [("qr", "autostarttoken"), ("same_device", "bankid.67df3917")])
def test_a_page_holds_one_way_in_only(alone: Provider, launch: str, hidden: str) -> None:
    """A code must not bring along what starts the app on the same device, nor the other way round."""
    browser = alone.browser().authorize().start(launch)
    status = browser.look()
    assert ("open_url" in status, "qr" in status) == (launch == "same_device", launch == "qr")
    assert hidden not in browser.get(f"{browser.base}/bankid").page
    assert hidden not in str(status)


def test_a_completion_is_used_once_and_in_its_own_browser(alone: Provider) -> None:
    browser = alone.browser().authorize().start()
    alone.clock.advance(seconds=3)
    alone.bankid.approve(ANNA)
    alone.collect()
    thief = alone.browser().authorize()
    thief.get(browser.base)
    assert thief.status == 400
    assert "code" in browser.get(browser.base).answer


@pytest.mark.parametrize("limit", ["session_idle", "session_absolute"])
def test_a_session_ends_by_itself_to_the_second(alone: Provider, limit: str) -> None:
    """Used all the time it lives for an hour and no longer; left alone for half of that."""
    settings = alone.settings.sign_in
    browser = alone.browser().authorize().identify(ANNA)
    began = alone.clock()
    life, pause = getattr(settings, limit), settings.session_idle - timedelta(seconds=1)
    while limit == "session_absolute" and began + life - alone.clock() > pause:
        alone.clock.advance(seconds=pause.total_seconds())
        assert "code" in browser.authorize(prompt="none").answer
    alone.clock.now = began + life - timedelta(seconds=1)
    assert "code" in browser.authorize(prompt="none").answer
    alone.clock.now += settings.session_idle if limit == "session_idle" else timedelta(seconds=1)
    assert browser.authorize(prompt="none").answer["error"] == "login_required"


def test_no_session_lives_longer_than_an_hour_unless_somebody_decides_so(alone: Provider) -> None:
    assert alone.settings.sign_in.session_absolute <= timedelta(minutes=60)


def test_a_consent_is_the_persons_who_gave_it_and_nobody_elses(alone: Provider) -> None:
    """Anna allows, goes away before she is sent on, and is logged out; Bo goes on in the very same tab."""
    browser = alone.browser().authorize("partner", scope="openid email").identify(ANNA)
    assert browser.step == "consent"
    action = f"{browser.base}/consent"
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert token is not None
    form = {"csrf_token": token[1], "answer": "allow"}
    assert browser.client.post(action, data=form, base_url=ISSUER).status_code == 303
    for one in list(browser.client._cookies.values()):  # type: ignore[union-attr]
        if "session" in one.key:
            browser.client.delete_cookie(one.key, domain="id.example")
    alone.clock.advance(seconds=5)
    browser.get(browser.base).identify(BO)
    assert browser.step == "consent"


def test_a_consent_given_in_one_tab_is_no_other_persons_in_another(alone: Provider) -> None:
    """The same, but the second person logs in in another tab and the first tab goes on with that session."""
    first = alone.browser().authorize("partner", scope="openid phone").identify(CLARA)
    token = re.search(r'name="csrf_token" value="([^"]+)"', first.page)
    assert token is not None
    base = first.base
    form = {"csrf_token": token[1], "answer": "allow"}
    assert first.client.post(f"{base}/consent", data=form, base_url=ISSUER).status_code == 303
    alone.clock.advance(seconds=5)
    first.authorize("partner", prompt="login", scope="openid").identify(BO)
    first.get(base)
    assert first.step == "consent" or "bankid" in first.step
