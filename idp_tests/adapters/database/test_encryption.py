"""Field encryption: bound to its place, readable by its key only, and findable by keyed hash."""

import hashlib

import pytest

from idp.adapters.database.encryption import FieldCipher, FieldUnreadable
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.databases import a_cipher, a_pepper

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "people.contact.1"


def test_a_sealed_value_opens_at_its_place() -> None:
    cipher = a_cipher({1: OLD})

    assert cipher.open_text(PLACE, cipher.seal_text(PLACE, "Åsa")) == "Åsa"
    assert cipher.open_json(PLACE, cipher.seal_json(PLACE, {"name": "Åsa", "n": [1, None]})) == {
        "name": "Åsa",
        "n": [1, None],
    }


def test_equal_values_are_sealed_differently() -> None:
    cipher = a_cipher({1: OLD})

    assert cipher.seal_text(PLACE, "same") != cipher.seal_text(PLACE, "same")


@pytest.mark.parametrize("place", ["people.contact.2", "people.profile.1"])
def test_a_value_copied_elsewhere_does_not_open(place: str) -> None:
    cipher = a_cipher({1: OLD})

    with pytest.raises(FieldUnreadable, match=place):
        cipher.open(place, cipher.seal(PLACE, b"secret"))


def test_every_changed_byte_is_noticed() -> None:
    cipher = a_cipher({1: OLD, 2: NEW})
    sealed = cipher.seal(PLACE, b"secret")

    for at in range(len(sealed)):
        changed = bytes(byte ^ 3 if index == at else byte for index, byte in enumerate(sealed))
        with pytest.raises(FieldUnreadable):
            cipher.open(PLACE, changed)
    for length in range(len(sealed)):
        with pytest.raises(FieldUnreadable):
            cipher.open(PLACE, sealed[:length])


def test_a_new_key_seals_while_the_old_one_still_opens() -> None:
    before = a_cipher({1: OLD})
    sealed = before.seal(PLACE, b"secret")
    after = a_cipher({1: OLD, 2: NEW})

    assert after.open(PLACE, sealed) == b"secret"
    assert a_cipher({2: NEW}).open(PLACE, after.seal(PLACE, b"secret")) == b"secret"
    with pytest.raises(FieldUnreadable):
        a_cipher({2: NEW}).open(PLACE, sealed)


def test_a_cipher_follows_its_secret_when_another_node_seals_with_a_newer_version() -> None:
    versions = [SecretKey(version=1, value=OLD)]
    cipher = FieldCipher(lambda: versions)
    before = cipher.seal(PLACE, b"secret")
    elsewhere = a_cipher({1: OLD, 2: NEW}).seal(PLACE, b"secret")
    with pytest.raises(FieldUnreadable):
        cipher.open(PLACE, elsewhere)

    versions = [SecretKey(version=2, value=NEW), *versions]

    assert cipher.open(PLACE, elsewhere) == cipher.open(PLACE, before) == b"secret"
    assert a_cipher({2: NEW}).open(PLACE, cipher.seal(PLACE, b"secret")) == b"secret"


def test_a_hash_depends_on_key_purpose_and_value() -> None:
    old, new = a_pepper({1: OLD}), a_pepper({1: NEW})

    hashes = [old.hash("a", "1"), old.hash("a", "2"), old.hash("b", "1"), new.hash("a", "1")]
    assert len(set(hashes)) == 4
    assert old.hash("a", "1") == old.hash("a", "1")
    assert hashlib.sha256(b"1").digest() not in hashes[0]


def test_candidates_begin_with_the_active_key() -> None:
    old, both = a_pepper({1: OLD}), a_pepper({1: OLD, 2: NEW})

    assert both.candidates("a", "1") == [both.hash("a", "1"), old.hash("a", "1")]


def test_keys_never_show() -> None:
    assert "\\x" not in repr(a_cipher({1: OLD})) + repr(a_pepper({1: OLD}))
