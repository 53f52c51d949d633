"""The authorization endpoint's rules of the Basic and Form Post plans, decided over values.

Each test is named after the rule; the conformance suite's name for it stands beside it. What needs a browser and
tokens is proved where whole logins are.
"""

import json
from typing import Any

import pytest

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.authorize.response import error_response, success_response
from idp.core.oidc.errors import Displayed, Redirected, ResponseMode
from idp_tests.asking import ISSUER, VALID, World, an_id_token, an_rp
from idp_tests.cases import each

PKCE = ("code_challenge", "code_challenge_method")


def basic() -> World:
    """A confidential client as the Basic plan brings it: no PKCE but in one module."""
    return World.of(
        an_rp(require_pkce=False, scopes=frozenset({"openid", "profile", "email", "phone", "offline_access"}))
    )


MODES = [{}, {"response_mode": "query"}, {"response_mode": "form_post"}]


@each("mode", MODES)
def test_a_plain_code_request_is_answered_in_the_mode_asked_for(mode: Any) -> None:
    """oidcc-server."""
    asked = basic().ask(without=PKCE, **mode)
    answer = dict(success_response(asked.reply_to, "c", ISSUER).parameters)
    assert answer == {"code": "c", "state": VALID["state"], "iss": ISSUER}
    assert asked.response_mode == mode.get("response_mode", "query")


@each("mode", MODES)
def test_a_missing_response_type_is_told_to_the_client(mode: Any) -> None:
    """oidcc-response-type-missing."""
    with pytest.raises(Redirected) as refused:
        basic().ask(without=("response_type", *PKCE), **mode)
    answer = dict(error_response(refused.value, ISSUER).parameters)
    assert answer["error"] == "invalid_request"
    assert answer["state"] == VALID["state"]
    assert answer["iss"] == ISSUER
    assert refused.value.reply_to.response_mode == mode.get("response_mode", "query")


def test_nonce_is_optional_in_the_code_flow() -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow."""
    assert basic().ask(without=("nonce", *PKCE)).nonce is None


@each("scope", ["openid profile", "openid email", "openid address", "openid phone"])
def test_scopes_known_or_not_never_stop_a_login(scope: Any) -> None:
    """oidcc-scope-profile, -email, -address, -phone, -all."""
    asked = basic().ask(without=PKCE, scope=scope)
    assert set(asked.scope) == set(scope.split()) - {"address"}
    assert "openid" in basic().ask(without=PKCE, scope="openid profile email phone address").scope


@each("display", ["page", "popup"])
def test_display_never_stops_a_login(display: Any) -> None:
    """oidcc-display-page, oidcc-display-popup."""
    assert basic().ask(without=PKCE, display=display).client_id


@each("prompt", ["login", "none"])
def test_prompt_reaches_the_journey(prompt: Any) -> None:
    """oidcc-prompt-login, oidcc-prompt-none-not-logged-in, oidcc-prompt-none-logged-in."""
    assert basic().ask(without=PKCE, prompt=prompt).prompt == {Prompt(prompt)}


@each("max_age", ["1", "10000"])
def test_max_age_reaches_the_journey(max_age: Any) -> None:
    """oidcc-max-age-1, oidcc-max-age-10000."""
    assert basic().ask(without=PKCE, max_age=max_age).max_age == int(max_age)


def test_unknown_parameters_never_stop_a_login() -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds."""
    assert basic().ask(("extra", "foobar"), without=PKCE).client_id == "rp"


def test_an_id_token_hint_with_prompt_none_names_the_person() -> None:
    """oidcc-id-token-hint."""
    asked = basic().ask(without=PKCE, prompt="none", id_token_hint=an_id_token())
    assert asked.hinted_sub == "subject-1"


@each("wish", [{"login_hint": "bob@example.se"}, {"ui_locales": "se"}, {"claims_locales": "se"}, {"acr_values": "1 2"}])
def test_hints_never_stop_a_login(wish: Any) -> None:
    """oidcc-login-hint, oidcc-ui-locales, oidcc-claims-locales, oidcc-ensure-request-with-acr-values-succeeds."""
    assert basic().ask(without=PKCE, **wish).client_id == "rp"


@each("mode", MODES)
def test_an_unregistered_address_is_never_redirected_to(mode: Any) -> None:
    """oidcc-ensure-registered-redirect-uri."""
    with pytest.raises(Displayed):
        basic().ask(without=PKCE, redirect_uri="https://rp.example/cb/foobar", **mode)


def test_unsigned_request_objects_are_rejected_as_unsupported() -> None:
    """oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported, -with-redirect-uri."""
    world = World.of(an_rp(require_pkce=False, request_object_signing_algs=frozenset()))
    with pytest.raises(Redirected) as refused:
        world.ask(request="eyJhbGciOiJub25lIn0.e30.")
    assert refused.value.code == "request_not_supported"


def test_request_uris_are_rejected_as_unsupported() -> None:
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported."""
    with pytest.raises(Redirected) as refused:
        basic().ask(request_uri="https://rp.example/request.jwt")
    assert refused.value.code == "request_uri_not_supported"


def test_an_essential_claim_is_asked_for_by_name() -> None:
    """oidcc-claims-essential."""
    claims = json.dumps({"userinfo": {"name": {"essential": True}}})
    assert basic().ask(without=PKCE, claims=claims).claims == {"userinfo": {"name": {"essential": True}}}


def test_offline_access_with_consent_is_understood() -> None:
    """oidcc-refresh-token."""
    asked = basic().ask(without=PKCE, scope="openid offline_access", prompt="consent")
    assert asked.scope == ("openid", "offline_access")
    assert asked.prompt == {Prompt.CONSENT}


def test_pkce_works_also_where_it_is_not_required() -> None:
    """oidcc-ensure-request-with-valid-pkce-succeeds."""
    assert basic().ask().code_challenge == VALID["code_challenge"]


def test_form_post_fields_are_the_parameters_of_the_query() -> None:
    """The Form Post plan: the same answers, errors too."""
    query, form = basic().ask(), basic().ask(response_mode="form_post")
    assert form.response_mode is ResponseMode.FORM_POST
    assert (
        success_response(form.reply_to, "c", ISSUER).parameters
        == success_response(query.reply_to, "c", ISSUER).parameters
    )
