"""The FAPI 2.0 Security Profile's plan (private_key_jwt, DPoP, OpenID Connect) over HTTP, from push to resource.

Each test is named after the rule; the module's name, without `fapi2-security-profile-final-`, stands beside it.
"""

import json
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from idp.core.oidc.keys.keyring import generate_key
from idp_tests.client_side import ProofKey, by_assertion
from idp_tests.protocol.plan import FAPI_FIRST, FAPI_SECOND, KEY, FapiVisitor
from idp_tests.provider import ISSUER, Provider, restarted
from idp_tests.relying_party import change, error_of


def metadata(provider: Provider) -> dict[str, Any]:
    found = provider.app.test_client().get("/.well-known/openid-configuration", base_url=ISSUER).get_json()
    return dict(found)


def refusal(response: TestResponse) -> tuple[int, str]:
    return response.status_code, error_of(response)


def test_the_metadata_offers_what_the_profile_asks_for(op: Provider) -> None:
    """discovery-end-point-verification."""
    told = metadata(op)
    assert told["pushed_authorization_request_endpoint"] == f"{ISSUER}/par"
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    strong = {"PS256", "ES256", "EdDSA"}
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
    assert strong <= set(told["token_endpoint_auth_signing_alg_values_supported"])
    assert set(told["dpop_signing_alg_values_supported"]) == strong
    assert all(str(value).startswith("https://") for name, value in told.items() if name.endswith("_endpoint"))


def test_a_pushed_login_ends_with_bound_tokens(fapi: FapiVisitor) -> None:
    """happy-flow."""
    tokens = fapi.login(scope="openid profile").tokens()
    answer = fapi.userinfo_answer(tokens["access_token"])
    assert answer.get_json()["sub"] == fapi.claims(tokens)["sub"]
    assert fapi.rp.read(tokens["id_token"]).header["alg"] in {"ES256", "PS256", "EdDSA"}
    assert fapi.rp.userinfo(tokens["access_token"]).status_code == 401


def test_a_second_client_logs_in_as_well(op: Provider) -> None:
    """happy-flow, with a redirect URI that has its own query, and other subjects for other clients."""
    second = FapiVisitor(op, FAPI_SECOND)
    first = FapiVisitor(op, FAPI_FIRST)
    assert second.claims(second.login().tokens())["sub"] != first.claims(first.login().tokens())["sub"]


def test_a_person_who_refuses_is_told_to_the_client(fapi: FapiVisitor) -> None:
    """user-rejects-authentication."""
    fapi.visit(fapi.reference()).start()
    fapi.submit("/bankid/cancel")
    fapi.submit("/leave")
    assert fapi.reply["error"] == "access_denied"


# --- what a push holds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left_out", ["state", "nonce"])
def test_state_and_nonce_may_be_left_out(fapi: FapiVisitor, left_out: str) -> None:
    """ensure-authorization-request-without-state-success, -without-nonce-success."""
    fapi.login(**{left_out: None})
    assert left_out not in fapi.reply
    fapi.tokens()


@pytest.mark.parametrize("length", [64, 384, 1024])
def test_a_long_nonce_comes_back_whole(fapi: FapiVisitor, length: int) -> None:
    """ensure-authorization-request-with-64-char-nonce-success, -with-long-nonce."""
    nonce = "n" * length
    assert fapi.claims(fapi.login(nonce=nonce).tokens())["nonce"] == nonce


def test_a_long_state_comes_back_whole(fapi: FapiVisitor) -> None:
    """ensure-authorization-request-with-long-state."""
    state = "s" * 1024
    assert fapi.login(state=state).reply["state"] == state


def test_the_order_of_scopes_means_nothing(fapi: FapiVisitor) -> None:
    """ensure-other-scope-order-succeeds."""
    tokens = fapi.login(scope="email profile openid").tokens()
    assert set(tokens["scope"].split()) == {"openid", "profile", "email"}


