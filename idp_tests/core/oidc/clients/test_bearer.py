import pytest

from idp.core.oidc.clients.bearer import Scheme, challenge, read_presented, refuse_access
from idp.core.oidc.errors import ErrorCode, Refused
from idp_tests.cases import each
from idp_tests.client_side import ISSUER

BOTH = f'Bearer realm="{ISSUER}", DPoP realm="{ISSUER}", algs="ES256 PS256 EdDSA"'


def refusal(authorization: str | None, *in_body: str) -> Refused:
    with pytest.raises(Refused) as caught:
        read_presented(authorization, in_body, issuer=ISSUER)
    return caught.value


@each(
    "header, scheme",
    [
        ("Bearer at_x", Scheme.BEARER),
        ("bearer at_x", Scheme.BEARER),
        ("BEARER  at_x", Scheme.BEARER),
        ("DPoP at_x", Scheme.DPOP),
        ("dpop at_x", Scheme.DPOP),
    ],
)
def test_the_name_of_the_scheme_has_no_case(header: str, scheme: Scheme) -> None:
    presented = read_presented(header, (), issuer=ISSUER)
    assert (presented.scheme, presented.value) == (scheme, "at_x")


def test_a_form_body_carries_a_bearer_token() -> None:
    presented = read_presented(None, ("at_x",), issuer=ISSUER)
    assert (presented.scheme, presented.value) == (Scheme.BEARER, "at_x")


def test_without_a_token_the_challenge_has_no_error() -> None:
    error = refusal(None)
    assert (error.status, error.headers["WWW-Authenticate"]) == (401, BOTH)


@each("header", ["", "Bearer", "Bearer ", "Basic eDp5", "at_x", "Bearer a b", "Token at_x"])
def test_another_header_is_unreadable(header: str) -> None:
    error = refusal(header)
    assert (error.code, error.status) == ("invalid_request", 400)


def test_a_token_comes_in_one_way_only() -> None:
    for error in (refusal("Bearer at_x", "at_x"), refusal(None, "at_x", "at_x")):
        assert (error.code, error.status) == ("invalid_request", 400)


@each("error, status", [("invalid_token", 401), ("invalid_request", 400), ("insufficient_scope", 403)])
def test_each_error_has_its_status_and_stands_in_the_challenge(error: ErrorCode, status: int) -> None:
    refused = refuse_access(ISSUER, error, "why", scheme=Scheme.BEARER)
    assert refused.status == status
    assert refused.headers["WWW-Authenticate"] == f'Bearer realm="{ISSUER}", error="{error}"'


def test_the_dpop_challenge_names_the_algorithms() -> None:
    assert challenge(ISSUER, "invalid_token", Scheme.DPOP) == (
        f'DPoP realm="{ISSUER}", algs="ES256 PS256 EdDSA", error="invalid_token"'
    )


def test_a_presented_token_is_not_shown() -> None:
    assert "at_x" not in repr(read_presented("Bearer at_x", (), issuer=ISSUER))
