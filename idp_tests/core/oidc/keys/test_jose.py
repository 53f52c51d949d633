"""Every way to fool a reader of signed tokens that has been seen in the field, and what honest tokens look like."""

import base64
import hmac
import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import SIGNING_ALGS, published_name
from idp.core.oidc.keys.jose import JoseRefused
from idp_tests.cases import each

NOW = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
EC = ECKey.generate_key("P-256", {"kid": "ec"})
EC_OTHER = ECKey.generate_key("P-256", {"kid": "other"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
ALL = frozenset(SIGNING_ALGS)
CLAIMS = {"iss": "rp", "sub": "rp", "aud": "https://id.example", "exp": NOW.timestamp() + 60}


def encode(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forge(header: Any, payload: Any = CLAIMS, *, key: Key = EC) -> str:
    """A token with any header, honestly signed with ES256 over what stands there."""
    signing_input = f"{encode(header)}.{encode(payload)}"
    signature = JWSRegistry.algorithms["ES256"].sign(signing_input.encode(), key)
    return f"{signing_input}.{encode(signature)}"


def read(token: str, **changes: Any) -> jose.Claims:
    return jose.verify(token, **{"keys": [EC], "algs": ALL, "typ": None, **changes})


@each("key, alg", [(EC, "ES256"), (RSA, "RS256"), (RSA, "PS256"), (ED, "Ed25519"), (ED, "EdDSA")])
def test_what_we_sign_verifies_with_the_public_key(key: Any, alg: Any) -> None:
    token = jose.sign("JWT", CLAIMS, key, alg, "k1")
    public = jose.read_public_key(key.as_dict(private=False) | {"kid": "k1"})
    claims = read(token, keys=[public], algs=frozenset({published_name(alg)}), typ=frozenset({"jwt"}))
    assert claims.members == CLAIMS
    assert claims.header == {"alg": alg, "kid": "k1", "typ": "JWT"}


def test_both_names_of_ed25519_mean_the_same() -> None:
    for alg in ("EdDSA", "Ed25519"):
        token = jose.sign(None, CLAIMS, ED, alg, None)
        assert read(token, keys=[ED], algs=frozenset({"EdDSA"})).members == CLAIMS


def test_a_key_named_for_eddsa_verifies_ed25519() -> None:
    key = jose.read_public_key(ED.as_dict(private=False) | {"alg": "EdDSA"})
    assert read(jose.sign(None, CLAIMS, ED, "Ed25519", "ed"), keys=[key]).members == CLAIMS


def test_signing_refuses_a_key_of_another_kind() -> None:
    with pytest.raises(JoseRefused):
        jose.sign("JWT", CLAIMS, EC, "RS256", None)


def test_signing_refuses_hmac_and_none() -> None:
    for alg in ("HS256", "none"):
        with pytest.raises(JoseRefused):
            jose.sign("JWT", CLAIMS, OctKey.generate_key(256), alg, None)


def test_what_is_signed_may_hold_any_letter() -> None:
    assert read(jose.sign("JWT", {"name": "Åsa Öberg"}, EC, "ES256", "ec")).members["name"] == "Åsa Öberg"


NONE_HEADERS = [{"alg": alg} for alg in ("none", "None", "nOnE", "NONE", "")]


@each("header", NONE_HEADERS)
def test_alg_none_is_refused_with_and_without_a_signature(header: Any) -> None:
    for token in (f"{encode(header)}.{encode(CLAIMS)}.", f"{encode(header)}.{encode(CLAIMS)}.AAAA", forge(header)):
        with pytest.raises(JoseRefused):
            read(token)


def public_forms() -> list[bytes]:
    """Our public RSA key in every spelling that has ever been mistaken for a shared secret."""
    key = RSA.public_key
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    pkcs1 = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    jwk = json.dumps(RSA.as_dict(private=False)).encode()
    return [pem, pkcs1, der, jwk, b" " + pem, b"\n" + pem, b"\xef\xbb\xbf" + pem, pem.strip(), b"x\n" + pem, b"", b"\0"]


@each("secret", public_forms())
@each("alg", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_never_a_shared_secret(alg: Any, secret: Any) -> None:
    signing_input = f"{encode({'alg': alg})}.{encode(CLAIMS)}"
    mac = hmac.digest(secret, signing_input.encode(), f"sha{alg[2:]}")
    for algs in (ALL, ALL | {alg}):
        with pytest.raises(JoseRefused):
            jose.verify(f"{signing_input}.{encode(mac)}", keys=[RSA], algs=algs, typ=None)


@each(
    "member",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"crit": ["http://example.invalid/UNDEFINED"], "http://example.invalid/UNDEFINED": True},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert.pem"},
        {"x5c": ["MIIB"]},
        {"jwk": EC.as_dict(private=False)},
        {"cty": "JWT"},
        {"typ": 5},
        {"kid": 5},
        {"kid": ["ec"]},
        {"kid": "k" * 257},
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"alg": ["ES256"]},
        {"alg": None},
        {"alg": "es256"},
        {"alg": "ES384"},
        {"alg": "ES256K"},
        {"alg": "RS256"},
        {"alg": "PS256"},
        {"alg": "RSA1_5"},
        {"alg": "dir"},
        {"x": "y" * 4096},
    ],
)
def test_an_unusual_header_is_refused_though_the_signature_is_right(member: Any) -> None:
    with pytest.raises(JoseRefused):
        read(forge({"alg": "ES256", "kid": "ec", **member}))


def test_a_header_may_have_4096_characters() -> None:
    fitting = forge({"alg": "ES256", "typ": "t" * (3072 - len(json.dumps({"alg": "ES256", "typ": ""})))})
    assert len(fitting.partition(".")[0]) == 4096
    assert jose.peek(fitting).members == CLAIMS
    with pytest.raises(JoseRefused):
        jose.peek(forge({"alg": "ES256", "typ": "t" * 3072}))


def test_a_key_from_the_header_is_never_used() -> None:
    evil = ECKey.generate_key("P-256")
    token = forge({"alg": "ES256", "jwk": evil.as_dict(private=False)}, key=evil)
    for allowed in (False, True):
        with pytest.raises(JoseRefused):
            read(token, jwk_header_allowed=allowed)


def test_a_header_without_alg_is_refused() -> None:
    with pytest.raises(JoseRefused):
        read(forge({"kid": "ec"}))


def test_an_unknown_header_member_is_harmless() -> None:
    assert read(forge({"alg": "ES256", "x5t#S256": "abc", "custom": 1})).members == CLAIMS


HONEST = jose.sign("JWT", CLAIMS, EC, "ES256", "ec")
HEADER, PAYLOAD, SIGNATURE = HONEST.split(".")


def signed_with(signature: bytes) -> str:
    return f"{HEADER}.{PAYLOAD}.{encode(signature)}"


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@each(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        HEADER,
        f"{HEADER}.{PAYLOAD}",
        f"{HEADER}.{PAYLOAD}.",
        f"{HEADER}..{SIGNATURE}",
        f".{PAYLOAD}.{SIGNATURE}",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE}.",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE}.x.y",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE}=",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE}\n",
        f" {HONEST}",
        f"{HONEST} ",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE}x",
        f"{HEADER}.{PAYLOAD}x.{SIGNATURE}",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE[:-1]}",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE[:-1]}+",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE[:-1]}å",
        signed_with(bytes(64)),
        signed_with(bytes(31) + b"\x01" + bytes(31) + b"\x01"),
        signed_with(ORDER.to_bytes(32, "big") * 2),
        signed_with(b"\xff" * 64),
        signed_with(b"\xff" * 63),
        signed_with(b"\xff" * 65),
        signed_with(b"\x30\x06\x02\x01\x01\x02\x01\x01"),
        signed_with(b"x" * 2000),
        json.dumps({"payload": PAYLOAD, "protected": HEADER, "signature": SIGNATURE}),
        json.dumps({"payload": PAYLOAD, "signatures": [{"protected": HEADER, "signature": SIGNATURE}]}),
        json.dumps({"payload": PAYLOAD, "signatures": []}),
        encode({"payload": PAYLOAD, "signatures": []}),
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA",
        HONEST.replace(".", ".\0", 1),
        "\ud800.a.b",
        "a" * 20_000,
        ".".join(["a" * 9_000] * 3),
    ],
)
def test_what_is_no_signed_token_in_compact_form_is_refused(token: Any) -> None:
    with pytest.raises(JoseRefused):
        read(token)


