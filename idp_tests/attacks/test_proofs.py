"""R-13 for DPoP proofs (RFC 9449): a token bound to a key is of no use to a thief who copied it."""

from functools import partial
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.core.oidc.keys.keyring import generate_key
from idp_tests.attacks.forgeries import ATTACKER, FORGERIES, Forgery, Honest, without
from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.client_side import ProofKey, by_assertion, s256
from idp_tests.provider import ISSUER

NOT_HERE = {
    "another key",  # the proof names its key itself: another key is another proof, and the token tells them apart
    "another key under the honest kid",
    "a key in the header",
    "HS256 with the client's name",
}
KINDS = {name: forge for name, forge in FORGERIES.items() if name not in NOT_HERE}


def honest(target: Target, *, access_token: str | None = None, **changes: Any) -> Honest:
    """A proof of the target's device for the token endpoint, or for UserInfo when a token is given."""
    at_userinfo = {"htm": "GET", "htu": f"{ISSUER}/userinfo", "ath": s256(access_token)} if access_token else {}
    claims = target.device.claims(target.provider.clock(), **at_userinfo)
    published = next(iter(target.provider.parts.keys.keyring.verification_keys()))
    return Honest(
        header=target.device.header(),
        claims={**claims, **changes},
        key=target.device.key,
        published=published,
    )


@pytest.fixture(scope="module")
def code(target: Target) -> str:
    """Bound to the device, so that only its proofs redeem it."""
    return target.code("minasidor", dpop_jkt=target.device.jkt)


@pytest.fixture(scope="module")
def bound(target: Target) -> str:
    """An access token bound to the device."""
    code = target.code("minasidor")
    response = redeem(target, code, honest(target).sign())
    assert response.get_json()["token_type"] == "DPoP"
    return str(response.get_json()["access_token"])


def redeem(target: Target, code: str, *proofs: str) -> Any:
    form = {**target.credentials(), **target.code_form(code)}
    return target.post("/token", form, [("DPoP", proof) for proof in proofs])


def userinfo(target: Target, token: str, *proofs: str, scheme: str = "DPoP") -> Any:
    headers = [("Authorization", f"{scheme} {token}"), *(("DPoP", proof) for proof in proofs)]
    return target.http.get("/userinfo", headers=headers, base_url=ISSUER)


def refuse_code(target: Target, code: str, *proofs: str) -> None:
    """Only the client assertion is remembered; the code stays good."""
    target.strike(
        lambda: redeem(target, code, *proofs),
        status=400,
        error="invalid_dpop_proof",
        may_change=frozenset({"seen_ids"}),
    )


def one_line(text: str) -> bool:
    return "\n" not in text and text.isascii()


@each("forge", KINDS)
def test_a_forged_proof_redeems_no_code(target: Target, code: str, forge: Forgery) -> None:
    proof = forge(honest(target))
    if not one_line(proof):
        proof = proof.encode("ascii", "ignore").decode().replace("\n", "") + "!"  # what a header can hold of it
    refuse_code(target, code, proof)


@each("forge", KINDS)
def test_a_forged_proof_opens_no_resource(target: Target, bound: str, forge: Forgery) -> None:
    proof = forge(honest(target, access_token=bound))
    if not one_line(proof):
        proof = proof.encode("ascii", "ignore").decode().replace("\n", "") + "!"
    response = target.strike(lambda: userinfo(target, bound, proof), status=401, error="invalid_dpop_proof")
    assert "DPoP" in response.headers["WWW-Authenticate"]


