"""Field encryption: what a stolen copy of the database must not tell, and how it is still found.

An encrypted field is one byte of key id, twelve of nonce, and AES-256-GCM's output (NIST SP 800-38D). The place of the field is
authenticated with it, so that a value copied into another row or column cannot be decrypted. Key id 0 is the key of the person
whom the row is about; the others are versions of the one secret for everything else, which also wraps the persons' keys.
"""

import hashlib
import hmac
import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.core.oidc.keys.reference_tokens import SecretKey

_NONCE_BYTES = 12
_OF_PERSON = 0
_KEY_BYTES = 32


class FieldUnreadable(Exception):
    """A field cannot be decrypted: its key is gone, or somebody changed or moved it. The text names the place only."""


Versions = Callable[[], Sequence[SecretKey]]
"""The versions of a secret now, newest first; the same object until they change."""


class Cipher(ABC):
    """Encrypts and decrypts fields; a place is written `table.column.row id`."""

    @abstractmethod
    def encrypt(self, place: str, value: bytes) -> bytes:
        """Encrypt a value for one place."""

    @abstractmethod
    def decrypt(self, place: str, encrypted: bytes) -> bytes:
        """Decrypt what `encrypt` made for the same place; raises FieldUnreadable."""

    def encrypt_text(self, place: str, value: str) -> bytes:
        return self.encrypt(place, value.encode())

    def decrypt_text(self, place: str, encrypted: bytes) -> str:
        return self.decrypt(place, encrypted).decode()

    def encrypt_json(self, place: str, value: Any) -> bytes:
        return self.encrypt(place, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def decrypt_json(self, place: str, encrypted: bytes) -> Any:
        return json.loads(self.decrypt(place, encrypted).decode())


class PersonCipher(Cipher):
    """Fields of one person: nobody reads them any more once the person's key is destroyed, in whatever copy."""

    def __init__(self, key: bytes) -> None:
        self._box = AESGCM(key)

    def encrypt(self, place: str, value: bytes) -> bytes:
        return _sealed(_OF_PERSON, self._box, place, value)

    def decrypt(self, place: str, encrypted: bytes) -> bytes:
        return _opened(self._box if encrypted[:1] == b"\x00" else None, place, encrypted)


@dataclass(frozen=True, slots=True)
class _Boxes:
    versions: Sequence[SecretKey]
    by_id: Mapping[int, AESGCM]


class FieldCipher(Cipher):
    """Fields that are nobody's alone, and the keys of persons; new values use the newest key, old ones name theirs.

    It follows its secret while the process runs, because other nodes encrypt with a new version as soon as they know it.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._boxes = _boxes(versions())

    def encrypt(self, place: str, value: bytes) -> bytes:
        boxes = self._present()
        key_id = boxes.versions[0].version
        return _sealed(key_id, boxes.by_id[key_id], place, value)

    def decrypt(self, place: str, encrypted: bytes) -> bytes:
        return _opened(self._key(encrypted[0]) if encrypted else None, place, encrypted)

    @property
    def newest(self) -> int:
        """The version that encrypts."""
        return self._present().versions[0].version

    def make_person_key(self, person_id: str) -> bytes:
        """A fresh key of a person, wrapped as it is stored."""
        return self.encrypt(_place_of_key(person_id), secrets.token_bytes(_KEY_BYTES))

    def of_person(self, person_id: str, wrapped: bytes) -> PersonCipher:
        """What reads and writes a person's fields, by the stored key; raises FieldUnreadable."""
        return PersonCipher(self.decrypt(_place_of_key(person_id), wrapped))

    def _key(self, key_id: int) -> AESGCM | None:
        """Files are looked at for a key that is not known yet only: decrypting is what a request does most."""
        return self._boxes.by_id.get(key_id) or self._present().by_id.get(key_id)

    def _present(self) -> _Boxes:
        versions = self._versions()
        if versions is not self._boxes.versions:
            self._boxes = _boxes(versions)
        return self._boxes


class Pepper:
    """Keyed hashes for finding what is encrypted; without the key, numbers of few digits cannot be tried out.

    A hash is one byte of key id and 32 of HMAC-SHA-256 over purpose and value, so that equal values of two purposes differ.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def hash(self, purpose: str, value: str) -> bytes:
        """The hash to store, by the newest key."""
        return _keyed_hash(self._versions()[0], purpose, value)

    @property
    def newest(self) -> int:
        """The version that makes hashes to store."""
        return self._versions()[0].version

    def candidates(self, purpose: str, value: str) -> list[bytes]:
        """The hashes to look for, by every key, the newest first."""
        return [_keyed_hash(version, purpose, value) for version in self._versions()]


def _sealed(key_id: int, box: AESGCM, place: str, value: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return bytes((key_id,)) + nonce + box.encrypt(nonce, value, place.encode())


def _opened(box: AESGCM | None, place: str, encrypted: bytes) -> bytes:
    if box is None:
        raise FieldUnreadable(place)
    try:
        return box.decrypt(encrypted[1 : 1 + _NONCE_BYTES], encrypted[1 + _NONCE_BYTES :], place.encode())
    except (InvalidTag, ValueError):
        raise FieldUnreadable(place) from None


def _place_of_key(person_id: str) -> str:
    return f"person_keys.key.{person_id}"


def fingerprint(text: str) -> bytes:
    """SHA-256 of something that is long and random by itself, or need not be secret."""
    return hashlib.sha256(text.encode()).digest()


def _keyed_hash(key: SecretKey, purpose: str, value: str) -> bytes:
    return bytes((key.version,)) + hmac.digest(key.value, f"{purpose}\x00{value}".encode(), "sha256")


def _boxes(versions: Sequence[SecretKey]) -> _Boxes:
    return _Boxes(versions, {key.version: AESGCM(key.value) for key in versions})
