from datetime import UTC, datetime, timedelta

import pytest

from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.keyring import (
    RETIRED_FOR,
    Keyring,
    KeyState,
    NoSigningKey,
    SigningKey,
    generate_key,
    import_private_key,
)
from idp_tests.cases import each

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def signing_key(alg: str = "ES256", *, activates_at: datetime = NOW, retires_at: datetime | None = None) -> SigningKey:
    key = generate_key(alg)
    return SigningKey(
        kid=key.thumbprint(), alg=alg, created_at=NOW - DAY, activates_at=activates_at, retires_at=retires_at, key=key
    )


@each(
    "after, state",
    [
        (timedelta(seconds=-1), KeyState.NEXT),
        (timedelta(0), KeyState.ACTIVE),
        (DAY - timedelta(seconds=1), KeyState.ACTIVE),
        (DAY, KeyState.RETIRED),
    ],
)
def test_a_key_is_next_then_active_then_retired(after: timedelta, state: KeyState) -> None:
    assert signing_key(retires_at=NOW + DAY).state(NOW + after) is state


def test_a_retired_key_is_kept_for_the_logouts_of_a_month() -> None:
    assert timedelta(days=30) == RETIRED_FOR


def test_only_the_active_key_signs() -> None:
    retired, active = signing_key(activates_at=NOW - DAY, retires_at=NOW), signing_key()
    following = signing_key(activates_at=NOW + DAY)
    ring = Keyring(keys=(following, retired, active))
    assert {ring.signer("ES256", NOW).kid for _ in range(20)} == {active.kid}


def test_the_next_key_signs_from_its_moment_without_a_reload() -> None:
    active, following = signing_key(), signing_key(activates_at=NOW + DAY)
    ring = Keyring(keys=(active, following))
    assert ring.signer("ES256", NOW + DAY - timedelta(seconds=1)) is active
    assert ring.signer("ES256", NOW + DAY) is following


def test_no_key_signs_for_an_algorithm_without_one() -> None:
    with pytest.raises(NoSigningKey):
        Keyring(keys=(signing_key(activates_at=NOW + DAY),)).signer("ES256", NOW)


def test_every_state_is_published_and_verifies() -> None:
    keys = (
        signing_key(activates_at=NOW - DAY, retires_at=NOW),
        signing_key(),
        signing_key(activates_at=NOW + DAY),
    )
    ring = Keyring(keys=keys)
    assert {jwk["kid"] for jwk in ring.public_jwks()["keys"]} == {key.kid for key in keys}
    assert {key.kid for key in ring.verification_keys()} == {key.kid for key in keys}


@each("alg", SIGNING_ALGS)
def test_only_public_members_are_published(alg: str) -> None:
    (jwk,) = Keyring(keys=(signing_key(alg),)).public_jwks()["keys"]
    assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & jwk.keys()
    assert (jwk["alg"], jwk["use"]) == (alg, "sig")


def test_the_key_id_is_the_thumbprint() -> None:
    key = signing_key()
    (jwk,) = Keyring(keys=(key,)).public_jwks()["keys"]
    assert jose.thumbprint(jose.read_public_key(jwk)) == key.kid == jwk["kid"]


@each("alg", SIGNING_ALGS)
def test_what_a_key_signs_the_published_key_verifies(alg: str) -> None:
    key = signing_key(alg)
    ring = Keyring(keys=(key, signing_key("ES256")))
    signed = jose.sign("JWT", {"sub": "x"}, key.key, key.alg, key.kid)
    claims = jose.verify(signed, keys=ring.verification_keys(), algs=frozenset({alg}), typ=frozenset({"jwt"}))
    assert claims.members == {"sub": "x"}


def test_the_key_set_is_the_same_from_the_same_keys_in_any_order() -> None:
    keys = tuple(signing_key(alg) for alg in SIGNING_ALGS)
    assert Keyring(keys=keys).public_jwks() == Keyring(keys=keys[::-1]).public_jwks()


def test_the_key_is_not_shown() -> None:
    assert "key" not in repr(signing_key()).split("SigningKey")[1].split("kid", 1)[1]


@each("alg, made_for", [("RS256", "ES256"), ("ES256", "RS256"), ("EdDSA", "ES256")])
def test_a_key_of_another_kind_is_refused(alg: str, made_for: str) -> None:
    with pytest.raises(ValueError, match=f"not a private key for {alg}"):
        import_private_key(alg, generate_key(made_for).as_dict(private=True))


def test_a_public_key_is_no_signing_key() -> None:
    with pytest.raises(ValueError, match="not a private key"):
        import_private_key("ES256", generate_key("ES256").as_dict(private=False))


def test_algorithms_without_active_key_are_not_offered() -> None:
    ring = Keyring(keys=(signing_key("ES256"), signing_key("RS256", activates_at=NOW + DAY), signing_key("EdDSA")))
    assert ring.algs(NOW) == ("ES256", "EdDSA")


def test_no_key_is_made_for_an_unknown_algorithm() -> None:
    for alg in ("HS256", "none", "ES384", ""):
        with pytest.raises(ValueError, match="no keys for the algorithm"):
            generate_key(alg)
