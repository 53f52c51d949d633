"""The Basic and Form Post plans over HTTP: every module once by query and once by form_post, errors too.

Each test is named after the rule; the module's name stands beside it.
"""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from idp_tests.client_side import s256
from idp_tests.protocol.plan import BASIC, KEYED, POST, PlanClient, Visitor
from idp_tests.provider import ISSUER
from idp_tests.relying_party import change, error_of
from idp_tests.scripted_bankid import ANNA, BO

PROFILE = {"name", "given_name", "family_name", "birthdate", "updated_at"}
EMAIL = {"email", "email_verified"}
PHONE = {"phone_number", "phone_number_verified"}


def test_a_login_ends_with_tokens(suite: Visitor) -> None:
    """oidcc-server."""
    tokens = suite.ask().log_in().tokens()
    assert suite.userinfo(tokens)["sub"] == suite.claims(tokens)["sub"]


def test_a_missing_response_type_is_told_to_the_client(suite: Visitor) -> None:
    """oidcc-response-type-missing."""
    assert suite.ask(response_type=None).reply["error"] == "invalid_request"
    assert "code" not in suite.reply


def test_the_id_token_is_signed_with_a_published_key(suite: Visitor) -> None:
    """oidcc-idtoken-signature."""
    tokens = suite.ask().log_in().tokens()
    published = suite.rp.http.get("/jwks.json", base_url=ISSUER).get_json()["keys"]
    header = suite.rp.read(tokens["id_token"]).header
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert [key["kty"] for key in published if key["kid"] == header["kid"]] == ["RSA"]


def test_no_id_token_is_unsigned(suite: Visitor) -> None:
    """oidcc-idtoken-unsigned."""
    id_token = suite.ask().log_in().tokens()["id_token"]
    assert id_token.rpartition(".")[2]
    assert suite.rp.read(id_token).header["alg"] != "none"
    metadata = suite.rp.http.get("/.well-known/openid-configuration", base_url=ISSUER).get_json()
    assert "none" not in metadata["id_token_signing_alg_values_supported"]


def test_userinfo_answers_get(suite: Visitor) -> None:
    """oidcc-userinfo-get."""
    tokens = suite.ask().log_in().tokens()
    response = suite.rp.userinfo(tokens["access_token"])
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.get_json() == {"sub": suite.claims(tokens)["sub"]}


def test_userinfo_answers_post_with_a_header(suite: Visitor) -> None:
    """oidcc-userinfo-post-header."""
    tokens = suite.ask().log_in().tokens()
    response = suite.rp.post("/userinfo", {}, {"Authorization": f"Bearer {tokens['access_token']}"})
    assert response.get_json() == {"sub": suite.claims(tokens)["sub"]}


def test_userinfo_answers_post_with_a_body(suite: Visitor) -> None:
    """oidcc-userinfo-post-body."""
    tokens = suite.ask().log_in().tokens()
    response = suite.rp.post("/userinfo", {"access_token": tokens["access_token"]})
    assert response.get_json() == {"sub": suite.claims(tokens)["sub"]}


