import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.ids import new_id
from idp.core.oidc.keys.reference_tokens import (
    LONGEST_REFERENCE,
    AccessReference,
    AddressProof,
    DeviceProof,
    Kind,
    ReferenceTokens,
    RefreshReference,
    SecretKey,
)
from idp_tests.cases import each

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REFERENCE_TOKENS = ReferenceTokens(
    tokens=(SecretKey(version=1, value=b"s" * 32),),
    identity=SecretKey(version=1, value=b"i" * 32),
)
GRANT_ID = "0193" * 8
ACCESS = AccessReference(grant_id=GRANT_ID, jti="00" * 8, issued_at=NOW, expires_at=NOW + timedelta(minutes=10))
PROOF = AddressProof(person_id=GRANT_ID, address="anna@example.se", expires_at=NOW + timedelta(days=2))
REFRESH = RefreshReference(grant_id=GRANT_ID, generation=7)


def every_reader(text: str) -> list[Any]:
    return [
        REFERENCE_TOKENS.read_code(text),
        REFERENCE_TOKENS.read_access_token(text),
        REFERENCE_TOKENS.read_refresh_token(text),
        REFERENCE_TOKENS.read_jwt_id(text),
        REFERENCE_TOKENS.read_address_proof(text, lambda _: PROOF.address),
    ]


def references() -> list[str]:
    return [
        REFERENCE_TOKENS.code_for(GRANT_ID),
        REFERENCE_TOKENS.access_token_for(ACCESS),
        REFERENCE_TOKENS.refresh_token_for(REFRESH),
        REFERENCE_TOKENS.jwt_id_for(ACCESS),
        REFERENCE_TOKENS.address_proof_for(PROOF),
    ]


def test_a_code_leads_to_its_grant() -> None:
    grant_id = new_id(NOW)
    assert REFERENCE_TOKENS.read_code(REFERENCE_TOKENS.code_for(grant_id)) == grant_id


def test_a_code_made_twice_is_the_same() -> None:
    assert REFERENCE_TOKENS.code_for(GRANT_ID) == REFERENCE_TOKENS.code_for(GRANT_ID)


def test_a_refresh_token_made_twice_is_the_same() -> None:
    assert REFERENCE_TOKENS.refresh_token_for(REFRESH) == REFERENCE_TOKENS.refresh_token_for(REFRESH)
    assert REFERENCE_TOKENS.refresh_token_for(REFRESH) != REFERENCE_TOKENS.refresh_token_for(
        replace(REFRESH, generation=8)
    )


def test_a_refresh_token_carries_grant_and_generation() -> None:
    for reference in (REFRESH, replace(REFRESH, rotates=True)):
        assert REFERENCE_TOKENS.read_refresh_token(REFERENCE_TOKENS.refresh_token_for(reference)) == reference


def test_access_tokens_of_one_reference_differ() -> None:
    assert len({REFERENCE_TOKENS.access_token_for(ACCESS) for _ in range(100)}) == 100


@each(
    "reference",
    [
        ACCESS,
        replace(ACCESS, scope=("openid", "email")),
        replace(ACCESS, scope=()),
        replace(ACCESS, resources=("https://api.example/å", "urn:x")),
        replace(ACCESS, jkt="A" * 43),
        replace(ACCESS, wants_customers=True),
        replace(ACCESS, scope=("openid",), resources=("https://api.example",), jkt="A" * 43),
    ],
)
def test_an_access_token_carries_everything(reference: AccessReference) -> None:
    assert REFERENCE_TOKENS.read_access_token(REFERENCE_TOKENS.access_token_for(reference)) == reference
    assert REFERENCE_TOKENS.read_jwt_id(REFERENCE_TOKENS.jwt_id_for(reference)) == reference


def test_a_device_proof_says_which_and_until_when_and_is_nothing_else() -> None:
    proof = DeviceProof(device_id=GRANT_ID, expires_at=NOW + timedelta(days=14))
    text = REFERENCE_TOKENS.device_proof_for(proof)
    assert REFERENCE_TOKENS.read_device_proof(text) == proof
    assert REFERENCE_TOKENS.read_device_proof(REFERENCE_TOKENS.address_proof_for(PROOF)) is None
    assert REFERENCE_TOKENS.read_device_proof("dv_x") is None


def test_an_address_proof_is_for_the_address_it_was_made_for() -> None:
    text = REFERENCE_TOKENS.address_proof_for(PROOF)
    assert REFERENCE_TOKENS.read_address_proof(text, lambda _: PROOF.address) == PROOF
    assert REFERENCE_TOKENS.read_address_proof(text, lambda _: "eve@example.se") is None
    assert REFERENCE_TOKENS.read_address_proof(text, lambda _: None) is None


