"""Who asks, where the answer goes, and whether it is a request we answer."""

from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.errors import Displayed, Redirected, ResponseMode
from idp_tests.authorization_requests import CHALLENGE, REDIRECT_URI, VALID, World, a_request_object, an_rp
from idp_tests.cases import each
from idp_tests.vectors import LOCAL_FILE

DISPLAYED = [
    ({"without": ["client_id"]}, "invalid_request"),
    ({"client_id": "nobody"}, "invalid_client"),
    ({"client_id": "RP"}, "invalid_client"),
    ({"without": ["redirect_uri"]}, "invalid_request"),
    ({"redirect_uri": "https://evil.example/cb"}, "invalid_request"),
    ({"request_uri": "urn:ietf:params:oauth:request_uri:unknown"}, "invalid_request_uri"),
]


@each("sent, code", DISPLAYED)
def test_a_request_without_a_trusted_address_is_displayed(sent: Any, code: Any) -> None:
    with pytest.raises(Displayed) as refused:
        World.of().ask(**sent)
    assert refused.value.code == code


def test_a_disabled_client_is_unknown() -> None:
    with pytest.raises(Displayed) as refused:
        World.of(an_rp(disabled=True)).ask()
    assert refused.value.code == "invalid_client"


@each("name", ["client_id", "redirect_uri"])
def test_a_repeated_name_or_address_is_displayed(name: Any) -> None:
    with pytest.raises(Displayed):
        World.of().ask((name, VALID[name]))


def test_a_displayed_error_names_the_client_when_it_is_known() -> None:
    with pytest.raises(Displayed) as refused:
        World.of().ask(without=["redirect_uri"])
    assert refused.value.client_id == "rp"
    with pytest.raises(Displayed) as refused:
        World.of().ask(client_id="nobody")
    assert refused.value.client_id is None


REDIRECTED = [
    ({"without": ["response_type"]}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": "code token"}, "unsupported_response_type"),
    ({"response_type": "none"}, "unsupported_response_type"),
    ({"response_type": 'code"'}, "unsupported_response_type"),
    ({"response_type": "åäö"}, "unsupported_response_type"),
    ({"response_type": "code code"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "web_message"}, "invalid_request"),
    ({"response_mode": "query.jwt"}, "invalid_request"),
    ({"response_mode": "QUERY"}, "invalid_request"),
    ({"request_uri": "https://rp.example/request.jwt"}, "request_uri_not_supported"),
    ({"request_uri": "http://169.254.169.254/"}, "request_uri_not_supported"),
    ({"request_uri": LOCAL_FILE}, "request_uri_not_supported"),
    ({"request_uri": "https://rp.example/r", "request": "x.y.z"}, "invalid_request"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"without": ["scope"]}, "invalid_scope"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"scope": "OpenID"}, "invalid_scope"),
    ({"scope": "openid åäö"}, "invalid_scope"),
    ({"scope": 'openid "quoted"'}, "invalid_scope"),
    ({"scope": "openid\tprofile"}, "invalid_scope"),
    ({"scope": "openid " + " ".join(f"s{n}" for n in range(50))}, "invalid_scope"),
    ({"scope": "openid " + "s" * 201}, "invalid_scope"),
    ({"state": "s" * 2049}, "invalid_request"),
    ({"nonce": "n" * 2049}, "invalid_request"),
    ({"without": ["code_challenge", "code_challenge_method"]}, "invalid_request"),
    ({"without": ["code_challenge"]}, "invalid_request"),
    ({"without": ["code_challenge_method"]}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": "s256"}, "invalid_request"),
    ({"code_challenge_method": "S512"}, "invalid_request"),
    ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
    ({"code_challenge": CHALLENGE + "A"}, "invalid_request"),
    ({"code_challenge": CHALLENGE[:-1] + "="}, "invalid_request"),
    ({"code_challenge": CHALLENGE[:-1] + "+"}, "invalid_request"),
    ({"code_challenge": CHALLENGE[:-1] + "å"}, "invalid_request"),
]


@each("sent, code", REDIRECTED)
def test_a_bad_request_with_a_trusted_address_is_redirected(sent: Any, code: Any) -> None:
    with pytest.raises(Redirected) as refused:
        World.of().ask(**sent)
    assert refused.value.code == code
    assert refused.value.reply_to.redirect_uri == REDIRECT_URI


@each("sent", [sent for sent, _ in REDIRECTED])
def test_no_other_mistake_makes_an_unregistered_address_trusted(sent: Any) -> None:
    with pytest.raises(Displayed):
        World.of().ask(**{**sent, "redirect_uri": "https://evil.example/cb"})


