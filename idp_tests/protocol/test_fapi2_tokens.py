"""FAPI 2.0 Security Profile with private_key_jwt and DPoP: what concerns the token endpoint and resources.

Each test carries the name of the certification plan's module, without `fapi2-security-profile-final-`.
"""

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from idp.core.oidc.clients.authentication import JWT_BEARER
from idp.core.oidc.clients.client import Client
from idp.core.oidc.keys.keyring import generate_key
from idp_tests.client_side import ProofKey
from idp_tests.provider import ISSUER, Browser, Provider
from idp_tests.relying_party import (
    CLIENT_KEY,
    RelyingParty,
    become_fapi2,
    change,
    error_of,
    userinfo_proof,
)
from idp_tests.tokens import assertion

REFUSED_CODE = {"invalid_grant", "invalid_request", "invalid_dpop_proof"}


@pytest.fixture
def fapi(provider: Provider) -> Client:
    return become_fapi2(provider)


def by(provider: Provider, *, at: float = 0, **changes: Any) -> dict[str, str]:
    """A client assertion with these members, as form members; `at` moves its clock."""
    text = assertion(provider.clock() + timedelta(seconds=at), key=CLIENT_KEY, **changes)
    return {"client_assertion_type": JWT_BEARER, "client_assertion": text}


def redeem(
    provider: Provider,
    browser: Browser,
    device: ProofKey | None,
    *,
    credentials: dict[str, str] | None = None,
    proof: str | None = None,
    **form: str,
) -> TestResponse:
    """Redeem the browser's code with a fresh proof of the device."""
    rp = RelyingParty(provider)
    sent = proof or (device.proof(provider.clock()) if device else None)
    headers = {"DPoP": sent} if sent else {}
    who = credentials if credentials is not None else rp.credentials
    return rp.post("/token", {**who, **browser.code_form(**form)}, headers)


@pytest.mark.usefixtures("fapi")
def test_happy_flow(provider: Provider) -> None:
    device = ProofKey()
    response = redeem(provider, provider.browser().first_login(), device)
    tokens = response.get_json()
    rp = RelyingParty(provider)
    claims = rp.read(tokens["id_token"])
    assert (tokens["token_type"], claims.header["alg"]) == ("DPoP", "ES256")
    proof = userinfo_proof(device, provider, tokens["access_token"])
    assert rp.userinfo(tokens["access_token"], "DPoP", DPoP=proof).get_json()["sub"] == claims.members["sub"]


@pytest.mark.usefixtures("fapi")
def test_access_token_type_header_case_sensitivity(provider: Provider) -> None:
    device = ProofKey()
    token = redeem(provider, provider.browser().first_login(), device).get_json()["access_token"]
    for scheme in ("DPoP", "dpop", "DPOP"):
        proof = userinfo_proof(device, provider, token)
        assert RelyingParty(provider).userinfo(token, scheme, DPoP=proof).status_code == 200


@pytest.mark.usefixtures("fapi")
def test_attempt_reuse_authorization_code_after_one_second(provider: Provider) -> None:
    device, browser = ProofKey(), provider.browser().first_login()
    token = redeem(provider, browser, device).get_json()["access_token"]
    provider.clock.advance(seconds=1)
    assert error_of(redeem(provider, browser, device)) == "invalid_grant"
    proof = userinfo_proof(device, provider, token)
    assert RelyingParty(provider).userinfo(token, "DPoP", DPoP=proof).status_code == 401


@pytest.mark.usefixtures("fapi")
def test_ensure_token_endpoint_fails_with_expired_auth_code(provider: Provider) -> None:
    browser = provider.browser().first_login()
    provider.clock.advance(seconds=61)
    assert error_of(redeem(provider, browser, ProofKey())) == "invalid_grant"


@pytest.mark.usefixtures("fapi")
def test_ensure_authorization_code_is_bound_to_client(provider: Provider) -> None:
    browser = provider.browser().first_login()
    change(provider, "partner", dpop_bound_access_tokens=True)
    partner = RelyingParty(provider, "partner")
    proof = {"DPoP": ProofKey().proof(provider.clock())}
    response = partner.post("/token", {**partner.credentials, **browser.code_form()}, proof)
    assert error_of(response) == "invalid_grant"