def test_a_nonce_is_optional(suite: Visitor) -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow."""
    assert "nonce" not in suite.claims(suite.ask(nonce=None).log_in().tokens())


@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        ("openid profile", PROFILE),
        ("openid email", EMAIL),
        ("openid phone", PHONE),
        ("openid address", set()),
        ("openid profile email address phone", PROFILE | EMAIL | PHONE),
    ],
)
def test_a_scope_opens_its_claims_at_userinfo_only(suite: Visitor, scope: str, opened: set[str]) -> None:
    """oidcc-scope-profile, -email, -phone, -address, -all; an address is nothing we know, so its scope opens nothing."""
    tokens = suite.ask(scope=scope).log_in().tokens()
    assert set(suite.userinfo(tokens)) == opened | {"sub"}
    assert not (PROFILE | EMAIL | PHONE) & suite.claims(tokens).keys()
    assert set(tokens["scope"].split()) == set(scope.split()) - {"address"}


def test_no_order_of_parameters_or_scopes_matters(suite: Visitor) -> None:
    """oidcc-alternate-happy-flow."""
    question = suite.question(scope="email openid")
    suite.open(dict(reversed(question.items()))).log_in()
    assert set(suite.userinfo(suite.tokens())) == EMAIL | {"sub"}


@pytest.mark.parametrize("display", ["page", "popup"])
def test_display_never_stops_a_login(suite: Visitor, display: str) -> None:
    """oidcc-display-page, oidcc-display-popup."""
    assert suite.ask(display=display).step == "bankid"
    suite.log_in().tokens()


def test_prompt_login_asks_the_person_again(suite: Visitor) -> None:
    """oidcc-prompt-login."""
    first = suite.claims(suite.ask().log_in().tokens())
    suite.provider.clock.advance(seconds=2)
    assert suite.ask(prompt="login").step == "bankid"
    second = suite.claims(suite.log_in().tokens())
    assert (second["sub"], second["auth_time"] > first["auth_time"]) == (first["sub"], True)


def test_prompt_none_needs_a_session(suite: Visitor) -> None:
    """oidcc-prompt-none-not-logged-in."""
    assert suite.ask(prompt="none").reply["error"] == "login_required"
    assert "code" not in suite.reply


def test_prompt_none_uses_the_session(suite: Visitor) -> None:
    """oidcc-prompt-none-logged-in."""
    first = suite.claims(suite.ask().log_in().tokens())
    suite.provider.clock.advance(seconds=2)
    second = suite.claims(suite.ask(prompt="none").tokens())
    assert [second[name] for name in ("sub", "auth_time")] == [first[name] for name in ("sub", "auth_time")]


def test_a_login_older_than_max_age_is_made_again(suite: Visitor) -> None:
    """oidcc-max-age-1."""
    first = suite.claims(suite.ask().log_in().tokens())
    suite.provider.clock.advance(seconds=2)
    assert suite.ask(max_age="1").step == "bankid"
    second = suite.claims(suite.log_in().tokens())
    assert second["auth_time"] > first["auth_time"]
    assert second["auth_time"] >= second["iat"] - 1


def test_a_login_younger_than_max_age_counts(suite: Visitor) -> None:
    """oidcc-max-age-10000."""
    first = suite.claims(suite.ask().log_in().tokens())
    suite.provider.clock.advance(seconds=2)
    second = suite.claims(suite.ask(max_age="10000").tokens())
    assert second["auth_time"] == first["auth_time"]


def test_unknown_parameters_are_ignored(suite: Visitor) -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds."""
    suite.ask(extra="foobar").log_in().tokens()


def test_a_hint_of_the_person_with_prompt_none_finds_the_session(suite: Visitor) -> None:
    """oidcc-id-token-hint; a hint of somebody else is login_required (OpenID Connect Core 3.1.2.1)."""
    hint = suite.ask().log_in().tokens()["id_token"]
    suite.provider.clock.advance(minutes=10)
    again = suite.claims(suite.ask(prompt="none", id_token_hint=hint).tokens())
    assert again["sub"] == suite.rp.read(hint).members["sub"]
    other = Visitor(suite.provider, BASIC, suite.mode)
    other.ask().log_in(BO).tokens()
    assert other.ask(prompt="none", id_token_hint=hint).reply["error"] == "login_required"


@pytest.mark.parametrize(
    "wish",
    [
        {"login_hint": "buffy@basic.example"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"acr_values": "1 2"},
    ],
)
def test_a_wish_that_we_cannot_grant_never_stops_a_login(suite: Visitor, wish: dict[str, str]) -> None:
    """oidcc-login-hint, oidcc-ui-locales, oidcc-claims-locales, oidcc-ensure-request-with-acr-values-succeeds."""
    tokens = suite.ask(**wish).log_in().tokens()
    assert suite.claims(tokens)["acr"] == suite.provider.settings.bankid.acr
    assert "buffy" not in suite.page


def test_a_code_works_once(suite: Visitor) -> None:
    """oidcc-codereuse."""
    form = suite.ask().log_in().code_form()
    assert suite.call("/token", **form).status_code == 200
    assert error_of(suite.call("/token", **form)) == "invalid_grant"


