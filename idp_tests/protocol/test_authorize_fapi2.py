"""The authorization side's rules of the FAPI 2.0 Security Profile plan, decided over values.

Each test is named after the rule; the conformance suite's name for it, without its prefix, stands beside it.
"""

from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.authorize.response import success_response
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.clients.metadata import MetadataProblems, read_client
from idp.core.oidc.errors import Displayed, Redirected, Refused
from idp_tests.asking import CLIENT_KEY, ISSUER, VALID, World, a_request_object, an_rp
from idp_tests.cases import each

JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def fapi(**changes: Any) -> World:
    return World.of(an_rp(SecurityProfile.FAPI2, **changes))


def refused_push(*extra: tuple[str, str], world: World | None = None, **sent: Any) -> str:
    with pytest.raises(Refused) as refused:
        (world or fapi()).push(*extra, **sent)
    return refused.value.code


def test_a_pushed_request_is_answered_with_state_and_iss() -> None:
    """happy-flow."""
    world = fapi()
    asked = world.ask_pushed(world.push())
    answer = dict(success_response(asked.reply_to, "c", ISSUER).parameters)
    assert answer == {"code": "c", "state": VALID["state"], "iss": ISSUER}


def test_requests_are_pushed_always() -> None:
    """ensure-unsigned-authorization-request-without-using-par-fails."""
    with pytest.raises(Redirected) as refused:
        fapi().ask()
    assert refused.value.code == "invalid_request"


@each("length", [64, 128, 384, 1024])
def test_long_state_and_nonce_come_through(length: Any) -> None:
    """ensure-authorization-request-with-64-char-nonce-success, -with-long-nonce, -with-long-state."""
    world = fapi()
    asked = world.ask_pushed(world.push(state="s" * length, nonce="n" * length))
    assert (asked.state, asked.nonce) == ("s" * length, "n" * length)


def test_state_and_nonce_are_optional() -> None:
    """ensure-authorization-request-without-nonce-success, -without-state-success."""
    world = fapi()
    asked = world.ask_pushed(world.push(without=["state", "nonce"]))
    assert (asked.state, asked.nonce) == (None, None)
    assert "state" not in dict(success_response(asked.reply_to, "c", ISSUER).parameters)


def test_the_order_of_scopes_means_nothing() -> None:
    """ensure-other-scope-order-succeeds."""
    world = fapi()
    assert world.ask_pushed(world.push(scope="email profile openid")).scope == ("email", "profile", "openid")


@each("response_type", ["code id_token", "token", "id_token", "code token"])
def test_no_other_response_type(response_type: Any) -> None:
    """ensure-response-type-code-idtoken-fails, ensure-response-type-token-fails."""
    assert refused_push(response_type=response_type) == "unsupported_response_type"


def test_pkce_is_required_with_s256() -> None:
    """par-ensure-pkce-required, par-plain-pkce-rejected."""
    assert refused_push(without=["code_challenge", "code_challenge_method"]) == "invalid_request"
    assert refused_push(code_challenge_method="plain") == "invalid_request"


def test_redirect_uri_is_required_and_registered() -> None:
    """ensure-redirect-uri-in-authorization-request, ensure-registered-redirect-uri, plain-fapi-tolerate-unregistered-…."""
    assert refused_push(without=["redirect_uri"]) == "invalid_request"
    assert refused_push(redirect_uri="https://rp.example/cb?unregistered=1") == "invalid_request"


def test_a_push_holds_no_reference() -> None:
    """par-authorization-request-containing-request_uri, -form-param."""
    world = fapi()
    assert refused_push(world=world, request_uri=world.push().request_uri) == "invalid_request"


def test_a_push_repeats_no_parameter() -> None:
    """par-without-duplicate-parameters (and its opposite)."""
    for name, value in VALID.items():
        assert refused_push((name, value)) == "invalid_request"


def test_a_reference_works_again_until_the_login_is_done() -> None:
    """par-ensure-reused-request-uri-prior-to-auth-completion-succeeds, par-attempt-reuse-request_uri."""
    world = fapi()
    pushed = world.push()
    world.ask_pushed(pushed)
    asked = world.ask_pushed(pushed)
    world.pushed.answer(asked.pushed_reference_hash)
    with pytest.raises(Displayed) as refused:
        world.ask_pushed(pushed)
    assert refused.value.code == "invalid_request_uri"


def test_an_expired_reference_is_refused() -> None:
    """par-attempt-to-use-expired-request_uri."""
    world = fapi()
    pushed = world.push()
    assert 5 <= pushed.expires_in < 600
    world.now += timedelta(seconds=pushed.expires_in)
    with pytest.raises(Displayed):
        world.ask_pushed(pushed)