@pytest.mark.parametrize("response_type", ["code id_token", "token", "id_token", "code token", "none"])
def test_nothing_but_a_code_is_given(fapi: FapiVisitor, response_type: str) -> None:
    """ensure-response-type-code-idtoken-fails, ensure-response-type-token-fails."""
    assert refusal(fapi.push(response_type=response_type)) == (400, "unsupported_response_type")


def test_a_push_needs_a_redirect_uri(fapi: FapiVisitor) -> None:
    """ensure-redirect-uri-in-authorization-request."""
    assert refusal(fapi.push(redirect_uri=None)) == (400, "invalid_request")


@pytest.mark.parametrize("tail", ["/other", "?a=b", "#x"])
def test_a_pushed_redirect_uri_is_registered(fapi: FapiVisitor, tail: str) -> None:
    """ensure-registered-redirect-uri, plain-fapi-tolerate-unregistered-redirect-uri (RFC 9126 2.4: we register them all)."""
    assert refusal(fapi.push(redirect_uri=fapi.plan.redirect_uri + tail)) == (400, "invalid_request")


def test_a_push_needs_a_challenge_with_s256(fapi: FapiVisitor) -> None:
    """par-ensure-pkce-required, par-plain-pkce-rejected; a missing method would mean plain (RFC 7636 4.3)."""
    assert refusal(fapi.push(code_challenge=None, code_challenge_method=None)) == (400, "invalid_request")
    assert refusal(fapi.push(code_challenge=fapi.verifier, code_challenge_method="plain")) == (400, "invalid_request")
    assert refusal(fapi.push(code_challenge_method=None)) == (400, "invalid_request")


def test_a_push_holds_no_reference(fapi: FapiVisitor) -> None:
    """par-authorization-request-containing-request_uri, -form-param."""
    for request_uri in (fapi.reference(), "urn:ietf:params:oauth:request_uri:x", "https://fapi.example/request"):
        assert refusal(fapi.push(request_uri=request_uri)) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "x"])
def test_a_push_repeats_nothing(fapi: FapiVisitor, name: str) -> None:
    """par-without-duplicate-parameters."""
    question = fapi.question()
    extra = [(name, question[name])] if name in question else [(name, "1"), (name, "1")]
    assert refusal(fapi.push(*extra)) == (400, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_push_is_a_post(fapi: FapiVisitor, method: str) -> None:
    """par-attempt-invalid-http-method."""
    query = {**fapi.question(), **by_assertion(fapi.plan.assertion(fapi.provider.clock()))}
    response = fapi.rp.http.open("/par", method=method, query_string=query, base_url=ISSUER)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


# --- the reference ------------------------------------------------------------------------------------------------------


def test_requests_are_pushed_always(fapi: FapiVisitor) -> None:
    """ensure-unsigned-authorization-request-without-using-par-fails."""
    assert fapi.ask().reply["error"] == "invalid_request"


def test_a_reference_works_again_before_the_login_is_done(fapi: FapiVisitor) -> None:
    """par-ensure-reused-request-uri-prior-to-auth-completion-succeeds."""
    reference = fapi.reference()
    assert fapi.visit(reference).step == "bankid"
    assert fapi.visit(reference).step == "bankid"
    fapi.log_in().tokens()


def test_a_reference_is_used_up_by_its_answer(fapi: FapiVisitor) -> None:
    """par-attempt-reuse-request_uri."""
    reference = fapi.reference()
    fapi.visit(reference).log_in().tokens()
    assert fapi.visit(reference).is_displayed
    answered_at_once = fapi.reference()
    assert fapi.visit(answered_at_once).reply["code"]
    assert fapi.visit(answered_at_once).is_displayed


def test_a_second_tab_of_one_reference_is_answered_once(fapi: FapiVisitor) -> None:
    """Two tabs began with the same reference: the first answer uses it up, and the other gets no code."""
    reference = fapi.reference()
    fapi.visit(reference)
    other_tab = fapi.base
    fapi.visit(reference).log_in()
    assert fapi.reply["code"]
    fapi.get(other_tab)
    assert fapi.reply["error"] == "invalid_request_uri"


def test_a_reference_runs_out(fapi: FapiVisitor) -> None:
    """par-attempt-to-use-expired-request_uri."""
    reference = fapi.reference()
    fapi.provider.clock.advance(seconds=90)
    assert fapi.visit(reference).is_displayed


def test_a_reference_is_its_clients(fapi: FapiVisitor) -> None:
    """par-attempt-to-use-request_uri-for-different-client."""
    assert FapiVisitor(fapi.provider, FAPI_SECOND).visit(fapi.reference()).is_displayed


def test_what_stands_beside_a_reference_is_not_used(fapi: FapiVisitor) -> None:
    """RFC 9126 4 and RFC 9101 6.3: the pushed parameters alone count."""
    reference = fapi.reference(scope="openid")
    fapi.visit(reference, scope="openid profile", redirect_uri="https://evil.example/", response_mode="form_post")
    assert fapi.log_in().tokens()["scope"] == "openid"


# --- who pushes ---------------------------------------------------------------------------------------------------------


def test_a_push_is_authenticated_by_key(fapi: FapiVisitor) -> None:
    """ensure-client-assertion-in-token-endpoint, at the push."""
    for credentials in ({}, {"client_secret": "x"}):
        assert refusal(fapi.push(credentials=credentials)) == (401, "invalid_client")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"aud": f"{ISSUER}/par"},
        {"aud": f"{ISSUER}/token"},
        {"aud": [ISSUER]},
        {"aud": [ISSUER, f"{ISSUER}/par"]},
        {"aud": "https://other.example"},
        {"aud": None},
        {"sub": None},
        {"sub": "fapi-second"},
        {"iss": None},
        {"jti": None},
        {"exp": None},
        {"exp_in": -300},
        {"exp_in": 600},
        {"nbf_in": 61},
        {"iat_in": 61},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/par", "/token"])
