"""The seal: a compact JSON Web Signature that any library reads, and that breaks with every change."""

import random
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from idp.core.evidence.seal import EXPORT_TYPE, SealBroken, SealKey, content_of, digest_of, unseal
from idp_tests.builders import SEAL_KEY

CONTENT = '{"a":"Å"}'.encode()


def test_what_was_sealed_is_read_with_the_thumbprint_of_its_key() -> None:
    sealed = SEAL_KEY.seal(CONTENT)
    found = unseal(sealed)
    assert (found.content, found.thumbprint) == (CONTENT, SEAL_KEY.thumbprint)
    assert content_of(sealed) == CONTENT


def test_a_library_verifies_it() -> None:
    read = jws.deserialize_compact(SEAL_KEY.seal(CONTENT), OKPKey.import_key(_jwk()), algorithms=["Ed25519"])
    assert read.payload == CONTENT
    assert OKPKey.import_key(_jwk()).thumbprint() == SEAL_KEY.thumbprint


def _jwk() -> Any:
    header = jws.extract_compact(SEAL_KEY.seal(CONTENT).encode()).headers()
    return header["jwk"]


def test_one_secret_is_one_key_and_another_another() -> None:
    assert SealKey.of(b"e" * 32).seal(CONTENT) == SEAL_KEY.seal(CONTENT)
    assert SealKey.of(b"f" * 32).thumbprint != SEAL_KEY.thumbprint


def test_every_single_character_counts() -> None:
    sealed, chance = SEAL_KEY.seal(CONTENT), random.Random(1)
    for place in range(len(sealed)):
        other = chance.choice([each for each in "AQgw.-_=\n" if each != sealed[place]])
        with pytest.raises(SealBroken):
            unseal(sealed[:place] + other + sealed[place + 1 :])


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "a.b.c.d", "….…."])
def test_anything_else_is_no_seal(text: str) -> None:
    with pytest.raises(SealBroken):
        unseal(text)


def test_a_seal_of_one_kind_is_none_of_another() -> None:
    with pytest.raises(SealBroken):
        unseal(SEAL_KEY.seal(CONTENT, EXPORT_TYPE))


def test_a_digest_is_of_the_whole_text() -> None:
    assert digest_of("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