def test_no_kind_is_read_as_another() -> None:
    for position, text in enumerate(references()):
        assert [found is not None for found in every_reader(text)] == [other == position for other in range(5)]


def test_a_changed_prefix_does_not_change_the_kind() -> None:
    prefixes = ("ac_", "at_", "rt_", "ji_", "em_")
    for own, text in zip(prefixes, references(), strict=True):
        for other in prefixes:
            if other != own:
                assert every_reader(other + text[3:]) == [None] * 5


def test_every_changed_character_is_noticed() -> None:
    for text in references():
        for at in range(3, len(text)):
            for letter in {"A", "B", "_"} - {text[at]}:
                assert every_reader(text[:at] + letter + text[at + 1 :]) == [None] * 5


def test_a_reference_has_one_spelling() -> None:
    for text in references():
        for other in (text + "=", text + "A", text + " ", " " + text, text + "\n", text.upper(), text[:-1]):
            assert every_reader(other) == [None] * 5


def test_the_grant_is_not_readable_in_a_reference() -> None:
    assert all(GRANT_ID not in text and "0193" not in text for text in references())


def test_references_use_characters_that_need_no_escaping_anywhere() -> None:
    allowed = set(string.ascii_letters + string.digits + "-_")
    assert all(set(text) <= allowed for text in references())


@given(st.text(max_size=200))
def test_nothing_else_is_a_reference(text: str) -> None:
    for candidate in (text, "ac_" + text, "at_" + text, "rt_" + text, "ji_" + text):
        assert every_reader(candidate) == [None] * 5


@given(st.binary(min_size=0, max_size=120))
def test_no_bytes_under_a_known_version_are_a_reference(raw: bytes) -> None:
    from base64 import urlsafe_b64encode

    text = urlsafe_b64encode(b"\x01" + raw).rstrip(b"=").decode()
    for prefix in ("ac_", "at_", "rt_", "ji_"):
        assert every_reader(prefix + text) == [None] * 5


def test_what_holds_too_little_is_no_reference() -> None:
    assert REFERENCE_TOKENS.read_access_token(REFERENCE_TOKENS._encrypt(Kind.ACCESS_TOKEN, b"short", b"n" * 12)) is None
    assert REFERENCE_TOKENS.read_jwt_id(REFERENCE_TOKENS._encrypt(Kind.JWT_ID, b"", b"n" * 12)) is None


def test_endless_input_costs_nothing() -> None:
    assert every_reader("at_" + "A" * (LONGEST_REFERENCE + 1)) == [None] * 5


def test_another_key_opens_nothing() -> None:
    other = replace(REFERENCE_TOKENS, tokens=(SecretKey(version=1, value=b"t" * 32),))
    assert other.read_code(REFERENCE_TOKENS.code_for(GRANT_ID)) is None
    assert other.read_access_token(REFERENCE_TOKENS.access_token_for(ACCESS)) is None


def test_after_rotation_the_new_key_encrypts_and_the_old_one_still_decrypts() -> None:
    new = replace(REFERENCE_TOKENS, tokens=(*REFERENCE_TOKENS.tokens, SecretKey(version=2, value=b"n" * 32)))
    old_code, new_code = REFERENCE_TOKENS.code_for(GRANT_ID), new.code_for(GRANT_ID)
    assert old_code != new_code
    assert new.read_code(old_code) == new.read_code(new_code) == GRANT_ID
    assert REFERENCE_TOKENS.read_code(new_code) is None


def test_lasting_digests_survive_rotation_and_differ_by_purpose() -> None:
    new = replace(REFERENCE_TOKENS, tokens=(SecretKey(version=2, value=b"n" * 32),))
    assert REFERENCE_TOKENS.lasting_digest("a", b"x") == new.lasting_digest("a", b"x") != new.lasting_digest("b", b"x")


def test_passing_digests_cover_every_key() -> None:
    new = replace(REFERENCE_TOKENS, tokens=(*REFERENCE_TOKENS.tokens, SecretKey(version=2, value=b"n" * 32)))
    assert REFERENCE_TOKENS.passing_digests("a", b"x")[0] == new.passing_digests("a", b"x")[1]


def test_secrets_are_not_shown() -> None:
    assert "sss" not in repr(REFERENCE_TOKENS)
    assert "iii" not in repr(REFERENCE_TOKENS)


@each("version, value", [(0, b"s" * 32), (256, b"s" * 32), (1, b"s" * 31)])
def test_a_malformed_secret_is_refused(version: int, value: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SecretKey(version=version, value=value)


def test_a_malformed_grant_id_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="32 hex digits"):
        REFERENCE_TOKENS.code_for("abcd")
    with pytest.raises(ValueError, match="32 bytes"):
        REFERENCE_TOKENS.access_token_for(replace(ACCESS, jkt="abc"))