def test_an_assertion_is_for_us_from_the_client_and_of_now(
    fapi: FapiVisitor, path: str, spoilt: dict[str, Any]
) -> None:
    """par-test-array-as-audience-fails, par-test-par-endpoint-url-as-audience-fails and their kin.

    par-test-token-endpoint-url-as-audience-fails, ensure-client-assertion-with-exp-is-5-minutes-in-past-fails,
    -with-no-sub-fails, -with-wrong-aud-fails, par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails.
    """
    now = fapi.provider.clock()
    changes: dict[str, Any] = {
        name.removesuffix("_in"): int(now.timestamp()) + value if isinstance(value, int) else value
        for name, value in spoilt.items()
    }
    credentials = by_assertion(fapi.plan.assertion(now, **changes))
    if path == "/par":
        assert refusal(fapi.push(credentials=credentials)) == (401, "invalid_client")
        return
    fapi.login()
    assert refusal(fapi.exchange(credentials=credentials)) == (401, "invalid_client")
    assert fapi.exchange().status_code == 200


def test_a_clock_that_runs_ahead_a_little_is_forgiven(fapi: FapiVisitor) -> None:
    """par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted."""
    soon = int(fapi.provider.clock().timestamp()) + 8
    credentials = by_assertion(fapi.plan.assertion(fapi.provider.clock(), nbf=soon, iat=soon))
    assert fapi.push(credentials=credentials).status_code == 201


@pytest.mark.parametrize("path", ["/par", "/token"])
def test_rs256_signs_no_assertion(fapi: FapiVisitor, path: str) -> None:
    """ensure-signed-client-assertion-with-RS256-fails; the same key with PS256 is welcome."""
    key = generate_key("RS256")
    change(fapi.provider, "fapi", jwks={"keys": [key.as_dict(private=False), KEY.as_dict(private=False)]})
    fapi.login()
    for alg, status in (("RS256", 401), ("PS256", 200)):
        credentials = by_assertion(fapi.plan.assertion(fapi.provider.clock(), alg=alg, key=key))
        if path == "/par":
            assert (fapi.push(credentials=credentials).status_code == 201) is (status == 200)
        else:
            assert fapi.exchange(credentials=credentials).status_code == status


