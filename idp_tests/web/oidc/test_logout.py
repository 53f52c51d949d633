import html
import re
from datetime import timedelta

import pytest

from idp.core.oidc.logout.end_session import BACKCHANNEL_KIND
from idp_tests.browser import Browser
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import RelyingParty, change

BYE = "https://minasidor.example/bye"


def signed_in(provider: Provider) -> tuple[Browser, str]:
    """A browser with a session, and the ID Token that MinaSidor got."""
    browser = provider.browser().first_login()
    return browser, str(browser.redeem().get_json()["id_token"])


def has_session(browser: Browser) -> bool:
    """Whether single sign-on still works."""
    return "code" in browser.authorize(prompt="none").answer


def log_out(browser: Browser, **parameters: str) -> Browser:
    from urllib.parse import urlencode

    return browser.get(f"/logout?{urlencode(parameters)}")


def test_the_session_cookie_is_erased(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    response = browser.client.get(
        "/logout",
        query_string={"id_token_hint": hint, "post_logout_redirect_uri": BYE},
        headers=browser.headers,
        base_url=ISSUER,
    )
    erased = [header for header in response.headers.getlist("Set-Cookie") if "Max-Age=0" in header]
    assert any(re.match(r"__Host-session-[0-9a-f]{8}=;", header) for header in erased)
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert response.headers["Cache-Control"] == "no-store"


def test_without_a_hint_the_person_decides(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    log_out(browser)
    assert (browser.status, "Vill du logga ut?" in browser.page, "MinaSidor" in browser.page) == (200, True, True)
    assert has_session(browser)
    log_out(browser).submit("/logout/answer", answer="logout")
    assert "Du är utloggad" in browser.page
    assert browser.authorize(prompt="none").answer["error"] == "login_required"


def test_the_other_language_asks_the_same_question(provider: Provider) -> None:
    """Without its parameters the link would forget who asks and where the person wants to go back to."""
    from urllib.parse import parse_qs

    browser, _ = signed_in(provider)
    log_out(browser, client_id="minasidor", post_logout_redirect_uri=BYE, state="s&t", ui_locales="sv", other="x")
    link = re.search(r'<a class="language" href="([^"]*)"', browser.page)
    assert link is not None
    query = html.unescape(link[1]).removeprefix("?")
    assert parse_qs(query) == {
        "client_id": ["minasidor"],
        "post_logout_redirect_uri": [BYE],
        "state": ["s&t"],
        "ui_locales": ["sv"],
        "lang": ["en"],
    }
    browser.get(f"/logout?{query}")
    assert "Do you want to log out?" in browser.page
    browser.submit("/logout/answer", answer="logout")
    assert "You are logged out" in browser.page
    assert f'href="{BYE}?state=s%26t"' in browser.page


def test_the_language_link_of_an_error_page_repeats_nothing(provider: Provider) -> None:
    browser = provider.browser()
    for path in ("/logout?id_token_hint=canary&state=canary", "/authorize?client_id=canary&state=canary"):
        browser.get(path)
        assert (browser.status, "canary" in browser.page) == (400, False)
        assert 'href="?lang=en"' in browser.page


def test_staying_keeps_the_session(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    log_out(browser).submit("/logout/answer", answer="stay")
    assert browser.left_to == "https://minasidor.example/"
    assert has_session(browser)


def test_the_answer_needs_the_pages_own_token(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    log_out(browser)
    for form in ({"answer": "logout"}, {"answer": "logout", "csrf_token": "x"}):
        assert browser.post("/logout/answer", **form).status == 403
    assert has_session(browser)


def test_an_id_token_that_came_in_a_body_stays_out_of_addresses(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    form = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "x"}
    response = browser.client.post("/logout", data=form, headers=browser.headers, base_url=ISSUER)
    address = response.headers["Location"]
    assert (response.status_code, hint in address, "state" in address) == (303, False, False)
    provider.clock.advance(minutes=11)
    assert browser.get(address).status == 400
    assert has_session(browser)


def test_a_posted_request_that_asks_keeps_its_question_in_another_language(provider: Provider) -> None:
    from idp_tests.scripted_bankid import BO

    _, hint = signed_in(provider)
    other = provider.browser().first_login(user=BO)
    other.post("/logout", id_token_hint=hint, post_logout_redirect_uri=BYE)
    link = re.search(r'<a class="language" href="([^"]*)"', other.page)
    assert link is not None
    assert hint not in link[1]
    other.get(f"/logout{html.unescape(link[1])}")
    assert "Do you want to log out?" in other.page
    other.submit("/logout/answer", answer="logout")
    assert other.left_to == BYE


def test_a_posted_request_with_a_bad_hint_is_a_page(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    browser.post("/logout", id_token_hint=hint[:-4] + "AAAA", post_logout_redirect_uri=BYE)
    assert (browser.status, browser.left_to) == (400, None)
    assert provider.scalar("SELECT count(*) FROM pushed_requests") == 0
    assert has_session(browser)


def test_somebody_elses_hint_asks_and_ends_nothing(provider: Provider) -> None:
    from idp_tests.scripted_bankid import BO

    _, hint = signed_in(provider)
    other = provider.browser().first_login(user=BO)
    log_out(other, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert (other.left_to, "Vill du logga ut?" in other.page) == (None, True)
    assert has_session(other)
    log_out(other, id_token_hint=hint, post_logout_redirect_uri=BYE).submit("/logout/answer", answer="logout")
    assert other.left_to == BYE


def test_a_bad_request_is_a_page_and_ends_nothing(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    for parameters in (
        {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.example/"},
        {"id_token_hint": hint[:-4] + "AAAA", "post_logout_redirect_uri": BYE},
        {"id_token_hint": "x"},
        {"client_id": "nobody"},
        {"client_id": "minasidor", "post_logout_redirect_uri": "https://evil.example/"},
    ):
        log_out(browser, **parameters)
        assert (browser.status, browser.left_to) == (400, None)
        assert "evil.example" not in browser.page
    assert has_session(browser)


def test_a_clients_name_alone_leads_back_only_by_a_press(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    log_out(browser, client_id="minasidor", post_logout_redirect_uri=BYE, state="x")
    assert "Vill du logga ut?" in browser.page
    browser.submit("/logout/answer", answer="logout")
    assert browser.left_to is None
    link = re.search(r'<a [^>]*id="continue"[^>]*>', browser.page)
    assert link is not None
    assert f'href="{BYE}?state=x"' in link[0]
    assert "data-go" not in link[0]


def test_without_a_session_the_person_reads_that_it_is_over(provider: Provider) -> None:
    browser = provider.browser()
    assert "Du är utloggad" in log_out(browser).page


def test_without_a_session_a_hint_still_leads_back(provider: Provider) -> None:
    _, hint = signed_in(provider)
    browser = provider.browser()
    log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert browser.left_to == BYE


def test_the_page_speaks_the_language_that_was_asked(provider: Provider) -> None:
    assert "You are logged out" in log_out(provider.browser(), ui_locales="en").page


@pytest.mark.each_database
def test_logging_out_ends_the_sessions_tokens(provider: Provider) -> None:
    change(provider, "minasidor", refresh_bound_to_session=True)
    browser = provider.browser().first_login()
    tokens = browser.redeem().get_json()
    log_out(browser, id_token_hint=tokens["id_token"])
    assert RelyingParty(provider).userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.each_database
def test_the_back_channel_message_is_queued_once(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    log_out(browser, id_token_hint=hint)
    log_out(browser, id_token_hint=hint)
    statement = f"select count(*) from outbox where kind = '{BACKCHANNEL_KIND}'"
    assert provider.scalar(statement) == 1


def test_a_group_of_its_own_is_left_alone(provider: Provider) -> None:
    """Logging out of the portal does not log out of a partner with its own session."""
    browser, hint = signed_in(provider)
    browser.authorize("partner", prompt="login")
    browser.identify()
    if browser.step == "consent":
        browser.submit("/consent", answer="allow")
    assert "code" in browser.answer
    log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert browser.left_to == BYE
    assert "code" in browser.authorize("partner", prompt="none").answer


def test_a_person_who_logs_out_after_a_long_pause_is_logged_out_all_the_same(provider: Provider) -> None:
    """Too idle for single sign-on is not yet the end of what the session gave."""
    change(provider, "minasidor", grant_types=frozenset({"authorization_code", "refresh_token"}))
    change(provider, "minasidor", refresh_lifetime=timedelta(days=1))
    browser = provider.browser().first_login()
    tokens = browser.redeem().get_json()
    provider.clock.advance(minutes=31)
    assert browser.get("/").authorize(prompt="none").answer["error"] == "login_required"
    rp = RelyingParty(provider)
    assert rp.refresh(tokens["refresh_token"]).status_code == 200
    log_out(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BYE)
    assert browser.left_to == BYE
    assert rp.refresh(tokens["refresh_token"]).status_code == 400


def test_tokens_bound_to_a_session_are_not_renewed_past_its_end(provider: Provider) -> None:
    change(provider, "minasidor", grant_types=frozenset({"authorization_code", "refresh_token"}))
    change(provider, "minasidor", refresh_lifetime=timedelta(days=30))
    tokens = provider.browser().first_login().redeem().get_json()
    rp = RelyingParty(provider)
    absolute = provider.settings.sign_in.session_absolute
    provider.clock.advance(seconds=absolute.total_seconds() - 60)
    assert rp.refresh(tokens["refresh_token"]).status_code == 200
    provider.clock.advance(seconds=61)
    assert rp.refresh(tokens["refresh_token"]).status_code == 400


def test_without_a_return_address_the_only_app_is_the_way_on(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    log_out(browser).submit("/logout/answer", answer="logout")
    assert 'id="continue" href="https://minasidor.example/"' in browser.page
    assert 'id="sign-in-again" href="https://minasidor.example/login?iss=' in browser.page
    assert "data-go" not in browser.page


def test_after_two_apps_none_is_offered(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    browser.authorize("mittprezero")
    log_out(browser).submit("/logout/answer", answer="logout")
    assert "Du är utloggad" in browser.page
    assert 'id="continue"' not in browser.page