WRONG_MEMBERS: dict[str, dict[str, Any]] = {
    "another method": {"htm": "PUT"},
    "the method in small letters": {"htm": "post"},
    "a method with a space": {"htm": "POST "},
    "a method that is a list": {"htm": ["POST"]},
    "an empty method": {"htm": ""},
    "another endpoint": {"htu": f"{ISSUER}/revoke"},
    "another host": {"htu": "https://evil.example/token"},
    "a host that begins like ours": {"htu": "https://id.example.evil.example/token"},
    "a user name in front of the host": {"htu": "https://id.example@evil.example/token"},
    "a user name at our host": {"htu": "https://evil@id.example/token"},
    "http": {"htu": "http://id.example/token"},
    "another port": {"htu": "https://id.example:8443/token"},
    "a port that is no number": {"htu": "https://id.example:x/token"},
    "a path without host": {"htu": "/token"},
    "a path with a dot segment": {"htu": f"{ISSUER}/x/../token"},
    "a path with a slash more": {"htu": f"{ISSUER}/token/"},
    "a path in capitals": {"htu": f"{ISSUER}/TOKEN"},
    "an address that is a number": {"htu": 1},
    "an empty address": {"htu": ""},
    "an address beyond ASCII": {"htu": "https://id.example/tokén"},
    "an unclosed bracket": {"htu": "https://[id.example/token"},
    "issued too long ago": {"iat": -61},
    "issued a day ago": {"iat": -86_400},
    "issued too far ahead": {"iat": 16},
    "issued a day ahead": {"iat": 86_400},
    "an empty jti": {"jti": ""},
    "a jti that is a number": {"jti": 1},
    "a jti too long": {"jti": "j" * 600},
}


@each("changes", WRONG_MEMBERS)
def test_a_proof_for_another_request_is_refused(target: Target, code: str, changes: dict[str, Any]) -> None:
    moved = {name: target.now + value if name == "iat" else value for name, value in changes.items()}
    refuse_code(target, code, honest(target, **moved).sign())


@each("iat", ["now", True, None, [1], {}, 1e30, -1, 10**30], name=str)
def test_the_time_of_a_proof_is_a_number(target: Target, code: str, iat: Any) -> None:
    refuse_code(target, code, honest(target, iat=iat).sign())


@each("member", ["htm", "htu", "iat", "jti"])
def test_a_proof_that_lacks_a_member_is_refused(target: Target, code: str, member: str) -> None:
    refuse_code(target, code, without(member)(honest(target)))


def keys_of_no_use() -> dict[str, Any]:
    private = ECKey.generate_key("P-256", private=True)
    public = private.as_dict(private=False)
    return {
        "no key": None,
        "a text": "key",
        "an empty object": {},
        "a list": [public],
        "with its private half": private.as_dict(private=True),
        "symmetric": {"kty": "oct", "k": "AAAA"},
        "a point that is not on the curve": {**public, "y": public["x"]},
        "coordinates of zero": {**public, "x": "A" * 43, "y": "A" * 43},
        "without y": {name: value for name, value in public.items() if name != "y"},
        "another curve": ECKey.generate_key("P-384", private=True).as_dict(private=False),
        "an unknown curve": {**public, "crv": "P-1"},
        "an unknown kind": {**public, "kty": "XX"},
        "for encryption": {**public, "use": "enc"},
        "for another algorithm": {**public, "alg": "ES384"},
        "a short RSA key": {"kty": "RSA", "n": "AQAB" * 20, "e": "AQAB"},
        "an RSA key with e = 1": {"kty": "RSA", "n": "AQAB" * 86, "e": "AQ"},
        "a number for x": {**public, "x": 1},
    }


@each("jwk", keys_of_no_use())
def test_a_proof_needs_a_usable_public_key(target: Target, code: str, jwk: Any) -> None:
    refuse_code(target, code, honest(target).headed(jwk=jwk))


@each("typ", [None, "JWT", "dpop", "DPOP+JWT ", "at+jwt", "dpop+jwt;x"], name=str)
def test_a_proof_says_that_it_is_one(target: Target, code: str, typ: str | None) -> None:
    refuse_code(target, code, honest(target).headed(typ=typ))


def test_two_proofs_are_none(target: Target, code: str) -> None:
    one, other = honest(target).sign(), honest(target).sign()
    refuse_code(target, code, one, other)
    refuse_code(target, code, f"{one},{other}")
    refuse_code(target, code, f"{one}, ")


