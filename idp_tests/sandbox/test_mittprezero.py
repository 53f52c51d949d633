"""MittPreZero against a tiny provider: a public client that proves itself by PKCE alone and renews without BankID."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

from idp_sandbox.mittprezero.phone_app import MOST_PENDING, create_phone_app, swedish_clock
from idp_tests.cases import each
from idp_tests.sandbox.fake_provider import ISSUER, FakeProvider, options_for

BASE = "http://localhost:8002"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stubs:
        yield FakeProvider(stubs, userinfo={"name": "Björn Åström", "customer_number": "10012345"})


@pytest.fixture
def phone(tmp_path: Path, provider: FakeProvider) -> FlaskClient:
    return create_phone_app(options_for(tmp_path, 8002)).test_client()


def log_in(phone: FlaskClient, provider: FakeProvider, **answer: str) -> Any:
    query = provider.expect_login(phone.get("/login").location, client_id="mittprezero")
    answer = {"code": "code-1", "state": query["state"], "iss": ISSUER, **answer}
    return phone.get("/oauth2redirect", query_string=answer)


def is_logged_in(phone: FlaskClient) -> bool:
    return 'id="person-name"' in phone.get("/").text


def test_the_app_leads_by_prezero_se_to_the_login_as_the_leaflet_says(phone: FlaskClient) -> None:
    assert 'id="to-prezero" href="/prezero"' in phone.get("/").text
    page = phone.get("/prezero").text
    header = page[page.index("<header") : page.index("</header>")]
    assert 'id="login"' in header
    assert "Logga in" in header


def test_a_login_asks_as_a_native_app_with_s256(phone: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(phone.get("/login").location, client_id="mittprezero")
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == BASE + "/oauth2redirect"
    assert "offline_access" in query["scope"].split()


def test_a_login_shows_the_person_and_the_customer(phone: FlaskClient, provider: FakeProvider) -> None:
    assert log_in(phone, provider).status_code == 303
    page = phone.get("/").text
    assert "Björn Åström" in page
    assert "10012345" in page


def test_the_token_request_holds_the_verifier_and_no_secret(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    form = provider.token_requests[0]
    assert form["client_id"] == "mittprezero"
    assert len(form["code_verifier"]) >= 43
    assert not {"client_secret", "client_assertion"} & form.keys()


@pytest.mark.parametrize("answer", [{"iss": "https://evil.test"}, {"iss": ""}])
def test_an_answer_of_another_provider_is_refused(
    phone: FlaskClient, provider: FakeProvider, answer: dict[str, str]
) -> None:
    assert log_in(phone, provider, **answer).status_code == 400
    assert not provider.token_requests
    assert not is_logged_in(phone)


def test_a_restored_tab_with_an_old_answer_begins_a_new_login_once(phone: FlaskClient, provider: FakeProvider) -> None:
    answer = log_in(phone, provider, state="of-a-browser-that-was-closed")
    assert not provider.token_requests
    again = provider.expect_login(answer.location, client_id="mittprezero")
    stranger = phone.application.test_client()  # keeps no cookies: it must not go round for ever
    page = stranger.get("/oauth2redirect", query_string={"code": "code-1", "state": again["state"], "iss": ISSUER})
    assert page.status_code == 400
    assert "Webbläsaren sparar inga kakor" in page.text
    finished = phone.get("/oauth2redirect", query_string={"code": "code-1", "state": again["state"], "iss": ISSUER})
    assert finished.location == "/"
    assert is_logged_in(phone)


def test_an_answer_is_taken_once_and_a_reload_leads_home(phone: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(phone.get("/login").location, client_id="mittprezero")
    answer = {"code": "code-1", "state": query["state"], "iss": ISSUER}
    assert phone.get("/oauth2redirect", query_string=answer).location == "/"
    assert phone.get("/oauth2redirect", query_string=answer).location == "/"
    assert len(provider.token_requests) == 1


def test_after_the_first_login_the_start_page_offers_bankid_directly(
    phone: FlaskClient, provider: FakeProvider
) -> None:
    """The leaflet's last sentence."""
    assert phone.get("/").text.index("Till prezero.se") < phone.get("/").text.index("Logga in med BankID</a>")
    log_in(phone, provider)
    page = phone.post("/logout", follow_redirects=True).text
    assert '<a class="button" id="login" href="/login">Logga in med BankID</a>' in page
    assert "Öppna länken till prezero.se" not in page


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_somebody_else_may_begin_a_login_with_our_provider(
    phone: FlaskClient, provider: FakeProvider, method: str
) -> None:
    parameters = {"iss": ISSUER, "login_hint": "anna", "target_link_uri": BASE + "/"}
    sent: Any = {"query_string": parameters} if method == "GET" else {"data": parameters, "headers": {"Origin": ISSUER}}
    query = provider.expect_login(phone.open("/initiate", method=method, **sent).location, client_id="mittprezero")
    assert query["login_hint"] == "anna"