@each("name", [*sorted(set(VALID) - {"client_id", "redirect_uri"}), "prompt", "whatever", "claims"])
def test_no_parameter_may_stand_twice(name: Any) -> None:
    with pytest.raises(Redirected) as refused:
        World.of().ask((name, "x"), (name, "x"))
    assert refused.value.code == "invalid_request"


def test_a_repeated_state_is_not_sent_back() -> None:
    with pytest.raises(Redirected) as refused:
        World.of().ask(("state", "second"))
    assert refused.value.reply_to.state is None


def test_a_state_that_is_too_long_is_refused_and_sent_back() -> None:
    """RFC 6749 4.1.2.1 asks for it with every error."""
    with pytest.raises(Redirected) as refused:
        World.of().ask(state="s" * 2049)
    assert (refused.value.code, refused.value.reply_to.state) == ("invalid_request", "s" * 2049)


def test_errors_go_back_with_state_in_the_mode_asked_for() -> None:
    with pytest.raises(Redirected) as refused:
        World.of().ask(response_mode="form_post", scope="profile")
    assert refused.value.reply_to.response_mode is ResponseMode.FORM_POST
    assert refused.value.reply_to.state == "a state"


def test_an_unknown_mode_falls_back_to_query_for_its_error() -> None:
    with pytest.raises(Redirected) as refused:
        World.of().ask(response_mode="fragment")
    assert refused.value.reply_to.response_mode is ResponseMode.QUERY


def test_a_valid_request_passes() -> None:
    asked = World.of().ask()
    assert asked.client_id == "rp"
    assert asked.redirect_uri == REDIRECT_URI
    assert asked.response_mode is ResponseMode.QUERY
    assert asked.scope == ("openid",)
    assert asked.state == "a state"
    assert asked.nonce == VALID["nonce"]
    assert asked.code_challenge == CHALLENGE


@each("text", ["x" * 2048, "å ä & ö = %20 + \" ' < >", "{}", "a\r\nb"])
def test_state_and_nonce_are_kept_exactly(text: Any) -> None:
    asked = World.of().ask(state=text, nonce=text)
    assert asked.state == text
    assert asked.nonce == text


def test_fifty_scopes_may_be_asked_for() -> None:
    assert World.of().ask(scope="openid " + " ".join(f"s{n}" for n in range(49))).scope == ("openid",)


def test_state_and_nonce_may_be_absent() -> None:
    asked = World.of().ask(without=["state", "nonce"])
    assert asked.state is None
    assert asked.nonce is None


def test_unknown_parameters_are_ignored() -> None:
    assert World.of().ask(("x-client-SKU", "ID_NET8"), ("x-client-ver", "8")).scope == ("openid",)


def test_an_empty_parameter_counts_as_absent() -> None:
    assert World.of().ask(prompt="", max_age="", nonce="").nonce is None


def test_unknown_and_disallowed_scopes_are_dropped() -> None:
    asked = World.of().ask(scope="email openid address phone email https://id.oidc.se/scope/naturalPersonNumber")
    assert asked.scope == ("email", "openid")


def test_a_waiver_makes_pkce_optional_but_never_plain() -> None:
    world = World.of(an_rp(require_pkce=False))
    assert world.ask(without=["code_challenge", "code_challenge_method"]).code_challenge == ""
    assert world.ask().code_challenge == CHALLENGE
    for sent in ({"code_challenge_method": "plain"}, {"without": ["code_challenge_method"]}):
        with pytest.raises(Redirected):
            world.ask(**sent)


def test_a_client_that_must_push_is_refused_in_front() -> None:
    with pytest.raises(Redirected) as refused:
        World.of(an_rp(SecurityProfile.FAPI2)).ask()
    assert refused.value.code == "invalid_request"


def test_a_client_that_must_sign_is_refused_unsigned() -> None:
    world = World.of(an_rp(require_signed_request_object=True))
    with pytest.raises(Redirected) as refused:
        world.ask()
    assert refused.value.code == "invalid_request"
    assert world.ask(request=a_request_object()).scope == ("openid",)


def test_request_objects_are_refused_where_none_are_registered() -> None:
    with pytest.raises(Redirected) as refused:
        World.of(an_rp(request_object_signing_algs=frozenset())).ask(request=a_request_object())
    assert refused.value.code == "request_not_supported"


def test_a_pushed_reference_expires() -> None:
    world = World.of()
    pushed = world.push()
    world.now += timedelta(seconds=89)
    world.ask_pushed(pushed)
    world.now += timedelta(seconds=1)
    with pytest.raises(Displayed) as refused:
        world.ask_pushed(pushed)
    assert refused.value.code == "invalid_request_uri"