def test_a_code_needs_the_clients_assertion(fapi: FapiVisitor) -> None:
    """ensure-client-assertion-in-token-endpoint; a name alone is nobody."""
    fapi.login()
    for credentials in ({}, {"client_id": "fapi"}):
        assert refusal(fapi.exchange(credentials=credentials)) == (401, "invalid_client")


def test_the_name_beside_an_assertion_is_the_same_or_absent(fapi: FapiVisitor) -> None:
    """ensure-client-id-in-token-endpoint: the assertion says who calls; another name is refused."""
    fapi.login()
    assert refusal(fapi.exchange(client_id="fapi-second")) == (401, "invalid_client")
    assert fapi.exchange(client_id="fapi").status_code == 200


# --- the code -----------------------------------------------------------------------------------------------------------


def test_a_code_is_its_clients(fapi: FapiVisitor) -> None:
    """ensure-authorization-code-is-bound-to-client."""
    fapi.login()
    second = FapiVisitor(fapi.provider, FAPI_SECOND)
    assert refusal(fapi.exchange(credentials=by_assertion(second.plan.assertion(fapi.provider.clock())))) == (
        400,
        "invalid_grant",
    )
    assert fapi.exchange().status_code == 200


def test_a_code_works_once(fapi: FapiVisitor) -> None:
    """attempt-reuse-authorization-code-after-one-second."""
    tokens = fapi.login().tokens()
    fapi.provider.clock.advance(seconds=1)
    assert refusal(fapi.exchange()) == (400, "invalid_grant")
    assert fapi.userinfo_answer(tokens["access_token"]).status_code == 401


def test_a_code_lives_a_minute(fapi: FapiVisitor) -> None:
    """ensure-token-endpoint-fails-with-expired-auth-code (FAPI 2.0 5.3.2.1)."""
    fapi.login()
    fapi.provider.clock.advance(seconds=60)
    assert refusal(fapi.exchange()) == (400, "invalid_grant")
    fapi.login()
    fapi.provider.clock.advance(seconds=59)
    assert fapi.exchange().status_code == 200


def test_a_code_needs_its_verifier(fapi: FapiVisitor) -> None:
    """ensure-pkce-code-verifier-required, incorrect-pkce-code-verifier-rejected."""
    for wrong in ("", "x" * 43):
        fapi.login()
        assert refusal(fapi.exchange(code_verifier=wrong)) == (400, "invalid_grant")
        assert refusal(fapi.exchange()) == (400, "invalid_grant"), "the code was spent"


# --- DPoP ---------------------------------------------------------------------------------------------------------------


def test_tokens_are_bound_to_a_key(fapi: FapiVisitor) -> None:
    """ensure-holder-of-key-required."""
    fapi.login()
    assert refusal(fapi.exchange(headers={})) == (400, "invalid_dpop_proof")
    assert fapi.exchange().get_json()["token_type"] == "DPoP"


def test_a_proof_at_the_push_binds_the_code(fapi: FapiVisitor) -> None:
    """ensure-dpopproof-at-par-endpoint-binding-success, ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt."""
    fapi.login(headers=fapi.proof("/par")).tokens()
    fapi.visit(fapi.reference(headers=fapi.proof("/par")))
    refused = fapi.exchange(headers=fapi.proof(device=ProofKey()))
    assert refusal(refused) == (400, "invalid_grant")


def test_an_announced_key_binds_the_code(fapi: FapiVisitor) -> None:
    """ensure-dpop-auth-code-binding-success, ensure-token-endpoint-fails-with-mismatched-dpop-jkt."""
    fapi.login(dpop_jkt=fapi.device.jkt).tokens()
    fapi.visit(fapi.reference(dpop_jkt=fapi.device.jkt))
    refused = fapi.exchange(headers=fapi.proof(device=ProofKey()))
    assert refusal(refused) == (400, "invalid_grant")


def test_a_proof_and_an_announced_key_agree(fapi: FapiVisitor) -> None:
    """ensure-mismatched-dpop-jkt-fails, ensure-matching-key-in-authorization-request."""
    refused = fapi.push(headers=fapi.proof("/par"), dpop_jkt=ProofKey().jkt)
    assert refusal(refused) == (400, "invalid_dpop_proof")
    fapi.login(headers=fapi.proof("/par"), dpop_jkt=fapi.device.jkt).tokens()


