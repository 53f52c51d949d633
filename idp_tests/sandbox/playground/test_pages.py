"""The playground against a tiny provider: what it builds, shows and checks."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from flask.testing import FlaskClient
from joserfc import jwt

from idp_sandbox.playground import credentials
from idp_sandbox.playground.pages import create_playground
from idp_tests.sandbox.fake_provider import ISSUER, FakeProvider, options_for

BASE = "http://localhost:8005"
FORM: dict[str, Any] = {"scope": ["openid", "offline_access"], "auth_method": "client_secret_basic", "send_as": "plain"}


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stubs:
        yield FakeProvider(stubs, userinfo={"name": "Anna <Andersson>"})


@pytest.fixture
def browser(tmp_path: Path, provider: FakeProvider) -> FlaskClient:
    return create_playground(options_for(tmp_path, 8005)).test_client()


def begin(browser: FlaskClient, **changes: Any) -> str:
    """Build a request; returns the run's address."""
    answer = browser.post("/clients/playground/runs", data=FORM | changes)
    assert answer.status_code == 303, answer.text
    return str(answer.location).partition("#")[0]


def sent(browser: FlaskClient, run: str) -> dict[str, str]:
    """The parameters with which the browser would go to the provider."""
    found = re.search(r'id="go" href="([^"]+)"', browser.get(run).text)
    assert found
    query = parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)
    return {name: values[0] for name, values in query.items()}


def log_in(browser: FlaskClient, provider: FakeProvider, run: str, **answer: str) -> str:
    """Come back from the provider; returns the run's page."""
    query = sent(browser, run)
    provider.expect_login(f"{ISSUER}/authorize?nonce={query['nonce']}", client_id="playground")
    browser.get("/callback", query_string={"code": "code-1", "state": query["state"], "iss": ISSUER, **answer})
    return browser.get(run).text


def steps(page: str) -> list[str]:
    return re.findall(r'data-step="([^"]+)"', page)


def test_a_request_is_built_from_the_form_and_nothing_is_sent_before_the_button(browser: FlaskClient) -> None:
    run = begin(browser, prompt="login", max_age="0", claims='{"id_token": {}}')
    query = sent(browser, run)
    assert (query["prompt"], query["max_age"], query["claims"]) == ("login", "0", '{"id_token": {}}')
    assert query["scope"] == "openid offline_access"
    assert query["redirect_uri"] == f"{BASE}/callback"
    assert query["code_challenge_method"] == "S256"
    assert "acr_values" not in query
    assert steps(browser.get(run).text) == ["Discovery", "Authorization request"]


def test_parameters_can_be_changed_added_and_left_out_to_try_a_mistake(browser: FlaskClient) -> None:
    query = sent(browser, begin(browser, changes="redirect_uri=https://evil.test/\ncode_challenge=\nnew=1"))
    assert query["redirect_uri"] == "https://evil.test/"
    assert "code_challenge" not in query
    assert query["new"] == "1"