@pytest.mark.usefixtures("fapi")
def test_ensure_holder_of_key_required(provider: Provider) -> None:
    browser = provider.browser().first_login()
    response = redeem(provider, browser, None)
    assert (response.status_code, error_of(response)) == (400, "invalid_dpop_proof")


@pytest.mark.usefixtures("fapi")
def test_ensure_pkce_code_verifier_required(provider: Provider) -> None:
    browser = provider.browser().first_login()
    assert error_of(redeem(provider, browser, ProofKey(), code_verifier="")) == "invalid_grant"


@pytest.mark.usefixtures("fapi")
def test_incorrect_pkce_code_verifier_rejected(provider: Provider) -> None:
    browser = provider.browser().first_login()
    assert error_of(redeem(provider, browser, ProofKey(), code_verifier="x" * 43)) == "invalid_grant"


@pytest.mark.usefixtures("fapi")
def test_ensure_dpop_auth_code_binding_success(provider: Provider) -> None:
    """dpop_jkt in the authorization request binds the code (RFC 9449 10)."""
    device = ProofKey()
    browser = provider.browser().first_login(dpop_jkt=device.jkt)
    assert redeem(provider, browser, device).status_code == 200


@pytest.mark.usefixtures("fapi")
def test_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(provider: Provider) -> None:
    browser = provider.browser().first_login(dpop_jkt=ProofKey().jkt)
    assert error_of(redeem(provider, browser, ProofKey())) in REFUSED_CODE


@pytest.mark.usefixtures("fapi")
def test_ensure_dpopproof_with_iat_10seconds_before_and_after_succeeds(provider: Provider) -> None:
    browser = provider.browser().first_login()
    for seconds in (-10, 10):
        device = ProofKey()
        proof = device.proof(provider.clock() + timedelta(seconds=seconds))
        assert redeem(provider, browser, device, proof=proof).status_code == 200
        browser.authorize()


@pytest.mark.usefixtures("fapi")
def test_check_dpop_proof_nbf_exp(provider: Provider) -> None:
    browser = provider.browser().first_login()
    device, present = ProofKey(), int(provider.clock().timestamp())
    for members in ({"exp": present - 60}, {"nbf": present + 120}):
        proof = device.proof(provider.clock(), **members)  # type: ignore[arg-type]
        assert error_of(redeem(provider, browser, device, proof=proof)) == "invalid_dpop_proof"


@pytest.mark.usefixtures("fapi")
def test_dpop_negative_tests(provider: Provider) -> None:
    """At the resource: every part of a proof counts."""
    device, other = ProofKey(), ProofKey()
    token = redeem(provider, provider.browser().first_login(), device).get_json()["access_token"]
    rp, now = RelyingParty(provider), provider.clock()
    used = userinfo_proof(device, provider, token)
    assert rp.userinfo(token, "DPoP", DPoP=used).status_code == 200
    proofs = {
        "used": used,
        "of another key": userinfo_proof(other, provider, token),
        "with another key in its header": userinfo_proof(
            device, provider, token, header={"jwk": other.key.as_dict(private=False)}
        ),
        "with a private key": userinfo_proof(device, provider, token, header={"jwk": device.key.as_dict(private=True)}),
        "of another type": userinfo_proof(device, provider, token, header={"typ": "JWT"}),
        "without algorithm": userinfo_proof(device, provider, token, header={"alg": "none"}),
        "for another method": userinfo_proof(device, provider, token, htm="POST"),
        "for another address": userinfo_proof(device, provider, token, htu=f"{ISSUER}/other"),
        "for another token": userinfo_proof(device, provider, "at_other"),
        "without ath": userinfo_proof(device, provider, token, ath=None),
        "without jti": userinfo_proof(device, provider, token, jti=None),
        "without iat": userinfo_proof(device, provider, token, iat=None),
        "too old": userinfo_proof(device, provider, token, iat=int(now.timestamp()) - 300),
        "from the future": userinfo_proof(device, provider, token, iat=int(now.timestamp()) + 300),
        "nonsense": "x.y.z",
    }
    for why, proof in proofs.items():
        response = rp.userinfo(token, "DPoP", DPoP=proof)
        assert response.status_code == 401, why
        assert error_of(response) in {"invalid_dpop_proof", "invalid_token"}, why
    assert rp.userinfo(token, "DPoP").status_code == 401
    assert rp.userinfo(token, "Bearer", DPoP=userinfo_proof(device, provider, token)).status_code == 401