def test_a_second_spelling_of_the_same_signature_is_refused() -> None:
    """The last character of 64 bytes carries unused bits: a token must not have two spellings."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sibling = alphabet[alphabet.index(SIGNATURE[-1]) + 1]
    with pytest.raises(JoseRefused):
        read(f"{HEADER}.{PAYLOAD}.{SIGNATURE[:-1]}{sibling}")


@each(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"5",
        b"{",
        b'{"a":1}{"b":2}',
        b'{"a":1} trailing',
        b'{"sub":"a","sub":"b"}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":"\xff\xfe"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0000"}',
        b"[" * 10_000,
        b'{"a":' * 3_000,
        b'{"a":' + b"9" * 5_000 + b"}",
        b"\xef\xbb\xbf{}",
        b"{'a':1}",
        b'{"a":1,}',
    ],
)
def test_a_payload_that_is_no_strict_json_object_is_refused(payload: Any) -> None:
    with pytest.raises(JoseRefused):
        read(forge({"alg": "ES256"}, payload))


@each("header", [b'{"alg":"ES256","alg":"none"}', b'{"alg":"none","alg":"ES256"}', b"[]", b"x"])
def test_a_header_that_is_no_strict_json_object_is_refused(header: Any) -> None:
    with pytest.raises(JoseRefused):
        read(forge(header))


def test_only_allowed_algorithms_count() -> None:
    token = jose.sign("JWT", CLAIMS, RSA, "RS256", "rsa")
    with pytest.raises(JoseRefused):
        read(token, keys=[RSA], algs=frozenset({"PS256", "ES256"}))
    with pytest.raises(JoseRefused):
        read(token, keys=[RSA], algs=frozenset())
    assert read(token, keys=[RSA], algs=frozenset({"RS256"})).members == CLAIMS


def test_an_allowed_algorithm_that_we_do_not_know_is_refused_all_the_same() -> None:
    key = OctKey.generate_key(256)
    signing_input = f"{encode({'alg': 'HS256'})}.{encode(CLAIMS)}"
    mac = hmac.digest(key.raw_value, signing_input.encode(), "sha256")
    with pytest.raises(JoseRefused):
        jose.verify(f"{signing_input}.{encode(mac)}", keys=[key], algs=frozenset({"HS256"}), typ=None)


@each(
    "typ, allowed, passes",
    [
        ("JWT", {"jwt"}, True),
        ("application/JWT", {"jwt"}, True),
        ("at+jwt", {"jwt"}, False),
        ("at+jwt", {"at+jwt"}, True),
        ("AT+JWT", {"at+jwt"}, True),
        (None, {"jwt"}, False),
        (None, {"jwt", None}, True),
        ("dpop+jwt", {"jwt", None}, False),
        ("", {"jwt", None}, True),
    ],
)
def test_typ_separates_the_kinds_of_tokens(typ: Any, allowed: Any, passes: Any) -> None:
    token = jose.sign(typ, CLAIMS, EC, "ES256", "ec")
    if passes:
        assert read(token, typ=frozenset(allowed)).members == CLAIMS
    else:
        with pytest.raises(JoseRefused):
            read(token, typ=frozenset(allowed))


def test_the_key_is_found_by_kid_and_no_other_is_tried() -> None:
    token = jose.sign("JWT", CLAIMS, EC, "ES256", "other")
    with pytest.raises(JoseRefused):
        read(token, keys=[EC, EC_OTHER])


def test_without_kid_every_fitting_key_is_tried() -> None:
    assert read(jose.sign("JWT", CLAIMS, EC, "ES256", None), keys=[RSA, EC_OTHER, EC]).members == CLAIMS


def test_without_kid_only_a_few_keys_are_tried() -> None:
    many = [ECKey.generate_key("P-256") for _ in range(jose.MAX_KEYS_TRIED)]
    with pytest.raises(JoseRefused):
        read(jose.sign("JWT", CLAIMS, EC, "ES256", None), keys=[*many, EC])


def test_no_keys_verify_nothing() -> None:
    with pytest.raises(JoseRefused):
        read(HONEST, keys=[])


def test_a_key_for_encryption_verifies_nothing() -> None:
    with pytest.raises(JoseRefused):
        read(HONEST, keys=[ECKey.import_key(EC.as_dict(private=False) | {"use": "enc"})])


def test_a_key_meant_for_another_algorithm_verifies_nothing() -> None:
    key = RSAKey.import_key(RSA.as_dict(private=False) | {"alg": "PS256"})
    with pytest.raises(JoseRefused):
        read(jose.sign("JWT", CLAIMS, RSA, "RS256", "rsa"), keys=[key])


def test_a_key_with_other_operations_verifies_nothing() -> None:
    with pytest.raises(JoseRefused):
        read(HONEST, keys=[ECKey.import_key(EC.as_dict(private=False) | {"key_ops": ["deriveKey"]})])


def test_a_token_longer_than_its_purpose_allows_is_refused() -> None:
    with pytest.raises(JoseRefused):
        read(HONEST, max_length=len(HONEST) - 1)
    assert read(HONEST, max_length=len(HONEST)).members == CLAIMS


@given(
    st.text(max_size=200) | st.binary(max_size=200).map(lambda data: f"{encode({'alg': 'ES256'})}.{encode(data)}.AA")
)
def test_nothing_but_a_refusal_ever_comes_out(text: Any) -> None:
    with pytest.raises(JoseRefused):
        read(text)


@given(
    st.dictionaries(st.text(max_size=20), st.none() | st.booleans() | st.integers() | st.text(max_size=50), max_size=8)
)
def test_any_signed_header_is_accepted_or_refused_but_never_crashes(header: Any) -> None:
    with suppress(JoseRefused):
        assert read(forge({"alg": "ES256", **header})).members == CLAIMS


def test_a_reason_never_holds_a_part_of_the_token() -> None:
    canary = "canary-7f3a"
    for token in (
        canary,
        forge({"alg": canary}),
        forge({"alg": "ES256", "typ": canary}),
        forge({"alg": "ES256"}, canary),
    ):
        with pytest.raises(JoseRefused) as refused:
            read(token, typ=frozenset({"jwt"}))
        assert canary not in refused.value.reason


def test_peek_believes_nothing_and_is_as_strict_about_form() -> None:
    assert jose.peek(f"{HEADER}.{PAYLOAD}.{encode(b'forged')}").text("iss") == "rp"
    with pytest.raises(JoseRefused):
        jose.peek(forge({"alg": "ES256", "crit": ["exp"]}))


@each("exp", ["1778000000", True, False, None, [], {}, -1, 10**30, 1e300, 253_402_300_800])
def test_a_time_that_is_no_numeric_date_is_refused(exp: Any) -> None:
    with pytest.raises(JoseRefused):
        jose.Claims({}, {"exp": exp}).seconds("exp")


@each("exp", [0, 1_778_000_000, 1_778_000_000.5, 253_402_300_799])
def test_a_numeric_date_is_read(exp: Any) -> None:
    assert jose.Claims({}, {"exp": exp}).seconds("exp") == exp


@each(
    "claims, passes",
    [
        ({"exp": 60}, True),
        ({"exp": 1}, True),
        ({"exp": -9}, True),
        ({"exp": -10}, False),
        ({"exp": 310}, True),
        ({"exp": 311}, False),
        ({}, False),
        ({"exp": 60, "nbf": 8}, True),
        ({"exp": 60, "nbf": 10}, True),
        ({"exp": 60, "nbf": 60}, False),
        ({"exp": 60, "iat": 10}, True),
        ({"exp": 60, "iat": 11}, False),
        ({"exp": 60, "iat": -100_000}, True),
        ({"exp": 60, "nbf": "x"}, False),
    ],
)
def test_times_are_checked_with_a_little_patience(claims: Any, passes: Any) -> None:
    members = {name: value if isinstance(value, str) else NOW.timestamp() + value for name, value in claims.items()}
    subject = jose.Claims({}, members)
    if passes:
        subject.check_times(NOW, leeway=timedelta(seconds=10), longest=timedelta(minutes=5))
    else:
        with pytest.raises(JoseRefused):
            subject.check_times(NOW, leeway=timedelta(seconds=10), longest=timedelta(minutes=5))


def test_texts_are_texts() -> None:
    claims = jose.Claims({}, {"iss": "rp", "sub": "", "jti": 5})
    assert claims.text("iss") == "rp"
    assert claims.find_text("absent") is None
    for name in ("sub", "absent", "jti"):
        with pytest.raises(JoseRefused):
            claims.text(name)


def test_audiences_are_one_text_or_a_list_of_texts() -> None:
    assert jose.Claims({}, {"aud": "a"}).audiences() == ("a",)
    assert jose.Claims({}, {"aud": ["a", "b"]}).audiences() == ("a", "b")
    assert jose.Claims({}, {}).audiences() == ()
    for aud in (5, {"a": 1}, ["a", 5], [["a"]]):
        with pytest.raises(JoseRefused):
            jose.Claims({}, {"aud": aud}).audiences()


def weak_rsa(**changes: Any) -> dict[str, Any]:
    return {**RSA.as_dict(private=False), **changes}


@each(
    "jwk",
    [
        None,
        "text",
        [],
        {},
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
        {"kty": "unknown"},
        {"kty": ["RSA"]},
        EC.as_dict(private=True),
        RSA.as_dict(private=True),
        EC.as_dict(private=False) | {"use": "enc"},
        EC.as_dict(private=False) | {"x": "AAAA"},
        EC.as_dict(private=False) | {"x": 5},
        EC.as_dict(private=False) | {"crv": "P-999"},
        ECKey.generate_key("P-384").as_dict(private=False),
        OKPKey.generate_key("X25519").as_dict(private=False),
        OKPKey.generate_key("Ed448").as_dict(private=False),
        weak_rsa(e="AQ"),
        weak_rsa(e="Aw"),
        weak_rsa(e="AAAA"),
        weak_rsa(e=encode((2**32 + 1).to_bytes(5, "big"))),
        weak_rsa(n=encode((2**1023 + 1).to_bytes(128, "big"))),
        weak_rsa(n=encode((2**4096 + 1).to_bytes(513, "big"))),
        weak_rsa(n="not base64!"),
        {"kty": "RSA"},
        {5: "kty"},
    ],
)
def test_a_key_that_is_not_public_strong_and_for_signatures_is_refused(jwk: Any) -> None:
    with pytest.raises(JoseRefused):
        jose.read_public_key(jwk)


def test_a_key_set_passes_over_keys_that_are_not_for_us() -> None:
    keys = jose.read_key_set({"keys": [{"kty": "unknown"}, EC.as_dict(private=False), weak_rsa(e="AQ")]})
    assert [key.kid for key in keys] == ["ec"]


def test_a_key_set_is_imported_once() -> None:
    jwks = {"keys": [RSA.as_dict(private=False)]}
    assert jose.read_key_set(jwks)[0] is jose.read_key_set({"keys": [RSA.as_dict(private=False)]})[0]


def test_a_thumbprint_is_that_of_rfc_7638() -> None:
    key = jose.read_public_key(
        {
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            "e": "AQAB",
            "alg": "RS256",
            "kid": "2011-04-29",
        }
    )
    assert jose.thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_an_rsa_key_fits_into_the_header_of_a_proof() -> None:
    header = {"alg": "PS256", "typ": "dpop+jwt", "jwk": RSA.as_dict(private=False)}
    signing_input = f"{encode(header)}.{encode(CLAIMS)}"
    proof = f"{signing_input}.{encode(JWSRegistry.algorithms['PS256'].sign(signing_input.encode(), RSA))}"
    assert len(encode(header)) > 512
    assert read(proof, keys=[RSA], jwk_header_allowed=True).members == CLAIMS


def test_nothing_else_in_the_product_reads_or_writes_signatures() -> None:
    """The table of algorithms knows `joserfc.jws` and `jose` alone calls it; nobody knows `joserfc.jwt` or Authlib's own."""
    product = Path(jose.__file__).parents[3]
    signing = re.compile(r"^\s*(?:from|import) (?:joserfc\.(?:jws|jwt|jwe)|joserfc import|authlib\.jose)", re.MULTILINE)
    found = [path.name for path in product.rglob("*.py") if signing.search(path.read_text(encoding="utf-8"))]
    assert found == ["algorithms.py"]
    calling = re.compile(r"\b(?:algorithm|get_algorithm\([^)]*\))\.(?:sign|verifies)\(")
    callers = [path.name for path in product.rglob("*.py") if calling.search(path.read_text(encoding="utf-8"))]
    assert callers == ["jose.py"]
