"""A planned stop, and requests that a browser posts: another site's form carries none of our SameSite=Lax cookies."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from idp_tests.browser import Browser
from idp_tests.cases import each
from idp_tests.client_side import s256
from idp_tests.provider import ISSUER, Provider, restarted
from idp_tests.relying_party import CLIENT_SIDES, RelyingParty, change

NOTHING: dict[str, str | None] = dict.fromkeys(CLIENT_SIDES["minasidor"].authorization_request())
"""Leaves every parameter out."""


def posted_from_elsewhere(browser: Browser, **changes: Any) -> TestResponse:
    """A cross-site POST: no cookie is sent, and what the answer sets is kept in the jar."""
    stranger = browser.provider.app.test_client()
    form = CLIENT_SIDES["minasidor"].authorization_request(**{"state": "posted", **changes})
    response = stranger.post("/authorize", data=form, headers={"Sec-Fetch-Site": "cross-site"}, base_url=ISSUER)
    for header in response.headers.getlist("Set-Cookie"):
        name, _, value = header.partition(";")[0].partition("=")
        browser.client.set_cookie(name, value, domain="id.example", secure=True)
    return response


def followed(browser: Browser, response: TestResponse) -> Browser:
    return browser.get(response.headers["Location"])


def pushed(provider: Provider, **changes: str) -> str:
    return str(RelyingParty(provider).push(**{"state": "posted", **changes}).get_json()["request_uri"])


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_prompt_none_shows_an_app_no_page_of_ours(provider: Provider, mode: str) -> None:
    """Not even the one with the way back (OpenID Connect Core 3.1.2.1); without the prompt that page comes."""
    browser = provider.browser().first_login()
    assert browser.authorize("mittprezero").step == "return_to_app"
    browser.authorize("mittprezero", prompt="none", response_mode=mode)
    if mode == "query":
        assert set(browser.answer) == {"code", "state", "iss"}
    else:
        assert 'name="code"' in browser.page
        assert "form-post" in browser.page


def test_another_sites_post_does_not_disturb_a_login_in_another_tab(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    tab = browser.base
    posted_from_elsewhere(browser)
    assert browser.look()["state"] == "pending"
    followed(browser, posted_from_elsewhere(browser))
    assert browser.step == "bankid"
    assert browser.get(tab).status == 200
    assert browser.base == tab


def test_a_post_sets_no_cookie_and_puts_nothing_of_the_request_into_an_address(provider: Provider) -> None:
    response = posted_from_elsewhere(provider.browser(), login_hint="somebody", scope="openid email")
    assert response.status_code == 303
    assert "Set-Cookie" not in response.headers
    assert re.fullmatch(
        r"/authorize\?client_id=minasidor&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A[A-Za-z0-9_-]{43}",
        response.headers["Location"],
    )


def test_a_post_is_answered_from_a_live_session(provider: Provider) -> None:
    browser = provider.browser().first_login()
    orders = len(provider.bankid.requests)
    again = followed(browser, posted_from_elsewhere(browser, code_challenge=s256(browser.verifier)))
    assert again.answer["state"] == "posted"
    assert again.redeem().status_code == 200
    assert len(provider.bankid.requests) == orders


def test_silence_asked_for_by_post_is_kept(provider: Provider) -> None:
    browser = provider.browser()
    refused = followed(browser, posted_from_elsewhere(browser, prompt="none"))
    assert (refused.answer["error"], refused.answer["state"]) == ("login_required", "posted")
    browser.first_login()
    assert "code" in followed(browser, posted_from_elsewhere(browser, prompt="none")).answer


def test_the_answer_to_a_post_comes_in_the_mode_asked_for(provider: Provider) -> None:
    browser = provider.browser().first_login()
    page = followed(browser, posted_from_elsewhere(browser, response_mode="form_post")).page
    assert 'action="https://minasidor.example/cb"' in page
    assert 'name="state" value="posted"' in page


@pytest.mark.each_database
def test_a_post_is_answered_once(provider: Provider) -> None:
    browser = provider.browser().first_login()
    response = posted_from_elsewhere(browser)
    assert "code" in followed(browser, response).answer
    assert (followed(browser, response).left_to, browser.status) == (None, 400)


def test_a_posted_request_waits_as_long_as_a_pushed_one(provider: Provider) -> None:
    browser = provider.browser()
    response = posted_from_elsewhere(browser)
    provider.clock.advance(seconds=91)
    assert followed(browser, response).status == 400


@each("changes", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/cb"}])
def test_what_may_not_be_answered_is_displayed_at_the_post(provider: Provider, changes: Any) -> None:
    response = posted_from_elsewhere(provider.browser(), **changes)
    assert (response.status_code, response.headers.get("Location")) == (400, None)
    assert provider.scalar("SELECT count(*) FROM pushed_requests") == 0


def test_what_is_wrong_with_a_post_is_answered_to_the_client(provider: Provider) -> None:
    response = posted_from_elsewhere(provider.browser(), code_challenge_method="plain")
    address = urlsplit(response.headers["Location"])
    assert (address.netloc, parse_qs(address.query)["error"]) == ("minasidor.example", ["invalid_request"])


def test_a_post_with_a_reference_goes_on_with_that_reference(provider: Provider) -> None:
    reference = pushed(provider, state="pushed")
    form = NOTHING | {"client_id": "minasidor", "request_uri": reference}
    browser = provider.browser()
    response = posted_from_elsewhere(browser, **form)
    assert parse_qs(urlsplit(response.headers["Location"]).query)["request_uri"] == [reference]
    assert followed(browser, response).step == "bankid"


def test_a_client_that_must_push_cannot_post_instead(provider: Provider) -> None:
    change(provider, "minasidor", require_pushed_authorization_requests=True)
    response = posted_from_elsewhere(provider.browser())
    assert "error=invalid_request" in response.headers["Location"]
    form = NOTHING | {"client_id": "minasidor", "request_uri": pushed(provider)}
    browser = provider.browser()
    assert followed(browser, posted_from_elsewhere(browser, **form)).step == "bankid"


def closed(provider: Provider, **ahead: float) -> dict[str, Any]:
    """The settings of a stop that is on, and how long it lasts."""
    now = provider.clock()
    return {"closed_from": now - timedelta(minutes=1), "closed_until": now + timedelta(**ahead)}


@each("hours, words", [(3, "Den öppnar igen klockan 17:00."), (24, "Den öppnar igen den 2026-05-06 klockan 14:00.")])
def test_during_a_planned_stop_no_login_begins_and_people_read_until_when(
    provider: Provider, hours: int, words: str
) -> None:
    with restarted(provider, notice=closed(provider, hours=hours)) as stopped:
        browser = stopped.browser().authorize()
    assert browser.status == 503
    assert "Inloggningen är stängd för underhåll." in browser.page
    assert words in browser.page
    assert 'class="button" id="retry" href=""' in browser.page
    assert 'id="restart"' not in browser.page, "another login would meet the same"
    assert provider.scalar("SELECT count(*) FROM interactions") == 0


def test_a_planned_stop_disturbs_nobody_who_is_logged_in_or_in_the_middle_of_it(provider: Provider) -> None:
    begun = provider.browser().authorize()
    with restarted(provider, notice=closed(provider, hours=1)) as stopped:
        begun.provider, begun.client.application = stopped, stopped.app
        begun.identify().link().register()
        stopped.clock.advance(seconds=5)
        assert "code" in begun.identify().answer
        assert "code" in begun.authorize().answer


def test_a_silent_request_is_answered_during_a_planned_stop_too(provider: Provider) -> None:
    with restarted(provider, notice=closed(provider, hours=1)) as stopped:
        assert stopped.browser().authorize(prompt="none").answer["error"] == "login_required"


def test_after_a_planned_stop_logins_begin_by_themselves(provider: Provider) -> None:
    with restarted(provider, notice=closed(provider, hours=1)) as stopped:
        stopped.clock.advance(hours=1)
        assert stopped.browser().authorize().step == "bankid"


def test_what_everybody_is_told_stands_on_every_page(provider: Provider) -> None:
    told = {"sv": "Vi byter nät <i natt>.", "en": "New network."}
    with restarted(provider, notice=told) as telling:
        browser = telling.browser()
        assert "Vi byter nät &lt;i natt&gt;." in browser.authorize().page
        assert "New network." in browser.get("/?lang=en").page