@pytest.mark.parametrize("seconds", [-10, 10])
def test_a_proof_ten_seconds_off_is_accepted(fapi: FapiVisitor, seconds: int) -> None:
    """ensure-dpopproof-with-iat-10seconds-before-succeeds, -after-succeeds; everywhere that proofs are taken."""
    off = int((fapi.provider.clock() + timedelta(seconds=seconds)).timestamp())
    fapi.login(headers=fapi.proof("/par", iat=off))
    off = int((fapi.provider.clock() + timedelta(seconds=seconds)).timestamp())
    token = fapi.tokens(headers=fapi.proof(iat=off))["access_token"]
    assert fapi.userinfo_answer(token, iat=off).status_code == 200


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_proof_a_minute_off_is_refused(fapi: FapiVisitor, seconds: int) -> None:
    """dpop-negative-tests (RFC 9449 11.1)."""
    off = int(fapi.provider.clock().timestamp()) + seconds
    assert refusal(fapi.push(headers=fapi.proof("/par", iat=off))) == (400, "invalid_dpop_proof")
    token = fapi.login().tokens()["access_token"]
    off = int(fapi.provider.clock().timestamp()) + seconds
    assert fapi.userinfo_answer(token, iat=off).status_code == 401


def test_a_proof_may_say_from_when_and_until_when_it_holds(fapi: FapiVisitor) -> None:
    """check-dpop-proof-nbf-exp: both are understood, and kept."""
    fapi.login()
    present = int(fapi.provider.clock().timestamp())
    both: tuple[dict[str, Any], ...] = ({"exp": present - 60}, {"nbf": present + 120})
    for spoilt in both:
        assert refusal(fapi.exchange(headers=fapi.proof(**spoilt))) == (400, "invalid_dpop_proof")
    token = fapi.tokens(headers=fapi.proof(nbf=present, exp=present + 300))["access_token"]
    assert fapi.userinfo_answer(token, nbf=present, exp=present + 300).status_code == 200


@pytest.mark.parametrize(
    "spoilt",
    [
        {"htm": "POST"},
        {"htm": None},
        {"htu": f"{ISSUER}/token"},
        {"htu": None},
        {"jti": None},
        {"iat": None},
        {"ath": "x" * 43},
        {"header": {"typ": "JWT"}},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": {"jwk": None}},
        {"header": {"jwk": KEY.as_dict(private=False)}},
    ],
    ids=lambda spoilt: json.dumps(spoilt)[:40],
)
def test_a_spoilt_proof_opens_nothing(fapi: FapiVisitor, spoilt: dict[str, Any]) -> None:
    """dpop-negative-tests."""
    token = fapi.login().tokens()["access_token"]
    response = fapi.userinfo_answer(token, **spoilt)
    assert refusal(response)[0] == 401
    assert response.headers["WWW-Authenticate"].startswith("DPoP ")
    assert fapi.userinfo_answer(token).status_code == 200


def test_the_scheme_is_read_without_case(fapi: FapiVisitor) -> None:
    """access-token-type-header-case-sensitivity (RFC 9110 11.1)."""
    token = fapi.login().tokens()["access_token"]
    assert [fapi.userinfo_answer(token, scheme).status_code for scheme in ("DPoP", "dpop", "DPOP")] == [200] * 3


def test_where_nonces_are_required_every_endpoint_hands_them_out(op: Provider) -> None:
    """RFC 9449 8 and 9: push, token and resource; a client that follows gets through."""
    with restarted(op, dpop={"nonce_required": True}) as strict:
        fapi = FapiVisitor(strict)
        refused = fapi.push(headers=fapi.proof("/par"))
        assert refusal(refused) == (400, "use_dpop_nonce")
        nonce = refused.headers["DPoP-Nonce"]
        fapi.login(headers=fapi.proof("/par", nonce=nonce))
        refused = fapi.exchange()
        assert refusal(refused) == (400, "use_dpop_nonce")
        token = fapi.tokens(headers=fapi.proof(nonce=refused.headers["DPoP-Nonce"]))["access_token"]
        refused = fapi.userinfo_answer(token)
        assert refusal(refused) == (401, "use_dpop_nonce")
        assert 'error="use_dpop_nonce"' in refused.headers["WWW-Authenticate"]
        assert fapi.userinfo_answer(token, nonce=refused.headers["DPoP-Nonce"]).status_code == 200
        assert fapi.userinfo_answer(token, nonce="bm9uY2U").status_code == 401