def test_a_proof_counts_once_at_all_endpoints_together(target: Target) -> None:
    proof = honest(target).sign()
    assert redeem(target, target.code("minasidor"), proof).status_code == 200
    refuse_code(target, target.code("minasidor"), proof)


def test_a_code_bound_to_a_key_needs_its_proof(target: Target, code: str) -> None:
    other = ProofKey()
    for proofs in ((), (other.proof(target.provider.clock()),)):
        target.strike(
            partial(redeem, target, code, *proofs),
            status=400,
            error="invalid_grant",
            may_change=frozenset({"seen_ids"}),
        )


@each("changes", [{"ath": "x"}, {"ath": s256("another token")}, {"ath": ""}, {"ath": 1}, {"htm": "POST"},
     {"htu": f"{ISSUER}/token"}, {"ath": "å" * 43}], name=str)  # fmt: skip
def test_a_proof_for_another_token_opens_nothing(target: Target, bound: str, changes: dict[str, Any]) -> None:
    proof = honest(target, access_token=bound, **changes).sign()
    target.strike(lambda: userinfo(target, bound, proof), status=401, error="invalid_dpop_proof")


def test_a_proof_without_the_tokens_hash_opens_nothing(target: Target, bound: str) -> None:
    proof = without("ath")(honest(target, access_token=bound))
    target.strike(lambda: userinfo(target, bound, proof), status=401, error="invalid_dpop_proof")


def test_a_bound_token_is_of_no_use_without_its_key(target: Target, bound: str) -> None:
    """Copied from a log or a memory dump: as Bearer, without proof, and with the thief's own proof."""
    thief = ProofKey()
    proof = thief.proof(target.provider.clock(), access_token=bound, htm="GET", htu=f"{ISSUER}/userinfo")
    target.strike(lambda: userinfo(target, bound, scheme="Bearer"), status=401, error="invalid_token")
    target.strike(lambda: userinfo(target, bound), status=401, error="invalid_token")
    target.strike(
        lambda: userinfo(target, bound, proof),
        status=401,
        error="invalid_token",
        may_change=frozenset({"seen_ids"}),
    )
    target.strike(lambda: userinfo(target, bound, proof, scheme="Bearer"), status=401, error="invalid_token")
    target.strike(lambda: target.post("/userinfo", {"access_token": bound}), status=401, error="invalid_token")


def test_a_bearer_token_does_not_become_bound_by_a_proof(target: Target) -> None:
    form = {**target.credentials(), **target.code_form(target.code("minasidor"))}
    token = target.post("/token", form).get_json()["access_token"]
    proof = honest(target, access_token=token).sign()
    target.strike(lambda: userinfo(target, token, proof), status=401, error="invalid_token")


@each("alg", ["RS256"])
def test_a_proof_is_signed_with_a_strong_algorithm(target: Target, code: str, alg: str) -> None:
    key = generate_key(alg)
    proof = honest(target).sign({"typ": "dpop+jwt", "alg": alg, "jwk": key.as_dict(private=False)}, key=key, alg=alg)
    refuse_code(target, code, proof)


def test_a_fapi_client_gets_nothing_without_a_proof(target: Target) -> None:
    from idp_tests.relying_party import CLIENT_KEY

    claims = {"iss": "fapi", "sub": "fapi", "aud": ISSUER, "exp": target.now + 60}
    for number in range(3):
        assertion = Honest(header={"alg": "ES256"}, claims={**claims, "jti": f"f{number}"}, key=CLIENT_KEY).sign()
        form = {**by_assertion(assertion), **target.code_form("ac_x", "fapi")}
        target.strike(
            partial(target.post, "/token", form),
            status=400,
            error="invalid_dpop_proof",
            may_change=frozenset({"seen_ids"}),
        )


def test_the_honest_proof_is_believed(target: Target, code: str, bound: str) -> None:
    """The control: the code that all blows missed is still good, and so is the token."""
    assert redeem(target, code, honest(target).sign(key=target.device.key)).status_code == 200
    assert userinfo(target, bound, honest(target, access_token=bound).sign()).status_code == 200
    assert ATTACKER.thumbprint() != target.device.jkt