@pytest.mark.parametrize(
    "parameters", [{"iss": "https://evil.test"}, {}, {"iss": ISSUER, "target_link_uri": "https://evil.test/"}]
)
def test_a_login_begun_elsewhere_leads_only_to_our_provider_and_our_screens(
    phone: FlaskClient, parameters: dict[str, str]
) -> None:
    assert phone.get("/initiate", query_string=parameters).status_code == 400


def test_an_address_that_is_none_is_answered_in_swedish_with_a_way_on(phone: FlaskClient) -> None:
    answer = phone.get("/nowhere")
    assert answer.status_code == 404
    assert "Sidan finns inte" in answer.text
    assert 'id="continue" href="/"' in answer.text


def test_two_logins_under_way_do_not_disturb_each_other(phone: FlaskClient, provider: FakeProvider) -> None:
    first = provider.expect_login(phone.get("/login").location, client_id="mittprezero")
    phone.get("/login")
    provider.expect_login(ISSUER + f"/authorize?nonce={first['nonce']}", client_id="mittprezero")
    answer = {"code": "code-1", "state": first["state"], "iss": ISSUER}
    assert phone.get("/oauth2redirect", query_string=answer).status_code == 303


def test_only_the_newest_attempts_are_kept(phone: FlaskClient, provider: FakeProvider) -> None:
    first = provider.expect_login(phone.get("/login").location, client_id="mittprezero")
    for _ in range(MOST_PENDING):
        phone.get("/login")
    answer = {"code": "code-1", "state": first["state"], "iss": ISSUER}
    phone.get("/oauth2redirect", query_string=answer)
    assert not provider.token_requests


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "minasidor"},
        {"iss": "https://evil.test"},
        {"exp": 1},
        {"exp": None},
        {"iat": 99999999999},
        {"sub": None},
        {"sub": "person-2"},
        {"at_hash": "of-another-access-token"},
    ],
)
def test_an_id_token_that_breaks_a_rule_logs_nobody_in(
    phone: FlaskClient, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    response = log_in(phone, provider)
    assert response.status_code == 400
    assert "invalid_answer" in response.text
    assert not is_logged_in(phone)


def test_an_id_token_signed_by_a_key_that_is_not_published_logs_nobody_in(
    phone: FlaskClient, provider: FakeProvider
) -> None:
    published = provider.jwks()
    provider.stubs.replace(responses.GET, ISSUER + "/jwks.json", json=published)
    provider.key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
    assert log_in(phone, provider).status_code == 400


def test_new_keys_of_the_provider_are_fetched_when_needed(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    provider.change_key()
    assert phone.post("/refresh").status_code == 303
    assert is_logged_in(phone)


def test_updating_uses_each_refresh_token_once_and_keeps_the_new_one(
    phone: FlaskClient, provider: FakeProvider
) -> None:
    log_in(phone, provider)
    phone.post("/refresh")
    phone.post("/refresh")
    used = [form["refresh_token"] for form in provider.token_requests[1:]]
    assert used == ["refresh-1", "refresh-2"]
    assert 'data-renewals="2"' in phone.get("/").text


def test_only_updating_spends_a_refresh_token_also_when_the_access_token_ends_at_once(
    phone: FlaskClient, provider: FakeProvider
) -> None:
    provider.answer = {"expires_in": 1}
    log_in(phone, provider)
    phone.post("/refresh")
    assert [form["grant_type"] for form in provider.token_requests] == ["authorization_code", "refresh_token"]


@each("answer", [{"token_type": "mac"}, {"id_token": None}, {"access_token": None}])
def test_a_token_response_that_breaks_a_rule_logs_nobody_in(
    phone: FlaskClient, provider: FakeProvider, answer: dict[str, Any]
) -> None:
    provider.answer = answer
    assert log_in(phone, provider).status_code == 400
    assert not is_logged_in(phone)


def test_updating_shows_what_has_changed_at_the_provider(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    provider.userinfo["name"] = "Björn Östlund"
    phone.post("/refresh")
    assert "Björn Östlund" in phone.get("/").text


def test_a_refused_refresh_logs_out_and_asks_for_bankid(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    provider.refusal = (400, {"error": "invalid_grant"})
    response = phone.post("/refresh")
    assert "Logga in med BankID igen" in response.text
    assert not is_logged_in(phone)


def test_a_provider_out_of_reach_keeps_the_person_logged_in(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    provider.refusal = (503, {"error": "temporarily_unavailable"})
    assert phone.post("/refresh").status_code == 502
    provider.refusal = None
    assert is_logged_in(phone)


def test_a_renewed_id_token_about_somebody_else_logs_out(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    provider.claims = {"sub": "person-2"}
    assert phone.post("/refresh").status_code == 400
    assert not is_logged_in(phone)


def test_logging_out_gives_the_refresh_token_back(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    phone.post("/logout")
    assert provider.revocations == [
        {"token": "refresh-1", "token_type_hint": "refresh_token", "client_id": "mittprezero"}
    ]
    assert not is_logged_in(phone)


def test_a_form_from_another_site_is_refused(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    assert phone.post("/logout", headers={"Origin": "https://evil.test"}).status_code == 403
    assert phone.post("/logout", headers={"Origin": "null"}).status_code == 403
    assert phone.post("/logout", headers={"Origin": BASE}).status_code == 303


def test_the_apps_own_forms_are_sent_with_their_origin(phone: FlaskClient) -> None:
    assert phone.get("/").headers["Referrer-Policy"] == "same-origin"


def test_a_refusal_is_shown_with_its_code(phone: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(phone.get("/login?prompt=none").location, client_id="mittprezero")
    assert query["prompt"] == "none"
    answer = {"error": "login_required", "error_description": "nobody", "state": query["state"], "iss": ISSUER}
    response = phone.get("/oauth2redirect", query_string=answer)
    assert response.status_code == 400
    assert "login_required" in response.text
    assert "nobody" in response.text


def test_two_phones_are_strangers(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    other = phone.application.test_client()
    assert not is_logged_in(other)


def test_the_redirect_address_is_on_the_apps_own_origin(phone: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(phone.get("/login").location, client_id="mittprezero")
    assert urlsplit(query["redirect_uri"]).netloc == urlsplit(BASE).netloc


@each("month, shown", [(11, "04.55"), (7, "05.55")])
def test_the_time_of_the_last_update_is_swedish_time_in_winter_and_summer(month: int, shown: str) -> None:
    assert swedish_clock(datetime(2026, month, 23, 3, 55, 9, tzinfo=UTC)) == shown


def test_the_last_update_is_told_as_a_person_would_and_counted_only_when_there_was_one(
    phone: FlaskClient, provider: FakeProvider
) -> None:
    log_in(phone, provider)
    page = phone.get("/").text
    assert 'Senast uppdaterat kl. <time id="updated-at"' in page
    assert 'id="renewals" data-renewals="0" hidden' in page
    phone.post("/refresh")
    assert 'id="renewals" data-renewals="1">Uppdaterat en gång sedan du loggade in' in phone.get("/").text


def test_after_logging_out_the_page_says_that_the_browser_is_still_logged_in(
    phone: FlaskClient, provider: FakeProvider
) -> None:
    assert 'id="logout-everywhere"' not in phone.get("/").text
    log_in(phone, provider)
    page = phone.post("/logout", follow_redirects=True).text
    assert "Du är utloggad ur appen. I webbläsaren är du fortfarande inloggad hos PreZero." in page
    assert "Logga ut överallt" in page
    log_in(phone, provider)
    assert 'id="logout-everywhere"' not in phone.get("/").text


def test_logging_out_everywhere_goes_by_the_provider_and_comes_back(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    phone.post("/refresh")
    phone.post("/logout")
    location = phone.post("/logout-everywhere").location
    query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert location.startswith(ISSUER + "/logout?")
    assert query["id_token_hint"].count(".") == 2
    assert query["post_logout_redirect_uri"] == BASE + "/logged-out"
    assert phone.get("/logged-out?state=made-up").location == "/"
    assert "Du är utloggad överallt" in phone.get("/logged-out", query_string={"state": query["state"]}).text
    assert 'id="logout-everywhere"' not in phone.get("/").text


def test_nobody_is_sent_to_the_providers_logout_who_did_not_log_out_here(phone: FlaskClient) -> None:
    assert phone.post("/logout-everywhere").location == "/"
    assert phone.get("/logged-out").location == "/"


def test_logging_out_everywhere_is_not_begun_by_another_site(phone: FlaskClient, provider: FakeProvider) -> None:
    log_in(phone, provider)
    phone.post("/logout")
    assert phone.post("/logout-everywhere", headers={"Origin": "https://evil.test"}).status_code == 403
    assert phone.get("/logout-everywhere").status_code == 405


def test_who_gave_up_reads_no_english(phone: FlaskClient, provider: FakeProvider) -> None:
    query = provider.expect_login(phone.get("/login").location, client_id="mittprezero")
    answer = {"error": "access_denied", "error_description": "The person left", "state": query["state"], "iss": ISSUER}
    page = phone.get("/oauth2redirect", query_string=answer).text
    assert "Du avbröt inloggningen. Logga in igen när du vill." in page
    assert "The person left" not in page