def test_a_reference_is_its_clients() -> None:
    """par-attempt-to-use-request_uri-for-different-client."""
    first, second = an_rp(SecurityProfile.FAPI2), an_rp(SecurityProfile.FAPI2, client_id="second")
    world = World.of(first, second)
    with pytest.raises(Displayed):
        world.ask_pushed(world.push(client=first), client_id="second")


def test_a_proof_at_the_push_binds_the_code() -> None:
    """ensure-dpopproof-at-par-endpoint-binding-success, ensure-dpop-auth-code-binding-success."""
    world = fapi()
    assert world.ask_pushed(world.push(dpop_jkt=JKT)).dpop_jkt == JKT
    assert world.ask_pushed(world.push(("dpop_jkt", JKT))).dpop_jkt == JKT


def test_a_proof_and_an_announced_key_must_agree() -> None:
    """ensure-mismatched-dpop-jkt-fails."""
    assert refused_push(("dpop_jkt", JKT[::-1]), dpop_jkt=JKT) == "invalid_dpop_proof"


def test_claims_about_the_person_never_stop_a_login() -> None:
    """test-claims-parameter-identity-claims."""
    world = fapi()
    claims = (
        '{"userinfo":{"given_name":null,"picture":null},"id_token":{"birthdate":{"essential":true},"zoneinfo":null}}'
    )
    asked = world.ask_pushed(world.push(claims=claims))
    assert asked.claims == {"userinfo": {"given_name": None}, "id_token": {"birthdate": {"essential": True}}}


def test_an_essential_level_that_we_do_not_have_fails_plainly() -> None:
    """test-essential-acr-sca-claim."""
    claims = '{"id_token":{"acr":{"essential":true,"values":["urn:openbanking:psd2:sca","urn:openbanking:psd2:ca"]}}}'
    assert refused_push(claims=claims) == "unmet_authentication_requirements"


SIGNED = {"require_signed_request_object": True}


@each(
    "changes",
    [
        {"alg": "none"},
        {"without": ["exp"]},
        {"without": ["nbf"]},
        {"without": ["redirect_uri"]},
        {"aud": "https://other.example"},
        {"exp_in": 3_660},
        {"nbf_in": -3_660},
        {"exp_in": -60},
    ],
)
def test_a_request_object_holds_now_for_us_and_in_full(changes: Any) -> None:
    """ensure-request-object-without-exp-fails, -nbf-, -redirect-uri-, -bad-aud-, -exp-over-60-, -nbf-over-60-, expired."""
    now = fapi().now.timestamp()
    sent = {name.removesuffix("_in"): now + value if name.endswith("_in") else value for name, value in changes.items()}
    token = "eyJhbGciOiJub25lIn0.e30." if sent.pop("alg", None) else a_request_object(**sent)
    assert refused_push(world=fapi(**SIGNED), request=token) in {"invalid_request_object", "invalid_request"}


def test_a_request_object_may_name_several_audiences_and_come_a_little_early() -> None:
    """ensure-request-object-with-multiple-aud-succeeds, -with-nbf-8-seconds-in-the-future-is-accepted."""
    world = fapi(**SIGNED)
    token = a_request_object(aud=[ISSUER, "https://other.example"], nbf=world.now.timestamp() + 8)
    assert world.ask_pushed(world.push(request=token)).client_id == "rp"


def test_what_stands_outside_a_request_object_is_not_used() -> None:
    """state-only-outside-request-object-not-used, ensure-different-state- and -nonce-inside-and-outside-request-object."""
    world = fapi(**SIGNED)
    asked = world.ask_pushed(world.push(request=a_request_object(without=["state"], nonce="in"), state="o", nonce="o"))
    assert (asked.state, asked.nonce) == (None, "in")


def test_an_unsigned_push_is_refused_where_signing_is_required() -> None:
    """ensure-unsigned-request-at-par-endpoint-fails."""
    assert refused_push(world=fapi(**SIGNED)) == "invalid_request"


@each("member", ["token_endpoint_auth_signing_alg", "request_object_signing_alg"])
def test_rs256_is_no_choice(member: Any) -> None:
    """ensure-signed-client-assertion-with-RS256-fails, ensure-signed-request-object-with-RS256-fails."""
    metadata = {
        "client_name": "FAPI",
        "security_profile": "fapi2",
        "redirect_uris": ["https://rp.example/cb"],
        "jwks": [CLIENT_KEY.as_dict(private=False)],
    }
    client = read_client("rp", metadata, issuer=ISSUER, sandbox=False)
    assert "RS256" not in client.token_endpoint_auth_signing_algs
    with pytest.raises(MetadataProblems):
        read_client("rp", {**metadata, member: "RS256"}, issuer=ISSUER, sandbox=False)