def test_a_code_used_again_later_ends_what_it_gave(suite: Visitor) -> None:
    """oidcc-codereuse-30seconds (RFC 6749 4.1.2)."""
    tokens, form = suite.ask().log_in().tokens(), suite.code_form()
    suite.provider.clock.advance(seconds=30)
    assert suite.rp.userinfo(tokens["access_token"]).status_code == 200
    assert error_of(suite.call("/token", **form)) == "invalid_grant"
    assert suite.rp.userinfo(tokens["access_token"]).status_code == 401
    assert error_of(suite.call("/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])) == (
        "invalid_grant"
    )


@pytest.mark.parametrize("tail", ["/foobar", "?foo=bar", "#x", "%20", "/"])
def test_an_unregistered_address_gets_a_page(suite: Visitor, tail: str) -> None:
    """oidcc-ensure-registered-redirect-uri."""
    assert suite.ask(redirect_uri=suite.plan.redirect_uri + tail).is_displayed
    assert tail not in suite.page.partition("<main")[2] or tail == "/"


def test_a_request_may_come_by_post(suite: Visitor) -> None:
    """oidcc-ensure-post-request-succeeds; later ones find the session although the POST carries no cookie."""
    tokens = suite.ask_by_post().log_in().tokens()
    suite.provider.clock.advance(seconds=2)
    again = suite.ask_by_post().tokens()
    assert suite.claims(again)["auth_time"] == suite.claims(tokens)["auth_time"]


@pytest.mark.parametrize("client", [POST, KEYED], ids=lambda client: str(client.method))
def test_every_kind_of_client_logs_in(suite: Visitor, client: PlanClient) -> None:
    """oidcc-server-client-secret-post; with a key too, and with an address that has its own query."""
    visitor = Visitor(suite.provider, client, suite.mode)
    visitor.ask().log_in().tokens()


def test_a_request_uri_of_the_client_is_not_supported(suite: Visitor) -> None:
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported."""
    suite.ask(request_uri="https://basic.example/request.jwt")
    assert suite.reply["error"] == "request_uri_not_supported"


UNSIGNED = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJiYXNpYyJ9."


def test_an_unsigned_request_object_is_not_supported(suite: Visitor) -> None:
    """oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported."""
    assert suite.ask(request=UNSIGNED).reply["error"] == "request_not_supported"
    change(suite.provider, "basic", request_object_signing_algs=frozenset({"ES256"}))
    assert suite.ask(request=UNSIGNED).reply["error"] == "invalid_request_object"


def test_the_address_in_a_signed_request_object_counts(suite: Visitor) -> None:
    """oidcc-ensure-request-object-with-redirect-uri (OpenID Connect Core 6.1)."""
    change(suite.provider, "keyed", request_object_signing_algs=frozenset({"ES256"}))
    visitor = Visitor(suite.provider, KEYED, suite.mode)
    now = visitor.provider.clock()
    inside = KEYED.request_object(now, redirect_uri=KEYED.redirect_uri)
    visitor.ask(redirect_uri=None, request=inside).log_in().tokens()
    assert visitor.ask(redirect_uri="https://keyed.example/other", request=inside).reply["code"]
    outside = KEYED.request_object(now, redirect_uri="https://keyed.example/other")
    assert visitor.ask(request=outside).is_displayed


def test_an_essential_claim_comes_without_its_scope(suite: Visitor) -> None:
    """oidcc-claims-essential."""
    claims = {"userinfo": {"name": {"essential": True}}}
    tokens = suite.ask(claims=json.dumps(claims)).log_in().tokens()
    assert suite.userinfo(tokens)["name"] == ANNA.name
    assert "name" not in suite.claims(tokens)
    claims = {"id_token": {"name": {"essential": True}}}
    tokens = suite.ask(claims=json.dumps(claims)).log_in().tokens()
    assert suite.claims(tokens)["name"] == ANNA.name


def test_a_refresh_token_gives_tokens_of_the_same_login(suite: Visitor) -> None:
    """oidcc-refresh-token (OpenID Connect Core 12.2; RFC 6749 6)."""
    first = suite.ask(scope="openid profile offline_access", prompt="consent").log_in().tokens()
    suite.provider.clock.advance(minutes=20)
    refreshed = suite.call("/token", grant_type="refresh_token", refresh_token=first["refresh_token"])
    second = refreshed.get_json()
    assert second["access_token"] != first["access_token"]
    before, after = suite.claims(first), suite.claims(second)
    for name in ("iss", "sub", "aud", "auth_time", "acr", "amr"):
        assert after[name] == before[name]
    assert after["iat"] == before["iat"] + 1200
    assert "nonce" not in after
    assert datetime.fromtimestamp(after["exp"], UTC) > suite.provider.clock()
    assert "name" in suite.userinfo(second)
    other = Visitor(suite.provider, POST)
    stolen = other.call("/token", grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert error_of(stolen) == "invalid_grant"


def test_a_refresh_may_ask_for_less_but_never_for_more(suite: Visitor) -> None:
    """RFC 6749 6."""
    first = suite.ask(scope="openid profile offline_access", prompt="consent").log_in().tokens()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    less = suite.call("/token", **form, scope="openid").get_json()
    assert (less["scope"], set(suite.userinfo(less))) == ("openid", {"sub"})
    assert error_of(suite.call("/token", **form, scope="openid email")) == "invalid_scope"
    all_again = suite.call("/token", **form).get_json()
    assert "profile" in all_again["scope"].split()


def test_a_challenge_is_checked_where_none_is_needed(suite: Visitor) -> None:
    """oidcc-ensure-request-with-valid-pkce-succeeds; a wrong or a superfluous verifier is refused (RFC 9700 4.8.2)."""
    pkce = {"code_challenge": s256(suite.verifier), "code_challenge_method": "S256"}
    suite.ask(**pkce).log_in().tokens(code_verifier=suite.verifier)
    assert error_of(suite.ask(**pkce).exchange(code_verifier="x" * 43)) == "invalid_grant"
    assert error_of(suite.ask(**pkce).exchange()) == "invalid_grant"
    assert error_of(suite.ask().exchange(code_verifier=suite.verifier)) == "invalid_grant"


def test_an_answer_arrives_as_it_was_sent(suite: Visitor) -> None:
    """State is kept byte for byte in either mode: form_post is escaped for HTML, not for an address."""
    for state in ("a b&c\"d<e>'f", "å/+%20=;", "x" * 2048):
        assert suite.ask(state=state, prompt="none").reply["state"] == state


def test_a_state_that_is_too_long_comes_back_with_the_refusal(suite: Visitor) -> None:
    """RFC 6749 4.1.2.1: REQUIRED if it was in the request."""
    reply = suite.ask(state="x" * 2049).reply
    assert (reply["error"], reply["state"]) == ("invalid_request", "x" * 2049)


def test_an_unknown_response_mode_is_told_by_query(suite: Visitor) -> None:
    """OAuth 2.0 Multiple Response Types 2.1: what cannot be answered as asked is answered in the default way."""
    for mode in ("fragment", "jwt", "web_message", "QUERY", "query form_post"):
        visitor = Visitor(suite.provider, BASIC)
        assert visitor.ask(response_mode=mode).reply["error"] == "invalid_request"


def test_a_person_who_gives_up_is_told_to_the_client(suite: Visitor) -> None:
    """RFC 6749 4.1.2.1: access_denied in the mode asked for."""
    suite.ask().start()
    suite.submit("/bankid/cancel")
    suite.submit("/leave")
    assert suite.reply["error"] == "access_denied"


def test_no_query_of_ours_ever_holds_a_form_posts_answer(suite: Visitor) -> None:
    """The code of a form_post stands in no address, so in no log and no history."""
    suite.ask().log_in()
    code = suite.reply["code"]
    if suite.mode == "form_post":
        assert code not in suite.path
        assert suite.left_to is None
    else:
        assert urlencode({"code": code}) in (suite.left_to or "")
