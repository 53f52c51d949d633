import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.dpop import AHEAD, BEHIND, NONCE_PERIOD, Nonces, ProofRefused
from idp.core.oidc.keys.keyring import generate_key
from idp.core.oidc.keys.reference_tokens import ReferenceTokens, SecretKey
from idp_tests.builders import NOW, REFERENCE_TOKENS
from idp_tests.cases import each
from idp_tests.client_side import ISSUER, ProofKey, sign_raw
from idp_tests.fakes import KeysInMemory
from idp_tests.tokens import KEYRING, KEYS, InMemory, check_proof

DEVICE = ProofKey()


def refused(*proofs: str, memory: InMemory | None = None, **changes: Any) -> ProofRefused:
    with pytest.raises(ProofRefused) as caught:
        check_proof(memory or InMemory(), *proofs, **changes)
    return caught.value


@each("alg", ["ES256", "EdDSA", "PS256"])
def test_a_proof_gives_the_thumbprint_of_its_key(alg: str) -> None:
    device = ProofKey(alg)
    assert check_proof(InMemory(), device.proof()) == device.jkt


def test_no_proof_is_no_key() -> None:
    assert check_proof(InMemory()) is None


def test_two_proofs_are_refused() -> None:
    assert refused(DEVICE.proof(), DEVICE.proof()).code == "invalid_dpop_proof"
    assert refused(f"{DEVICE.proof()}, {DEVICE.proof()}").code == "invalid_dpop_proof"


@each(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"alg": None},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": "PS256"},
        {"jwk": None},
        {"jwk": "x"},
        {"jwk": {}},
        {"jwk": {"kty": "oct", "k": "AA"}},
        {"jwk": DEVICE.key.as_dict(private=True)},
        {"jwk": generate_key("ES256").as_dict(private=False)},
        {"crit": ["exp"]},
        {"jku": "https://evil.example"},
        {"x5c": ["MII"]},
    ],
)
def test_a_proof_with_a_wrong_header_is_refused(header: dict[str, Any]) -> None:
    members = {name: value for name, value in {**DEVICE.header(), **header}.items() if value is not None}
    text = sign_raw(members, DEVICE.claims(), DEVICE.key, "ES256")
    assert refused(text).code == "invalid_dpop_proof"


def test_an_rsa_key_fits_into_the_header() -> None:
    """A reader that limits headers to 512 bytes refuses every RSA proof."""
    device = ProofKey("PS256")
    proof = device.proof()
    assert len(proof.split(".")[0]) > 512
    assert check_proof(InMemory(), proof) == device.jkt


def test_rs256_is_refused_even_with_its_own_key() -> None:
    assert refused(ProofKey("RS256").proof()).code == "invalid_dpop_proof"


@each(
    "changes",
    [
        {"htm": None},
        {"htm": "GET"},
        {"htm": "post"},
        {"htu": None},
        {"htu": f"{ISSUER}/userinfo"},
        {"htu": "http://id.example/token"},
        {"htu": "https://other.example/token"},
        {"htu": f"{ISSUER}:8443/token"},
        {"htu": "https://user@id.example/token"},
        {"htu": "https://[id.example/token"},
        {"htu": "https://id.example:x/token"},
        {"htu": "/token"},
        {"htu": ["https://id.example/token"]},
        {"jti": None},
        {"jti": ""},
        {"jti": 1},
        {"jti": "x" * 513},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
    ],
)
def test_a_proof_with_a_wrong_member_is_refused(changes: dict[str, Any]) -> None:
    assert refused(DEVICE.proof(**changes)).code == "invalid_dpop_proof"


@each(
    "htu",
    [
        f"{ISSUER}/token?a=b",
        f"{ISSUER}/token#x",
        "https://ID.example/token",
        "HTTPS://id.example/token",
        "https://id.example:443/token",
    ],
)
def test_other_spellings_of_the_address_are_accepted(htu: str) -> None:
    assert check_proof(InMemory(), DEVICE.proof(htu=htu)) == DEVICE.jkt


@each(
    "seconds, accepted",
    [
        (10, True),
        (15, True),
        (16, False),
        (300, False),
        (-10, True),
        (-60, True),
        (-61, False),
        (-300, False),
    ],
)
def test_a_proof_is_fresh(seconds: float, accepted: bool) -> None:
    proof = DEVICE.proof(iat=int((NOW + timedelta(seconds=seconds)).timestamp()))
    if accepted:
        assert check_proof(InMemory(), proof) == DEVICE.jkt
    else:
        assert refused(proof).code == "invalid_dpop_proof"


