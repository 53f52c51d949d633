"""Field encryption: bound to its place, readable by its key only, and findable by keyed hash."""

import hashlib

import pytest

from idp.adapters.database.encryption import FieldCipher, FieldUnreadable
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.databases import a_cipher, a_pepper

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "people.contact.1"


def test_an_encrypted_value_is_read_at_its_place() -> None:
    cipher = a_cipher({1: OLD})

    assert cipher.decrypt_text(PLACE, cipher.encrypt_text(PLACE, "Åsa")) == "Åsa"
    assert cipher.decrypt_json(PLACE, cipher.encrypt_json(PLACE, {"name": "Åsa", "n": [1, None]})) == {
        "name": "Åsa",
        "n": [1, None],
    }


def test_equal_values_are_encrypted_differently() -> None:
    cipher = a_cipher({1: OLD})

    assert cipher.encrypt_text(PLACE, "same") != cipher.encrypt_text(PLACE, "same")


@pytest.mark.parametrize("place", ["people.contact.2", "people.profile.1"])
def test_a_value_copied_elsewhere_does_not_open(place: str) -> None:
    cipher = a_cipher({1: OLD})

    with pytest.raises(FieldUnreadable, match=place):
        cipher.decrypt(place, cipher.encrypt(PLACE, b"secret"))


def test_every_changed_byte_is_noticed() -> None:
    cipher = a_cipher({1: OLD, 2: NEW})
    encrypted = cipher.encrypt(PLACE, b"secret")

    for at in range(len(encrypted)):
        changed = bytes(byte ^ 3 if index == at else byte for index, byte in enumerate(encrypted))
        with pytest.raises(FieldUnreadable):
            cipher.decrypt(PLACE, changed)
    for length in range(len(encrypted)):
        with pytest.raises(FieldUnreadable):
            cipher.decrypt(PLACE, encrypted[:length])


def test_a_new_key_encrypts_while_the_old_one_still_decrypts() -> None:
    before = a_cipher({1: OLD})
    encrypted = before.encrypt(PLACE, b"secret")
    after = a_cipher({1: OLD, 2: NEW})

    assert after.decrypt(PLACE, encrypted) == b"secret"
    assert a_cipher({2: NEW}).decrypt(PLACE, after.encrypt(PLACE, b"secret")) == b"secret"
    with pytest.raises(FieldUnreadable):
        a_cipher({2: NEW}).decrypt(PLACE, encrypted)


def test_a_cipher_follows_its_secret_when_another_node_encrypts_with_a_newer_version() -> None:
    versions = [SecretKey(version=1, value=OLD)]
    cipher = FieldCipher(lambda: versions)
    before = cipher.encrypt(PLACE, b"secret")
    elsewhere = a_cipher({1: OLD, 2: NEW}).encrypt(PLACE, b"secret")
    with pytest.raises(FieldUnreadable):
        cipher.decrypt(PLACE, elsewhere)

    versions = [SecretKey(version=2, value=NEW), *versions]

    assert cipher.decrypt(PLACE, elsewhere) == cipher.decrypt(PLACE, before) == b"secret"
    assert a_cipher({2: NEW}).decrypt(PLACE, cipher.encrypt(PLACE, b"secret")) == b"secret"


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
