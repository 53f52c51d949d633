"""The FAPI 2.0 plan's modules about signed requests: a client that must sign pushes request objects (RFC 9101).

Each test is named after the rule; the module's name, without `fapi2-security-profile-final-`, stands beside it.
"""

from typing import Any

import pytest

from idp.core.oidc.keys.keyring import generate_key
from idp_tests.protocol.plan import FAPI_SIGNED, KEY, SECOND_KEY, FapiVisitor
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import change, error_of


@pytest.fixture
def signer(op: Provider) -> FapiVisitor:
    return FapiVisitor(op, FAPI_SIGNED)


def seconds(signer: FapiVisitor, after: int) -> int:
    return int(signer.provider.clock().timestamp()) + after


def refused(signer: FapiVisitor, **spoilt: Any) -> bool:
    """Whether a push with this request object is turned away, by the protocol's words."""
    response = signer.push(signed=spoilt)
    if response.status_code == 201:
        return False
    assert (response.status_code, error_of(response)) in {(400, "invalid_request_object"), (400, "invalid_request")}
    return True


def test_a_signed_push_ends_with_tokens(signer: FapiVisitor) -> None:
    """happy-flow, signed."""
    signer.login(signed={}).tokens()


def test_an_unsigned_push_is_refused(signer: FapiVisitor) -> None:
    """ensure-unsigned-request-at-par-endpoint-fails."""
    response = signer.push()
    assert (response.status_code, error_of(response)) == (400, "invalid_request")


def test_an_object_that_is_signed_by_nothing_is_refused(signer: FapiVisitor) -> None:
    """ensure-request-object-signature-algorithm-is-not-none."""
    unsigned = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJmYXBpLXNpZ25lZCJ9."
    response = signer.push(request=unsigned)
    assert (response.status_code, error_of(response)) == (400, "invalid_request_object")


def test_an_object_that_somebody_else_signed_is_refused(signer: FapiVisitor) -> None:
    """ensure-request-object-with-invalid-signature-fails, ensure-matching-key-in-authorization-request."""
    assert refused(signer, key=SECOND_KEY)
    assert not refused(signer, key=KEY)


def test_rs256_signs_no_request(signer: FapiVisitor) -> None:
    """ensure-signed-request-object-with-RS256-fails; the same key with PS256 is welcome."""
    key = generate_key("RS256")
    change(signer.provider, "fapi-signed", jwks={"keys": [key.as_dict(private=False), KEY.as_dict(private=False)]})
    assert refused(signer, key=key, alg="RS256")
    assert not refused(signer, key=key, alg="PS256")


@pytest.mark.parametrize("left_out", ["exp", "nbf", "aud", "redirect_uri", "code_challenge"])
def test_an_object_is_complete(signer: FapiVisitor, left_out: str) -> None:
    """ensure-request-object-without-exp-fails, -without-nbf-fails, -without-redirect-uri-fails."""
    assert refused(signer, **{left_out: None})


@pytest.mark.parametrize("aud", ["https://other.example", ["https://other.example"], f"{ISSUER}/par", [], 7])
def test_an_object_is_for_us(signer: FapiVisitor, aud: Any) -> None:
    """ensure-request-object-with-bad-aud-fails."""
    assert refused(signer, aud=aud)


def test_an_object_may_be_for_others_too(signer: FapiVisitor) -> None:
    """ensure-request-object-with-multiple-aud-succeeds."""
    signer.login(signed={"aud": [ISSUER, "https://other.example"]}).tokens()


def test_an_object_of_the_past_is_refused(signer: FapiVisitor) -> None:
    """ensure-expired-request-object-fails."""
    assert refused(signer, nbf=seconds(signer, -600), exp=seconds(signer, -300))


@pytest.mark.parametrize("minutes", [6, 11, 61])
def test_an_object_does_not_hold_for_long(signer: FapiVisitor, minutes: int) -> None:
    """ensure-request-object-with-exp-over-60-fails, australia-connectid-ensure-request-object-with-exp-over-10-fails."""
    assert refused(signer, exp=seconds(signer, minutes * 60))


def test_an_object_begins_within_the_last_hour(signer: FapiVisitor) -> None:
    """ensure-request-object-with-nbf-over-60-fails; 15 minutes, where others draw their line, are within ours.

    australia-connectid-ensure-request-object-with-nbf-over-15-fails is that ecosystem's stricter line.
    """
    assert refused(signer, nbf=seconds(signer, -3_660))
    assert not refused(signer, nbf=seconds(signer, -1_000))


def test_a_clock_that_runs_ahead_a_little_is_forgiven(signer: FapiVisitor) -> None:
    """ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted."""
    assert not refused(signer, nbf=seconds(signer, 8), iat=seconds(signer, 8))
    assert refused(signer, nbf=seconds(signer, 60))


@pytest.mark.parametrize("name", ["state", "nonce"])
def test_what_is_signed_counts(signer: FapiVisitor, name: str) -> None:
    """ensure-different-state-inside-and-outside-request-object, ensure-different-nonce-inside-and-outside-…."""
    inside = signer.question(**{name: "inside"})
    token = signer.plan.request_object(signer.provider.clock(), **inside)
    signer.visit(signer.reference(request=token, **{name: "outside"}))
    signer.asked = inside
    signer.log_in().tokens()


def test_a_state_outside_is_not_used(signer: FapiVisitor) -> None:
    """state-only-outside-request-object-not-used."""
    inside = signer.question(state=None)
    token = signer.plan.request_object(signer.provider.clock(), **inside)
    signer.visit(signer.reference(request=token, state="outside"))
    signer.asked = inside
    assert "state" not in signer.log_in().reply
