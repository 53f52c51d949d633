"""MinaSidor against a tiny provider: what it sends, what it believes, and when it lets go of a login."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from idp_sandbox.minasidor import client_key, logout_token
from idp_sandbox.minasidor.customer_overview import overview_of, swedish_amount, swedish_day
from idp_sandbox.minasidor.portal import create_portal
from idp_tests.sandbox.fake_provider import ISSUER, FakeProvider, options_for, verified_assertion

BASE = "http://localhost:8001"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stubs:
        yield FakeProvider(
            stubs,
            userinfo={
                "name": "Anna <Andersson>",
                "customer_number": "10012345",
                "https://id.oidc.se/claim/orgName": "Exempelbolaget AB",
                "https://id.oidc.se/claim/orgNumber": "5560160680",
            },
        )


@pytest.fixture
def browser(tmp_path: Path, provider: FakeProvider) -> FlaskClient:
    return create_portal(options_for(tmp_path, 8001)).test_client()


def log_in(browser: FlaskClient, provider: FakeProvider, **answer: str) -> Any:
    query = provider.expect_login(browser.get("/login").location, client_id="minasidor")
    return browser.get("/callback", query_string={"code": "code-1", "state": query["state"], "iss": ISSUER, **answer})


def logout_token_with(provider: FakeProvider, **changes: Any) -> str:
    moment = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": ISSUER,
        "aud": "minasidor",
        "iat": moment,
        "exp": moment + 120,
        "jti": "word-1",
        "sid": "session-1",
        "sub": "person-1",
        "events": {logout_token.EVENT: {}},
        **changes,
    }
    return provider.sign({name: value for name, value in claims.items() if value is not None}, typ="logout+jwt")


def test_the_start_page_has_log_in_in_its_header(browser: FlaskClient) -> None:
    page = browser.get("/").text
    header = page[page.index("<header") : page.index("</header>")]
    assert 'id="login"' in header
    assert "Logga in" in header


def test_a_login_asks_with_s256_state_and_nonce(browser: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(browser.get("/login").location, client_id="minasidor")
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert query["redirect_uri"] == BASE + "/callback"
    assert query["client_id"] == "minasidor"
    assert query["state"] != query["nonce"]


def test_a_login_passes_on_what_a_demonstration_asks_for_and_nothing_else(browser: FlaskClient) -> None:
    location = browser.get("/login?prompt=login&max_age=0&ui_locales=en&redirect_uri=https://evil.test").location
    query = parse_qs(urlsplit(location).query)
    assert (query["prompt"], query["max_age"], query["ui_locales"]) == (["login"], ["0"], ["en"])
    assert query["redirect_uri"] == [BASE + "/callback"]


def test_a_login_shows_the_person_and_the_customer_escaped(browser: FlaskClient, provider: FakeProvider) -> None:
    assert log_in(browser, provider).status_code == 303
    page = browser.get("/").text
    assert "Anna &lt;Andersson&gt;" in page
    assert "10012345" in page
    assert "Exempelbolaget AB" in page
    assert "556016-0680" in page


def test_the_token_request_proves_the_client_by_its_own_key(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider)
    form = provider.token_requests[0]
    assertion = verified_assertion(form["client_assertion"], browser.get("/jwks.json").json or {})
    assert assertion.claims["iss"] == assertion.claims["sub"] == "minasidor"
    assert assertion.claims["aud"] == ISSUER + "/token"
    assert assertion.claims["exp"] - assertion.claims["iat"] == 60
    assert assertion.header["kid"] == (browser.get("/jwks.json").json or {})["keys"][0]["kid"]
    assert "client_secret" not in form
    assert len(form["code_verifier"]) >= 43


def test_a_client_assertion_is_never_used_twice(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider)
    log_in(browser, provider)
    jwks = browser.get("/jwks.json").json
    used = [verified_assertion(form["client_assertion"], jwks).claims["jti"] for form in provider.token_requests]
    assert len(set(used)) == len(used) == 2


def test_the_published_keys_hold_no_private_part(browser: FlaskClient, tmp_path: Path) -> None:
    published = (browser.get("/jwks.json").json or {})["keys"][0]
    assert "d" not in published
    assert published["kid"] == client_key.load_or_make(tmp_path).kid


def test_the_client_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    client_key.load_or_make(tmp_path)
    assert (tmp_path / client_key.FILE_NAME).stat().st_mode & 0o077 == 0


def test_an_answer_of_another_provider_is_refused(browser: FlaskClient, provider: FakeProvider) -> None:
    response = log_in(browser, provider, iss="https://evil.test")
    assert response.status_code == 400
    assert not provider.token_requests
    assert 'id="person-name"' not in browser.get("/").text


@pytest.mark.parametrize(
    "claims", [{"nonce": "another"}, {"aud": "mittprezero"}, {"iss": "https://evil.test"}, {"exp": 1}, {"nonce": None}]
)
def test_an_id_token_that_breaks_a_rule_logs_nobody_in(
    browser: FlaskClient, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert log_in(browser, provider).status_code == 400
    assert 'id="person-name"' not in browser.get("/").text


def test_userinfo_about_somebody_else_logs_nobody_in(browser: FlaskClient, provider: FakeProvider) -> None:
    provider.userinfo = {"sub": "person-2"}
    assert log_in(browser, provider).status_code == 400


def test_a_code_works_also_when_it_arrives_by_form_post(browser: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(browser.get("/login?response_mode=form_post").location, client_id="minasidor")
    form = {"code": "code-1", "state": query["state"], "iss": ISSUER}
    assert browser.post("/callback", data=form).status_code == 303
    assert 'id="person-name"' in browser.get("/").text


def test_a_refusal_is_shown_with_its_code_and_description(browser: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(browser.get("/login").location, client_id="minasidor")
    answer = {"error": "server_error", "error_description": "it <fell>", "state": query["state"]}
    response = browser.get("/callback", query_string=answer)
    assert response.status_code == 400
    assert "Inloggningen gick inte igenom" in response.text
    assert "server_error" in response.text
    assert "it &lt;fell&gt;" in response.text


def test_who_gave_up_is_told_so_and_reads_no_english(browser: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(browser.get("/login").location, client_id="minasidor")
    answer = {"error": "access_denied", "error_description": "The person left", "state": query["state"]}
    page = browser.get("/callback", query_string=answer).text
    assert "Inloggningen avbröts" in page
    assert "Du avbröt inloggningen. Logga in igen när du vill." in page
    assert "The person left" not in page
    assert "kundservice" not in page
    assert '<dd id="error-code">access_denied</dd>' in page


def test_a_restored_tab_with_an_old_answer_begins_a_new_login_once(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    answer = log_in(browser, provider, state="of-a-browser-that-was-closed")
    assert not provider.token_requests
    again = provider.expect_login(answer.location, client_id="minasidor")
    stranger = browser.application.test_client()  # keeps no cookies: it must not go round for ever
    page = stranger.get("/callback", query_string={"code": "code-1", "state": again["state"], "iss": ISSUER})
    assert page.status_code == 400
    assert "Webbläsaren sparar inga kakor" in page.text
    finished = browser.get("/callback", query_string={"code": "code-1", "state": again["state"], "iss": ISSUER})
    assert finished.location == "/"
    assert 'id="person-name"' in browser.get("/").text


def test_a_reloaded_answer_leads_to_the_overview(browser: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(browser.get("/login").location, client_id="minasidor")
    answer = {"code": "code-1", "state": query["state"], "iss": ISSUER}
    browser.get("/callback", query_string=answer)
    assert browser.get("/callback", query_string=answer).location == "/"
    assert len(provider.token_requests) == 1


def test_a_refusal_nobody_asked_for_is_not_shown(browser: FlaskClient) -> None:
    response = browser.get("/callback", query_string={"error": "ring", "error_description": "070", "state": "made-up"})
    assert response.location.startswith(ISSUER + "/authorize?")
    assert "070" not in response.text


def test_the_overview_shows_collections_and_invoices_and_says_that_they_are_made_up(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    log_in(browser, provider)
    page = browser.get("/").text
    for wanted in ("Nästa hämtningar", "Restavfall", "Fakturor", "Att betala", "påhittade"):
        assert wanted in page
    assert "session-1" not in page, "what developers want to know is on its own page"


def test_the_login_details_are_one_click_away_and_only_for_who_is_logged_in(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    assert browser.get("/login-details").location == "/"
    log_in(browser, provider)
    assert 'href="/login-details"' in browser.get("/").text
    assert 'data-claim="sid">session-1<' in browser.get("/login-details").text


@pytest.mark.parametrize(
    ("path", "heading"), [("/help", "Hjälp"), ("/privacy", "personuppgifter"), ("/accessibility", "Tillgänglighet")]
)
def test_the_pages_of_the_footer_are_there(browser: FlaskClient, path: str, heading: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert re.search(f"<h1>[^<]*{heading}", answer.text)
    assert f'href="{path}"' in browser.get("/").text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/logout", 405)])
def test_an_address_that_is_none_is_answered_in_swedish_with_a_way_on(
    browser: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = browser.open(path, method=method)
    assert answer.status_code == status
    assert "Sidan" in answer.text
    assert 'id="continue" href="/"' in answer.text


def test_the_overview_is_the_same_all_day_and_never_on_a_weekend() -> None:
    for day in range(14):
        today = date(2026, 11, 23) + timedelta(days=day)
        overview = overview_of("10012345", today)
        assert overview == overview_of("10012345", today)
        assert all(each.day > today and each.day.weekday() < 5 for each in overview.collections)
        assert [each.is_paid for each in overview.invoices] == [False, True, True]


def test_days_and_amounts_are_written_as_in_sweden() -> None:
    assert swedish_day(date(2026, 12, 3)) == "torsdag 3 december"
    assert swedish_amount(1870) == "1\N{NO-BREAK SPACE}870\N{NO-BREAK SPACE}kr"


def test_logging_out_goes_by_the_provider_and_comes_back(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider)
    location = browser.post("/logout").location
    query = parse_qs(urlsplit(location).query)
    assert location.startswith(ISSUER + "/logout?")
    assert query["post_logout_redirect_uri"] == [BASE + "/logged-out"]
    assert query["id_token_hint"][0].count(".") == 2
    assert 'id="person-name"' not in browser.get("/").text
    assert "Du är utloggad" in browser.get("/logged-out", query_string={"state": query["state"][0]}).text


def test_a_logged_out_page_that_nobody_asked_for_is_the_start_page(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    log_in(browser, provider)
    assert browser.get("/logged-out?state=made-up").location == "/"
    assert 'id="person-name"' in browser.get("/").text


def test_a_back_channel_logout_ends_the_login(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider)
    answer = browser.post("/backchannel-logout", data={"logout_token": logout_token_with(provider)})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'id="person-name"' not in browser.get("/").text


def test_a_back_channel_logout_works_after_the_provider_changed_keys(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    log_in(browser, provider)
    provider.change_key()
    assert browser.post("/backchannel-logout", data={"logout_token": logout_token_with(provider)}).status_code == 200


def test_a_logout_of_another_session_leaves_the_login_alone(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider)
    browser.post("/backchannel-logout", data={"logout_token": logout_token_with(provider, sid="session-2")})
    assert 'id="person-name"' in browser.get("/").text


def test_a_logout_word_without_a_session_ends_everything_of_the_person(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    log_in(browser, provider)
    browser.post("/backchannel-logout", data={"logout_token": logout_token_with(provider, sid=None)})
    assert 'id="person-name"' not in browser.get("/").text


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.test"},
        {"aud": "mittprezero"},
        {"events": {}},
        {"events": None},
        {"nonce": "n"},
        {"jti": None},
        {"sid": None, "sub": None},
        {"iat": 1},
        {"exp": 1},
    ],
)
def test_a_logout_word_that_breaks_a_rule_ends_nothing(
    browser: FlaskClient, provider: FakeProvider, changes: dict[str, Any]
) -> None:
    log_in(browser, provider)
    answer = browser.post("/backchannel-logout", data={"logout_token": logout_token_with(provider, **changes)})
    assert answer.status_code == 400
    assert 'id="person-name"' in browser.get("/").text


def test_a_logout_word_from_another_signer_ends_nothing(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider)
    word = logout_token_with(provider)
    provider.change_key()
    assert browser.post("/backchannel-logout", data={"logout_token": word}).status_code == 400
    assert browser.post("/backchannel-logout", data={"logout_token": "not.a.token"}).status_code == 400
    assert 'id="person-name"' in browser.get("/").text


def test_an_id_token_is_not_a_logout_token_with(provider: FakeProvider) -> None:
    now = datetime.now(UTC)
    keys = KeySet.import_key_set(provider.jwks())
    with pytest.raises(logout_token.NotALogoutToken, match="typ"):
        logout_token.read(
            provider.id_token(client_id="minasidor", nonce="n"),
            keys=keys,
            issuer=ISSUER,
            client_id="minasidor",
            now=now,
        )


def test_a_logout_word_is_believed_for_five_minutes(provider: FakeProvider) -> None:
    word, keys = logout_token_with(provider), KeySet.import_key_set(provider.jwks())
    later = datetime.now(UTC) + timedelta(minutes=6)
    with pytest.raises(logout_token.NotALogoutToken, match="exp has passed"):
        logout_token.read(word, keys=keys, issuer=ISSUER, client_id="minasidor", now=later)


def test_a_front_channel_logout_ends_the_named_session(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider)
    browser.get("/frontchannel-logout", query_string={"iss": "https://evil.test", "sid": "session-1"})
    assert 'id="person-name"' in browser.get("/").text
    browser.get("/frontchannel-logout", query_string={"iss": ISSUER, "sid": "session-1"})
    assert 'id="person-name"' not in browser.get("/").text


def test_somebody_else_may_begin_a_login_with_our_provider(browser: FlaskClient) -> None:
    answer = browser.get("/initiate", query_string={"iss": ISSUER, "login_hint": "anna", "target_link_uri": BASE + "/"})
    assert answer.location == "/login?login_hint=anna"


@pytest.mark.parametrize(
    "parameters", [{"iss": "https://evil.test"}, {}, {"iss": ISSUER, "target_link_uri": "https://evil.test/"}]
)
def test_a_login_begun_elsewhere_leads_only_to_our_provider_and_our_pages(
    browser: FlaskClient, parameters: dict[str, str]
) -> None:
    assert browser.get("/initiate", query_string=parameters).status_code == 400


def test_a_provider_that_does_not_answer_gives_a_page_that_says_so(
    tmp_path: Path, browser: FlaskClient, provider: FakeProvider
) -> None:
    provider.stubs.reset()
    answer = browser.get("/login")
    assert answer.status_code == 502
    assert "svarar inte just nu" in answer.text


def identify_again(browser: FlaskClient, provider: FakeProvider) -> Any:
    query = provider.expect_login(browser.get("/login?prompt=login").location, client_id="minasidor")
    return browser.get("/callback", query_string={"code": "code-2", "state": query["state"], "iss": ISSUER})


def become(provider: FakeProvider, sub: str) -> None:
    provider.claims = {"sub": sub}
    provider.userinfo |= {"sub": sub, "name": "Erik Eriksson"}


def test_identifying_again_tells_the_provider_who_is_expected(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider)
    query = provider.expect_login(browser.get("/login?prompt=login").location, client_id="minasidor")
    hint = jwt.decode(query["id_token_hint"], KeySet.import_key_set(provider.jwks()), algorithms=["ES256"])
    assert hint.claims["sub"] == "person-1"
    assert identify_again(browser, provider).status_code == 303


def test_nobody_is_expected_at_a_first_login(browser: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(browser.get("/login?prompt=login").location, client_id="minasidor")
    assert "id_token_hint" not in query


def test_another_person_who_identifies_again_does_not_take_the_login_over(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    log_in(browser, provider)
    become(provider, "person-2")
    response = identify_again(browser, provider)
    assert response.status_code == 400
    assert "En annan person identifierade sig" in response.text
    assert "Här är fortfarande Anna &lt;Andersson&gt; inloggad." in response.text
    assert "Anna &lt;Andersson&gt;" in browser.get("/").text


def test_another_person_may_log_in_after_a_logout_though_a_renewal_was_given_up(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    log_in(browser, provider)
    browser.get("/login?prompt=login")
    browser.post("/logout")
    become(provider, "person-2")
    assert log_in(browser, provider).status_code == 303
    assert "Erik Eriksson" in browser.get("/").text
