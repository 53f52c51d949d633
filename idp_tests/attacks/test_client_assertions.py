"""R-13 to R-16 for client assertions (RFC 7523): nobody is a client by a forged, stale, foreign or replayed assertion."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from idp_tests.attacks.forgeries import ATTACKER, FORGERIES, WRONG_TIMES, Forgery, Honest, without
from idp_tests.attacks.target import CLIENT_SIDES, Target
from idp_tests.cases import each
from idp_tests.client_side import by_assertion
from idp_tests.provider import ISSUER
from idp_tests.relying_party import CLIENT_KEY

ENDPOINTS = ("/token", "/par", "/introspect", "/revoke")


def honest(target: Target, client_id: str = "minasidor", /, **changes: Any) -> Honest:
    claims = {**CLIENT_SIDES[client_id].assertion_claims(target.provider.clock()), **changes}
    published = next(iter(target.provider.parts.keys.keyring.verification_keys()))
    return Honest(header={"alg": "ES256"}, claims=claims, key=CLIENT_KEY, published=published)


@pytest.fixture(scope="module")
def code(target: Target) -> str:
    return target.code("minasidor")


def present(target: Target, assertion: str, code: str, path: str, **more: str) -> Any:
    """A request that is right in everything else."""
    form = {
        "/token": target.code_form(code),
        "/par": target.question("minasidor", client_id=None),
        "/introspect": {"token": code},
        "/revoke": {"token": code},
    }[path]
    return target.post(path, {**by_assertion(assertion), **form, **more})


def refuse(target: Target, assertion: str, code: str, paths: tuple[str, ...] = ENDPOINTS, /, **more: str) -> None:
    for path in paths:
        response = target.strike(
            partial(present, target, assertion, code, path, **more), status=401, error="invalid_client"
        )
        assert response.get_json()["error_description"] == "Client authentication failed"


@each("forge", FORGERIES)
def test_a_forged_assertion_is_refused_at_every_endpoint(target: Target, code: str, forge: Forgery) -> None:
    refuse(target, forge(honest(target)), code)


@each("forge", FORGERIES)
def test_a_forged_assertion_of_a_fapi_client_is_refused(target: Target, code: str, forge: Forgery) -> None:
    refuse(target, forge(honest(target, "fapi")), code, ("/par",))


@each("delayed", WRONG_TIMES)
def test_an_assertion_of_another_time_is_refused(
    target: Target, code: str, delayed: Callable[[Honest, int], str]
) -> None:
    refuse(target, delayed(honest(target), target.now), code)


WRONG_MEMBERS: dict[str, dict[str, Any]] = {
    "aud with a slash": {"aud": f"{ISSUER}/"},
    "aud of another provider": {"aud": "https://evil.example"},
    "aud of the authorization endpoint": {"aud": f"{ISSUER}/authorize"},
    "aud in capitals": {"aud": ISSUER.upper()},
    "aud without scheme": {"aud": "id.example"},
    "aud of http": {"aud": ISSUER.replace("https", "http")},
    "aud with a port": {"aud": f"{ISSUER}:443"},
    "aud that begins like us": {"aud": f"{ISSUER}.evil.example"},
    "aud in the middle of a text": {"aud": f"https://evil.example/?{ISSUER}"},
    "aud of us and another": {"aud": [ISSUER, "https://evil.example"]},
    "aud of another and us": {"aud": ["https://evil.example", ISSUER]},
    "aud empty": {"aud": ""},
    "aud an empty list": {"aud": []},
    "aud a list of lists": {"aud": [[ISSUER]]},
    "aud a number": {"aud": 1},
    "aud an object": {"aud": {"v": ISSUER}},
    "aud null": {"aud": None},
    "iss another client": {"iss": "partner"},
    "sub another client": {"sub": "partner"},
    "iss and sub another client": {"iss": "partner", "sub": "partner"},
    "iss and sub the public client": {"iss": "mittprezero", "sub": "mittprezero"},
    "iss and sub nobody": {"iss": "nobody", "sub": "nobody"},
    "iss and sub a disabled client": {"iss": "disabled", "sub": "disabled"},
    "iss us": {"iss": ISSUER},
    "iss in capitals": {"iss": "MINASIDOR"},
    "iss with a space": {"iss": "minasidor "},
    "iss a list": {"iss": ["minasidor"]},
    "sub a list": {"sub": ["minasidor"]},
    "sub null": {"sub": None},
    "sub a path": {"sub": "../minasidor", "iss": "../minasidor"},
    "sub empty": {"sub": ""},
    "jti empty": {"jti": ""},
    "jti a number": {"jti": 1},
    "jti null": {"jti": None},
    "jti too long": {"jti": "j" * 600},
    "jti with a NUL": {"jti": "a\u0000b"},
}


@each("changes", WRONG_MEMBERS)
def test_an_assertion_for_or_by_somebody_else_is_refused(target: Target, code: str, changes: dict[str, Any]) -> None:
    refuse(target, honest(target, **changes).sign(), code)


def test_an_assertion_for_the_par_endpoint_opens_no_other(target: Target, code: str) -> None:
    """It is accepted where a request is pushed, and there alone (RFC 9126 2)."""
    refuse(target, honest(target, aud=f"{ISSUER}/par").sign(), code, ("/token", "/introspect", "/revoke"))
    assert present(target, honest(target, aud=f"{ISSUER}/par").sign(), code, "/par").status_code == 201


@each("member", ["iss", "sub", "aud", "jti", "exp"])
def test_an_assertion_that_lacks_a_member_is_refused(target: Target, code: str, member: str) -> None:
    refuse(target, without(member)(honest(target)), code)


@each("audience", [f"{ISSUER}/token", f"{ISSUER}/par", [ISSUER], [f"{ISSUER}/token"], f"{ISSUER}/"])
def test_a_fapi_client_names_the_issuer_and_nothing_else(target: Target, code: str, audience: Any) -> None:
    """FAPI 2.0 Security Profile 5.3.2.1: the issuer as one text."""
    refuse(target, honest(target, "fapi", aud=audience).sign(), code, ("/par", "/token"))


WRONG_WRAPPERS: dict[str, dict[str, str]] = {
    "another client_id beside it": {"client_id": "partner"},
    "a client_id in capitals": {"client_id": "MINASIDOR"},
    "another assertion type": {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    "an empty assertion type": {"client_assertion_type": ""},
    "an assertion type in capitals": {
        "client_assertion_type": "URN:IETF:PARAMS:OAUTH:CLIENT-ASSERTION-TYPE:JWT-BEARER"
    },
    "an empty assertion": {"client_assertion": ""},
}


@each("changes", WRONG_WRAPPERS)
def test_what_stands_beside_an_assertion_must_fit_it(target: Target, code: str, changes: dict[str, str]) -> None:
    refuse(target, honest(target).sign(), code, ENDPOINTS, **changes)


@each("skew", [{"iat": 8}, {"nbf": 8}, {"exp": -8}], name=str)
def test_clocks_that_differ_a_little_are_forgiven(target: Target, skew: dict[str, int]) -> None:
    """The control: eight seconds work, as the FAPI 2.0 plan asks."""
    members = {name: target.now + seconds for name, seconds in skew.items()}
    response = present(target, honest(target, **members).sign(), "x", "/introspect")
    assert response.get_json() == {"active": False}


@each("first", ENDPOINTS)
def test_an_assertion_counts_once_at_all_endpoints_together(target: Target, code: str, first: str) -> None:
    """R-14."""
    used = honest(target).sign()
    assert present(target, used, "x", first).status_code != 401
    refuse(target, used, code)


def test_an_id_used_by_one_client_is_free_for_another(target: Target) -> None:
    first = present(target, honest(target, jti="shared").sign(), "x", "/introspect")
    other = present(target, honest(target, "fapi", jti="shared").sign(), "x", "/introspect")
    assert (first.status_code, other.status_code) == (200, 200)


def test_a_used_id_is_remembered_as_long_as_the_assertion_could_live(target: Target, code: str) -> None:
    used = honest(target, exp=target.now + 290).sign()
    assert present(target, used, "x", "/introspect").status_code == 200
    target.provider.clock.advance(seconds=295)
    try:
        refuse(target, used, code)
    finally:
        target.provider.clock.advance(seconds=-295)


@each("path", ENDPOINTS)
def test_a_client_of_secrets_cannot_come_with_an_assertion(target: Target, path: str) -> None:
    claims = honest(target, "partner")
    for assertion in (claims.sign(), claims.sign(key=ATTACKER)):
        target.strike(partial(present, target, assertion, "x", path), status=401, error="invalid_client")


def test_the_honest_assertion_is_believed(target: Target, code: str) -> None:
    """The control of this file; the code of all the blows is still good."""
    assert present(target, honest(target).sign(), code, "/token").status_code == 200
