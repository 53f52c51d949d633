"""R-08 to R-12: codes are spent once, by their own client, with everything they were bound to."""

from collections.abc import Iterator
from functools import partial

import pytest

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.client_side import VERIFIER
from idp_tests.provider import START
from idp_tests.relying_party import PARTNER_SECRET

WRONG_FORMS: tuple[tuple[str, dict[str, str | None], str], ...] = (
    ("no code", {"code": None}, "invalid_request"),
    ("empty code", {"code": ""}, "invalid_request"),
    ("no redirect_uri", {"redirect_uri": None}, "invalid_request"),
    ("no grant type", {"grant_type": None}, "invalid_request"),
    ("a grant type in capitals", {"grant_type": "AUTHORIZATION_CODE"}, "unsupported_grant_type"),
    ("password", {"grant_type": "password"}, "unsupported_grant_type"),
    ("client credentials", {"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ("implicit", {"grant_type": "implicit"}, "unsupported_grant_type"),
    ("device code", {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
    ("jwt bearer", {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, "unsupported_grant_type"),
    ("saml bearer", {"grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer"}, "unsupported_grant_type"),
    ("token exchange", {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"}, "unsupported_grant_type"),
    ("ciba", {"grant_type": "urn:openid:params:grant-type:ciba"}, "unsupported_grant_type"),
    ("pre-authorized", {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code"}, "unsupported_grant_type"),
    ("a foreign resource", {"resource": "https://evil.example/"}, "invalid_target"),
    ("two grant types in one", {"grant_type": "authorization_code refresh_token"}, "unsupported_grant_type"),
)  # fmt: skip
GARBAGE_CODES = (
    "x", "ac_", "ac_x", "ac_" + "A" * 60, "ac_" + "A" * 5000, "at_" + "A" * 60, "rt_" + "A" * 60, "ac_=", "AC_AAAA",
    "ac_AAAA+AAAA", "ac_ÅÄÖ", "ac_" + "A" * 59 + "B", "'; DROP TABLE grants; --", "../../etc/passwd", "0", "null", "*",
    "%00", "ac_\u0130", "a.b.c",
)  # fmt: skip


@pytest.fixture(scope="module")
def code(target: Target) -> str:
    """One code for all blows of this file: it must still be good after each of them."""
    return target.code("minasidor")


@each("changes, error", {name: row for name, *row in WRONG_FORMS})
def test_a_malformed_exchange_spends_no_code(
    target: Target, code: str, changes: dict[str, str | None], error: str
) -> None:
    """Only the assertion's `jti` is remembered."""
    target.strike(lambda: target.redeem(code, **changes), status=400, error=error, may_change=frozenset({"seen_ids"}))


@each("garbage", GARBAGE_CODES, name=lambda text: ascii(text)[1:30])
def test_what_is_no_code_of_ours_is_refused_alike(target: Target, garbage: str) -> None:
    response = target.strike(
        lambda: target.redeem(garbage),
        status=400,
        error="invalid_grant",
        may_change=frozenset({"seen_ids"}),
    )
    assert response.get_json()["error_description"] == "The grant is unknown, expired, revoked or used"


@each("place", range(0, 60, 4))
def test_a_code_with_one_letter_changed_is_no_code(target: Target, code: str, place: int) -> None:
    at = 3 + place % (len(code) - 3)
    changed = code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]
    target.strike(lambda: target.redeem(changed), status=400, error="invalid_grant", may_change=frozenset({"seen_ids"}))


@each("client_id", ["partner", "mittprezero"])
def test_another_client_cannot_spend_the_code(target: Target, code: str, client_id: str) -> None:
    """Nor can it revoke what the code stands for by trying."""
    target.strike(lambda: target.redeem(code, client_id), status=400, error="invalid_grant")


@each("spelling", ["{} ", " {}", "{}=", "{}\n", "{}%20", "{},", "{0} {0}"])
def test_a_code_has_one_spelling(target: Target, code: str, spelling: str) -> None:
    target.strike(
        lambda: target.redeem(spelling.format(code)),
        status=400,
        error="invalid_grant",
        may_change=frozenset({"seen_ids"}),
    )


def test_the_code_was_good_all_the_time(target: Target, code: str) -> None:
    """The control, and the last of the tests that share the code."""
    assert target.redeem(code).status_code == 200


WRONG_PROOFS: tuple[dict[str, str | None], ...] = (
    {"code_verifier": None},
    {"code_verifier": ""},
    {"code_verifier": "v" * 42},
    {"code_verifier": "v" * 129},
    {"code_verifier": "v" * 42 + " "},
    {"code_verifier": "v" * 42 + "="},
    {"code_verifier": "v" * 43 + "\n"},
    {"code_verifier": "ｖ" * 43},
    {"code_verifier": "w" * 43},
    {"code_verifier": "V" * 43},
    {"code_verifier": VERIFIER + "v"},
    {"code_verifier": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"},
    {"redirect_uri": "https://minasidor.example/cb?"},
    {"redirect_uri": "https://minasidor.example/cb/"},
    {"redirect_uri": "https://minasidor.example/other"},
    {"redirect_uri": "https://MINASIDOR.example/cb"},
    {"redirect_uri": "https://minasidor.example:443/cb"},
    {"redirect_uri": "https://evil.example/cb"},
    {"redirect_uri": "https://minasidor.example/åäö"},
)


@each("wrong", WRONG_PROOFS, name=str)
def test_a_code_tried_with_a_wrong_proof_gives_nothing_and_is_spent(
    target: Target, wrong: dict[str, str | None]
) -> None:
    """Somebody who holds a code without its proof is a thief; the next try would be a better guess."""
    code = target.code("minasidor")
    target.strike(
        lambda: target.redeem(code, **wrong),
        status=400,
        error="invalid_grant",
        may_change=frozenset({"seen_ids", "grants"}),
    )
    assert target.redeem(code).get_json()["error"] == "invalid_grant"


def test_the_verifier_may_be_the_challenge_of_nobody(target: Target) -> None:
    """A challenge presented as its own verifier is what `plain` would have accepted."""
    from idp_tests.client_side import s256

    code = target.code("minasidor")
    response = target.redeem(code, code_verifier=s256(VERIFIER))
    assert response.get_json()["error"] == "invalid_grant"


@each("seconds", [60, 61, 3600, 86_400 * 3])
def test_a_code_that_ran_out_is_refused(target: Target, seconds: int) -> None:
    code = target.code("minasidor")
    with_time_moved(target, seconds)
    try:
        target.strike(
            lambda: target.redeem(code), status=400, error="invalid_grant", may_change=frozenset({"seen_ids"})
        )
    finally:
        with_time_moved(target, -seconds)


def test_a_code_is_good_for_its_whole_life(target: Target) -> None:
    code = target.code("minasidor")
    with_time_moved(target, 59)
    try:
        assert target.redeem(code).status_code == 200
    finally:
        with_time_moved(target, -59)


@pytest.fixture(autouse=True)
def _clock_stands(target: Target) -> Iterator[None]:
    yield
    assert (target.provider.clock() - START).total_seconds() < 60


def with_time_moved(target: Target, seconds: int) -> None:
    target.provider.clock.advance(seconds=seconds)


def test_a_replay_ends_what_the_first_use_gave(target: Target) -> None:
    code = target.code("minasidor")
    token = target.redeem(code).get_json()["access_token"]
    assert userinfo(target, token) == 200
    target.strike(
        lambda: target.redeem(code),
        status=400,
        error="invalid_grant",
        may_change=frozenset({"seen_ids", "grants", "audit"}),
    )
    assert userinfo(target, token) == 401


@each("client_id", ["partner", "mittprezero"])
def test_a_foreign_client_cannot_end_a_grant_by_replaying_its_code(target: Target, client_id: str) -> None:
    code = target.code("minasidor")
    token = target.redeem(code).get_json()["access_token"]
    target.strike(lambda: target.redeem(code, client_id), status=400, error="invalid_grant")
    assert userinfo(target, token) == 200


def userinfo(target: Target, token: str) -> int:
    return target.get("/userinfo", Authorization=f"Bearer {token}").status_code


@each("state", ['a b&c"d', "å ä ö", "%20%41", "+", "a+b", "&x=y", "#f", "\r\nSet-Cookie: x=y", "<script>alert(1)</script>", "💧",
     "'\"><img>", "=", "?", "a=b&code=stolen&iss=evil", " ", "\\", "%", "s" * 2048, "\u2028", "{{7*7}}"], name=lambda state: ascii(state)[1:24])  # fmt: skip
@each("refused", {"answer": False, "error": True})
def test_state_comes_back_exactly_and_alone(target: Target, state: str, refused: bool) -> None:
    """R-11 and R-12: nothing can be smuggled into the response beside it, and the issuer is named every time."""
    from urllib.parse import parse_qsl, urlsplit

    query = target.question("minasidor", state=state, **({"response_type": "token"} if refused else {}))
    browser = target.anna
    response = browser.client.get("/authorize", query_string=query, base_url="https://id.example")
    answer = parse_qsl(urlsplit(response.headers["Location"]).query, keep_blank_values=True)
    names = [name for name, _ in answer]
    assert len(names) == len(set(names))
    assert set(names) == ({"error", "error_description"} if refused else {"code"}) | {"state", "iss"}
    assert dict(answer)["state"] == state
    assert dict(answer)["iss"] == "https://id.example"


@each("secret", [PARTNER_SECRET, "wrong"])
def test_no_pkce_no_code(target: Target, secret: str) -> None:
    """A client that must use PKCE gets no code without it, whether its later proof is right or wrong."""
    for changes in ({"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": None}):
        query = target.question("partner", **changes)
        response = target.strike(partial(target.get, "/authorize", query), status=303)
        assert "error=invalid_request" in response.headers["Location"]