@pytest.mark.usefixtures("fapi")
def test_refresh_token(provider: Provider) -> None:
    """The refresh token stays the same, needs a proof, and works twice (FAPI 2.0 5.3.2.1: rotate only with care)."""
    change(provider, "minasidor", refresh_lifetime=timedelta(hours=1))
    device = ProofKey()
    first = redeem(provider, provider.browser().first_login(), device).get_json()
    rp = RelyingParty(provider)
    for _ in range(2):
        proof = {"DPoP": device.proof(provider.clock())}
        answer = rp.refresh(first["refresh_token"], proof).get_json()
        assert (answer["refresh_token"], answer["token_type"]) == (first["refresh_token"], "DPoP")
    assert error_of(rp.refresh(first["refresh_token"])) == "invalid_dpop_proof"


def client_auth_error(provider: Provider, **changes: Any) -> str:
    """How a token request with this assertion ends; its code is never looked at when the client is refused."""
    rp = RelyingParty(provider)
    form = {**by(provider, **changes), "grant_type": "authorization_code"}
    return error_of(rp.post("/token", form, {"DPoP": ProofKey().proof(provider.clock())}))


ACCEPTED = "invalid_request"
"""The client is known; the rest of the request is missing."""


@pytest.mark.usefixtures("fapi")
def test_client_assertions(provider: Provider) -> None:
    """ensure-client-assertion-…, par-ensure-jwt-client-assertions-…, par-test-…-as-audience-fails."""
    present = int(provider.clock().timestamp())
    refused: dict[str, dict[str, Any]] = {
        "exp is 5 minutes in the past": {"exp": present - 300},
        "no sub": {"sub": None},
        "wrong aud": {"aud": "https://other.example"},
        "array as audience": {"aud": [ISSUER]},
        "PAR endpoint as audience": {"aud": f"{ISSUER}/par"},
        "token endpoint as audience": {"aud": f"{ISSUER}/token"},
        "nbf over 60 seconds in the future": {"nbf": present + 61},
        "no jti": {"jti": None},
        "no exp": {"exp": None},
    }
    assert {why: client_auth_error(provider, **changes) for why, changes in refused.items()} == dict.fromkeys(
        refused, "invalid_client"
    )
    assert client_auth_error(provider) == ACCEPTED
    assert client_auth_error(provider, nbf=present + 8, iat=present + 8) == ACCEPTED


@pytest.mark.usefixtures("fapi")
def test_ensure_client_assertion_in_token_endpoint(provider: Provider) -> None:
    """A code without any client authentication is refused, also with client_id alone."""
    browser = provider.browser().first_login()
    for who in ({}, {"client_id": "minasidor"}):
        response = redeem(provider, browser, ProofKey(), credentials=who)
        assert (response.status_code, error_of(response)) == (401, "invalid_client")


def test_ensure_signed_client_assertion_with_rs256_fails(provider: Provider) -> None:
    keys = {alg: generate_key("RS256") for alg in ("RS256", "PS256")}
    fapi = become_fapi2(provider)
    jwks = {"keys": [{**key.as_dict(private=False), "alg": alg} for alg, key in keys.items()]}
    change(provider, fapi.client_id, jwks=jwks)
    outcome = {}
    for alg, key in keys.items():
        text = assertion(provider.clock(), alg=alg, key=key)
        form = {"client_assertion_type": JWT_BEARER, "client_assertion": text, "grant_type": "authorization_code"}
        headers = {"DPoP": ProofKey().proof(provider.clock())}
        outcome[alg] = error_of(RelyingParty(provider).post("/token", form, headers))
    assert outcome == {"RS256": "invalid_client", "PS256": ACCEPTED}
