"""Strangers' JSON: which members are read, and of what shape each must be."""

from collections.abc import Mapping
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.core.oidc.dynamic_registration.members import (
    MAX_ENTRIES,
    MetadataRefused,
    read_body,
    refuse_what_is_not_done,
    shaped,
)
from idp_tests.registrations import EC_KEY, ED_KEY, RSA_KEY, jwks, public

NO_KEYS: list[tuple[Any, str]] = [
    ("not a set", "JWK Set"),
    ([public(EC_KEY)], "JWK Set"),
    ({}, "JWK Set"),
    ({"keys": {}}, "JWK Set"),
    ({"keys": [public(EC_KEY, kid=str(n)) for n in range(11)]}, "JWK Set"),
    ({"keys": ["key"]}, "objects"),
    ({"keys": [[]]}, "objects"),
    (jwks(EC_KEY.as_dict(private=True)), "public keys only"),
    (jwks(RSA_KEY.as_dict(private=True)), "public keys only"),
    (jwks(ED_KEY.as_dict(private=True)), "public keys only"),
    (jwks({"kty": "oct", "k": "c2VjcmV0"}), "public keys only"),
    (jwks({"kty": "oct"}), "cannot be read"),
    (jwks({}), "cannot be read"),
    (jwks({"kty": "EC"}), "cannot be read"),
    (jwks(public(EC_KEY, kty="XX")), "cannot be read"),
    (jwks(public(EC_KEY, crv="P-384")), ""),
    (jwks(public(EC_KEY, crv="secp256k1")), ""),
    (jwks(public(EC_KEY, x="AAAA")), ""),
    (jwks(public(EC_KEY, x=7)), "text"),
    (jwks(public(EC_KEY, x=["a"] * 9)), "text"),
    (jwks(public(EC_KEY, x="a" * 5_000)), "text"),
    (jwks(public(EC_KEY, use="enc")), "not for signatures"),
    (jwks(public(EC_KEY, use="both")), "not for signatures"),
    (jwks(public(EC_KEY, key_ops=["sign"])), "verifying"),
    (jwks(public(EC_KEY, key_ops=["verify", "encrypt"])), "verifying"),
    (jwks(public(EC_KEY, key_ops="verify")), "verifying"),
    (jwks(public(EC_KEY, alg="none")), ""),
    (jwks(public(EC_KEY, alg="HS256")), ""),
    (jwks(public(EC_KEY, alg="ES384")), ""),
    (jwks(public(EC_KEY, alg="RS256")), ""),
    (jwks(public(EC_KEY, alg="ECDH-ES")), ""),
    (jwks(public(RSA_KEY, alg="RSA-OAEP")), ""),
    (jwks(public(RSA_KEY, n="AQAB")), "too short"),
    (jwks(public(RSA_KEY, n="_" * 1_300)), "too short or too long"),
    (jwks(public(RSA_KEY, e="Aw")), "exponent"),
    (jwks(public(RSA_KEY, e="AQ")), "exponent"),
    (jwks(public(RSA_KEY, n="not base64!")), "base64url"),
    (jwks(public(EC_KEY), public(EC_KEY)), "unique kid"),
    (jwks(public(EC_KEY, kid=...), public(EC_KEY, kid=...)), "twice"),
    (jwks(public(EC_KEY), public(RSA_KEY, kid="ec")), "unique kid"),
    (jwks(public(EC_KEY, kid="k" * 257)), "unique kid"),
    (jwks(public(EC_KEY, kid=7)), "text"),
]
"""What is no set of public signing keys, and a word of why."""
NO_BODIES = [
    b"", b" ", b"null", b"true", b"7", b'"text"', b"[]", b"[{}]", b"{", b'{"a":1}x', b'{"a":1,}', b"{'a':1}", b"\xff\xfe",
    b'{"client_name":"A","client_name":"B"}', b'{"redirect_uris":[],"redirect_uris":["https://evil.example"]}',
    b'{"jwks":{"keys":[{"kty":"EC","kty":"oct"}]}}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1e999}',
    b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", b'{"a":' + b"9" * 5_000 + b"}",
    b"client_name=A&redirect_uris=B", b"<xml/>", b"\x1f\x8b\x08\x00" + b"\x00" * 20,
]  # fmt: skip


def refusal(members: Mapping[str, Any]) -> MetadataRefused:
    with pytest.raises(MetadataRefused) as refused:
        shaped(members)
    return refused.value


def test_a_key_that_is_not_a_public_signing_key_is_refused() -> None:
    wrong = []
    for keys, why in NO_KEYS:
        refused = refusal({"jwks": keys})
        if refused.member != "jwks" or why not in refused.text:
            wrong.append((keys, why, refused))
    assert wrong == []


def test_keys_keep_only_what_verifying_needs() -> None:
    """A certificate's address in a key would be fetched by somebody some day."""
    loaded = public(EC_KEY, use="sig", x5u="https://evil.example/cert", x5c=["AAAA"], key_ops=["verify"], note={"a": 1})
    assert shaped({"jwks": jwks(loaded)})["jwks"] == jwks(public(EC_KEY, use="sig"))


def test_ten_keys_may_be_registered() -> None:
    keys = [public(ECKey.generate_key("P-256")) for _ in range(10)]
    assert len(shaped({"jwks": jwks(*keys)})["jwks"]["keys"]) == 10


def test_all_kinds_of_keys_are_read() -> None:
    assert len(shaped({"jwks": jwks(public(EC_KEY), public(RSA_KEY), public(ED_KEY))})["jwks"]["keys"]) == 3


def test_ed25519_goes_by_both_names() -> None:
    member = "token_endpoint_auth_signing_alg"
    assert shaped({member: "EdDSA"}) == shaped({member: "Ed25519"}) == {member: "EdDSA"}


def test_a_body_that_is_not_one_plain_object_is_refused() -> None:
    for body in NO_BODIES:
        with pytest.raises(MetadataRefused) as refused:
            read_body(body)
        assert (refused.value.code, refused.value.member) == ("invalid_client_metadata", "body"), body[:50]


def test_what_has_no_value_is_as_good_as_absent() -> None:
    assert shaped({"client_uri": None, "contacts": [], "scope": "openid", "unknown": {"a": 1}}) == {"scope": "openid"}


def test_a_list_says_each_text_once_and_not_many() -> None:
    assert shaped({"contacts": ["a", "b", "a"]}) == {"contacts": ["a", "b"]}
    assert refusal({"contacts": [str(n) for n in range(MAX_ENTRIES + 1)]}).member == "contacts"


def test_what_would_have_to_be_fetched_or_is_not_done_is_never_ignored() -> None:
    for member in ("jwks_uri", "id_token_encrypted_response_alg", "tls_client_certificate_bound_access_tokens"):
        with pytest.raises(MetadataRefused) as refused:
            refuse_what_is_not_done({member: "https://rp.example/"})
        assert refused.value.member == member
        refuse_what_is_not_done({member: None})


def test_only_a_redirect_address_has_an_error_of_its_own() -> None:
    """RFC 7591 3.2.2."""
    assert MetadataRefused("redirect_uris", "why").code == "invalid_redirect_uri"
    assert MetadataRefused("client_name", "why").code == "invalid_client_metadata"