# --- refresh ------------------------------------------------------------------------------------------------------------


def test_a_refresh_token_stays_the_same(fapi: FapiVisitor) -> None:
    """refresh-token, client-refresh-token-test (FAPI 2.0 5.3.2.1: no rotation)."""
    first = fapi.login(scope="openid offline_access").tokens()
    fapi.provider.clock.advance(minutes=9)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    for _ in range(2):
        answer = fapi.call("/token", fapi.proof(), **form).get_json()
        assert (answer["refresh_token"], answer["token_type"]) == (first["refresh_token"], "DPoP")
        assert fapi.userinfo_answer(answer["access_token"]).status_code == 200
        before, after = fapi.claims(first), fapi.claims(answer)
        assert [after[name] for name in ("sub", "auth_time", "aud")] == [
            before[name] for name in ("sub", "auth_time", "aud")
        ]
    assert refusal(fapi.call("/token", **form)) == (400, "invalid_dpop_proof")
    second = FapiVisitor(fapi.provider, FAPI_SECOND)
    assert refusal(second.call("/token", second.proof(), **form)) == (400, "invalid_grant")


# --- claims -------------------------------------------------------------------------------------------------------------


def test_claims_about_the_person_are_given_or_left_out(fapi: FapiVisitor) -> None:
    """test-claims-parameter-identity-claims, australia-connectid-test-claims-parameter-idtoken-identity-claims."""
    claims = {
        "userinfo": {"given_name": None, "family_name": {"essential": True}, "picture": None},
        "id_token": {"name": {"essential": True}, "zoneinfo": None, "https://example.com/unknown": {"value": 1}},
    }
    tokens = fapi.login(claims=json.dumps(claims)).tokens()
    userinfo = fapi.userinfo_answer(tokens["access_token"]).get_json()
    assert set(userinfo) == {"sub", "given_name", "family_name"}
    told = fapi.claims(tokens)
    assert told["name"]
    assert not {"zoneinfo", "https://example.com/unknown", "given_name"} & told.keys()


def test_an_unknown_intent_is_not_confirmed(fapi: FapiVisitor) -> None:
    """ensure-server-handles-non-matching-intent-id, australia-connectid-ensure-invalid-purpose-fails.

    Both belong to ecosystems that we do not serve: a claim or member of theirs is unknown, so it is left out, never
    repeated as if we had agreed to it.
    """
    claims = {"id_token": {"openbanking_intent_id": {"value": "intent-of-nobody", "essential": True}}}
    tokens = fapi.login(claims=json.dumps(claims), purpose="x" * 400).tokens()
    assert "intent" not in json.dumps(fapi.claims(tokens))


@pytest.mark.parametrize("asked", [{"values": ["urn:openbanking:psd2:sca", "urn:openbanking:psd2:ca"]}, {"value": "x"}])
def test_an_essential_level_that_we_do_not_have_fails(fapi: FapiVisitor, asked: dict[str, Any]) -> None:
    """test-essential-acr-sca-claim (OpenID Connect Core 5.5.1.1; OpenID Connect Core Error Code UAR)."""
    claims = {"id_token": {"acr": {"essential": True, **asked}}}
    assert refusal(fapi.push(claims=json.dumps(claims))) == (400, "unmet_authentication_requirements")
    claims = {"id_token": {"acr": {"essential": True, "values": ["x", fapi.provider.settings.bankid.acr]}}}
    told = fapi.claims(fapi.login(claims=json.dumps(claims)).tokens())
    assert told["acr"] == fapi.provider.settings.bankid.acr