def test_a_login_shows_every_request_and_answer_decoded_checked_and_explained(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    page = log_in(browser, provider, run := begin(browser))
    assert steps(page) == ["Discovery", "Authorization request", "Authorization response", "Token request"]
    assert 'data-claim="sid"><code>session-1</code>' in page
    assert "nonce is the one that was sent" in page
    assert 'class="bad"' not in page
    assert "OIDC Core 3.1.3.7 (11)" in page
    assert "curl --request POST" in page
    for action, title in (("userinfo", "UserInfo"), ("introspect", "Introspection"), ("refresh", "Refresh")):
        browser.post(f"{run}/{action}")
        assert steps(browser.get(run).text)[-1] == f"{title} request"
    assert "Anna &lt;Andersson&gt;" in browser.get(run).text


def test_a_token_for_an_api_is_not_offered_to_userinfo(browser: FlaskClient, provider: FakeProvider) -> None:
    page = log_in(browser, provider, run := begin(browser, resource="https://api.playground.example"))
    assert "Ask UserInfo" not in page
    assert "Introspect the access token" in page
    assert browser.post(f"{run}/userinfo").status_code == 404


@pytest.mark.parametrize(
    ("claims", "broken"),
    [({"nonce": "x"}, "nonce is the one"), ({"aud": "y"}, "aud is this client"), ({"exp": 1}, "exp has not passed")],
)
def test_an_id_token_that_breaks_a_rule_is_shown_with_the_rule(
    browser: FlaskClient, provider: FakeProvider, claims: dict[str, Any], broken: str
) -> None:
    provider.claims = claims
    page = log_in(browser, provider, begin(browser))
    assert re.search(rf'class="bad"><strong>✗.*?{broken}', page)


@pytest.mark.parametrize(
    ("answer", "broken"),
    [({"iss": "https://evil.test"}, "iss is the provider"), ({"error": "x"}, "The provider refused")],
)
def test_an_answer_that_must_not_be_believed_redeems_no_code(
    browser: FlaskClient, provider: FakeProvider, answer: dict[str, str], broken: str
) -> None:
    page = log_in(browser, provider, begin(browser), **answer)
    assert re.search(rf'class="bad"><strong>✗.*?{broken}', page)
    assert not provider.token_requests


def test_an_answer_with_a_state_that_nobody_sent_is_not_believed(browser: FlaskClient, provider: FakeProvider) -> None:
    answer = browser.get("/callback?state=made-up&code=code-1")
    assert answer.status_code == 400
    assert not provider.token_requests


def test_a_reloaded_answer_is_redeemed_once(browser: FlaskClient, provider: FakeProvider) -> None:
    run = begin(browser)
    state = sent(browser, run)["state"]
    log_in(browser, provider, run)
    browser.get("/callback", query_string={"code": "code-1", "state": state, "iss": ISSUER})
    assert len(provider.token_requests) == 1


def test_a_pushed_request_leaves_only_its_reference_in_the_browser(browser: FlaskClient) -> None:
    run = begin(browser, send_as="pushed")
    assert sent(browser, run) == {"client_id": "playground", "request_uri": "urn:one"}
    assert "Pushed authorization request" in steps(browser.get(run).text)


def test_a_signed_request_holds_everything_and_is_shown_opened(browser: FlaskClient, tmp_path: Path) -> None:
    run = begin(browser, send_as="signed", prompt="login")
    query = sent(browser, run)
    claims = jwt.decode(query["request"], credentials.load_or_make(tmp_path).key, algorithms=["ES256"]).claims
    assert (claims["aud"], claims["prompt"], claims["client_id"]) == (ISSUER, "login", "playground")
    assert 'data-claim="prompt"><code>login</code>' in browser.get(run).text


@pytest.mark.parametrize(
    ("method", "member"), [("client_secret_post", "client_secret"), ("private_key_jwt", "client_assertion")]
)
def test_the_client_proves_itself_as_chosen(
    browser: FlaskClient, provider: FakeProvider, method: str, member: str
) -> None:
    log_in(browser, provider, begin(browser, auth_method=method))
    assert member in provider.token_requests[0]


def test_tokens_are_bound_to_a_key_when_asked_for(browser: FlaskClient, provider: FakeProvider) -> None:
    log_in(browser, provider, begin(browser, dpop="on"))
    call = next(call for call in provider.stubs.calls if call.request.url == f"{ISSUER}/token")
    assert call.request.headers["DPoP"].count(".") == 2


def test_a_logout_goes_by_the_provider_and_its_back_channel_is_shown(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    log_in(browser, provider, run := begin(browser))
    location = browser.post(f"{run}/logout").location
    assert location.startswith(f"{ISSUER}/logout?id_token_hint=")
    browser.get("/logged-out", query_string={"state": run.rpartition("/")[2]})
    moment = int(datetime.now(UTC).timestamp())
    claims = {"iss": ISSUER, "aud": "playground", "iat": moment, "exp": moment + 120, "jti": "1", "sid": "session-1"}
    event: dict[str, Any] = {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}
    token = provider.sign(claims | event, typ="logout+jwt")
    assert browser.post("/backchannel-logout", data={"logout_token": token}).status_code == 200
    assert steps(browser.get(run).text)[-3:] == ["Logout request", "Logout response", "Back-channel logout"]
    forged = browser.post("/backchannel-logout", data={"logout_token": provider.sign(claims, typ="logout+jwt")})
    assert forged.status_code == 400


def test_a_file_with_a_mistake_is_shown_again_with_the_mistake(browser: FlaskClient) -> None:
    answer = browser.post("/clients", data={"text": "client_name = ", "name": "booking"})
    assert answer.status_code == 400
    assert "This is not TOML" in answer.text
    assert "client_name = </textarea>" in answer.text


@pytest.mark.parametrize("path", ["/clients", "/clients/playground/runs", "/runs/x/refresh"])
def test_a_form_of_another_site_is_refused(browser: FlaskClient, path: str) -> None:
    assert browser.post(path, headers={"Origin": "https://evil.test"}).status_code == 403
    assert browser.post(path, headers={"Origin": "null"}).status_code == 403


def test_a_provider_that_does_not_answer_gives_a_page_that_says_so(
    browser: FlaskClient, provider: FakeProvider
) -> None:
    provider.stubs.reset()
    answer = browser.post("/clients/playground/runs", data=FORM)
    assert answer.status_code == 502
    assert "./dev up" in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/runs/none", "/clients/unknown"])
def test_an_address_that_is_none_leads_to_the_start(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
