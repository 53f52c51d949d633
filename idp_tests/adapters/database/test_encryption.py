"""Field encryption: bound to its place, readable by its key only, and findable by keyed hash."""

import hashlib

import pytest

from idp.adapters.database.encryption import FieldCipher, FieldUnreadable, Pepper

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "people.contact.1"


def test_a_sealed_value_opens_at_its_place() -> None:
    cipher = FieldCipher({1: OLD}, active=1)

    assert cipher.open_text(PLACE, cipher.seal_text(PLACE, "Åsa")) == "Åsa"
    assert cipher.open_json(PLACE, cipher.seal_json(PLACE, {"name": "Åsa", "n": [1, None]})) == {
        "name": "Åsa",
        "n": [1, None],
    }


def test_equal_values_are_sealed_differently() -> None:
    cipher = FieldCipher({1: OLD}, active=1)

    assert cipher.seal_text(PLACE, "same") != cipher.seal_text(PLACE, "same")


@pytest.mark.parametrize("place", ["people.contact.2", "people.profile.1"])
def test_a_value_copied_elsewhere_does_not_open(place: str) -> None:
    cipher = FieldCipher({1: OLD}, active=1)

    with pytest.raises(FieldUnreadable, match=place):
        cipher.open(place, cipher.seal(PLACE, b"secret"))


def test_every_changed_byte_is_noticed() -> None:
    cipher = FieldCipher({1: OLD, 2: NEW}, active=1)
    sealed = cipher.seal(PLACE, b"secret")

    for at in range(len(sealed)):
        changed = bytes(byte ^ 3 if index == at else byte for index, byte in enumerate(sealed))
        with pytest.raises(FieldUnreadable):
            cipher.open(PLACE, changed)
    for length in range(len(sealed)):
        with pytest.raises(FieldUnreadable):
            cipher.open(PLACE, sealed[:length])


def test_a_new_key_seals_while_the_old_one_still_opens() -> None:
    before = FieldCipher({1: OLD}, active=1)
    sealed = before.seal(PLACE, b"secret")
    after = FieldCipher({1: OLD, 2: NEW}, active=2)

    assert after.open(PLACE, sealed) == b"secret"
    assert not after.is_current(sealed)
    assert after.is_current(after.seal(PLACE, b"secret"))
    with pytest.raises(FieldUnreadable):
        FieldCipher({2: NEW}, active=2).open(PLACE, sealed)


@pytest.mark.parametrize(("keys", "active"), [({1: OLD}, 2), ({1: b"short"}, 1), ({256: OLD}, 256), ({}, 1)])
def test_bad_keys_are_refused(keys: dict[int, bytes], active: int) -> None:
    with pytest.raises(ValueError):
        FieldCipher(keys, active)
    with pytest.raises(ValueError):
        Pepper(keys, active)


def test_a_hash_depends_on_key_purpose_and_value() -> None:
    old, new = Pepper({1: OLD}, active=1), Pepper({1: NEW}, active=1)

    hashes = [old.hash("a", "1"), old.hash("a", "2"), old.hash("b", "1"), new.hash("a", "1")]
    assert len(set(hashes)) == 4
    assert old.hash("a", "1") == old.hash("a", "1")
    assert hashlib.sha256(b"1").digest() not in hashes[0]


def test_candidates_begin_with_the_active_key() -> None:
    old, both = Pepper({1: OLD}, active=1), Pepper({1: OLD, 2: NEW}, active=2)

    assert both.candidates("a", "1") == [both.hash("a", "1"), old.hash("a", "1")]


def test_keys_never_show() -> None:
    assert "\\x" not in repr(FieldCipher({1: OLD}, active=1)) + repr(Pepper({1: OLD}, active=1))