def test_expiry_and_not_before_count_when_they_are_there() -> None:
    present = int(NOW.timestamp())
    assert check_proof(InMemory(), DEVICE.proof(exp=present + 60, nbf=present)) == DEVICE.jkt
    assert refused(DEVICE.proof(exp=present - 60)).code == "invalid_dpop_proof"
    assert refused(DEVICE.proof(nbf=present + 60)).code == "invalid_dpop_proof"


def test_a_proof_is_used_once() -> None:
    memory, proof = InMemory(), DEVICE.proof()
    assert check_proof(memory, proof)
    assert refused(proof, memory=memory).code == "invalid_dpop_proof"


def test_a_jti_may_have_512_characters() -> None:
    assert check_proof(InMemory(), DEVICE.proof(jti="x" * 512)) == DEVICE.jkt


def test_two_devices_may_choose_the_same_jti() -> None:
    memory = InMemory()
    assert check_proof(memory, DEVICE.proof(jti="one"))
    assert check_proof(memory, ProofKey().proof(jti="one"))


def test_the_jti_is_remembered_as_long_as_the_proof_is_fresh() -> None:
    memory = InMemory()
    check_proof(memory, DEVICE.proof(jti="one", iat=int((NOW + AHEAD).timestamp())))
    assert memory.seen_ids.seen["dpop", DEVICE.jkt, "one"] >= NOW + AHEAD + BEHIND


def test_at_a_resource_the_proof_is_for_the_very_access_token() -> None:
    at_userinfo: dict[str, Any] = {"method": "GET", "url": f"{ISSUER}/userinfo", "access_token": "at_x"}
    claims: dict[str, Any] = {"htm": "GET", "htu": f"{ISSUER}/userinfo"}
    assert check_proof(InMemory(), DEVICE.proof(access_token="at_x", **claims), **at_userinfo) == DEVICE.jkt
    assert refused(DEVICE.proof(access_token="at_y", **claims), **at_userinfo).code == "invalid_dpop_proof"
    assert refused(DEVICE.proof(**claims), **at_userinfo).code == "invalid_dpop_proof"
    assert refused(DEVICE.proof(ath=7, **claims), **at_userinfo).code == "invalid_dpop_proof"


@each("text", ["", "x", "a.b.c", "å.b.c", "x" * 20_000, "..", "{}"])
def test_garbage_is_refused_and_never_a_crash(text: str) -> None:
    assert refused(text).code == "invalid_dpop_proof"


def test_a_changed_proof_is_refused() -> None:
    head, _, signature = DEVICE.proof().split(".")
    body = urlsafe_b64encode(json.dumps(DEVICE.claims()).encode()).rstrip(b"=").decode()
    assert refused(f"{head}.{body}.{signature}").code == "invalid_dpop_proof"


# --- nonces ----------------------------------------------------------------------------------------------------------


def test_a_missing_or_foreign_nonce_asks_for_ours() -> None:
    assert refused(DEVICE.proof(), required=True).code == "use_dpop_nonce"
    for nonce in ("x", "", "å", "A" * 27, "!" * 27):
        assert refused(DEVICE.proof(nonce=nonce), required=True).code == "use_dpop_nonce"


def test_our_nonce_is_accepted_in_its_period_and_the_next() -> None:
    nonce = Nonces(KEYS, required=True).current(NOW)
    for periods, accepted in ((0, True), (1, True), (2, False)):
        now = NOW + periods * NONCE_PERIOD
        proof = DEVICE.proof(now, nonce=nonce)
        if accepted:
            assert check_proof(InMemory(), proof, now=now, required=True) == DEVICE.jkt
        else:
            assert refused(proof, now=now, required=True).code == "use_dpop_nonce"


def test_a_refused_nonce_uses_up_no_jti() -> None:
    memory = InMemory()
    refused(DEVICE.proof(jti="one"), memory=memory, required=True)
    nonce = Nonces(KEYS, required=True).current(NOW)
    assert check_proof(memory, DEVICE.proof(jti="one", nonce=nonce), required=True) == DEVICE.jkt


def test_a_nonce_outlives_the_rotation_of_the_secret() -> None:
    nonce = Nonces(KEYS).current(NOW)
    rotated = ReferenceTokens(
        tokens=(*REFERENCE_TOKENS.tokens, SecretKey(version=2, value=b"n" * 32)), identity=REFERENCE_TOKENS.identity
    )
    assert Nonces(KeysInMemory(KEYRING, rotated)).accepts(nonce, NOW)
    assert not Nonces(KEYS).accepts(Nonces(KeysInMemory(KEYRING, rotated)).current(NOW), NOW)


def test_without_the_rule_a_nonce_of_any_kind_does_no_harm() -> None:
    assert check_proof(InMemory(), DEVICE.proof(nonce="anything")) == DEVICE.jkt
