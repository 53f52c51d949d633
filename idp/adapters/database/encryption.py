"""Field encryption: what a stolen copy of the database must not tell, and how it is still found.

A sealed field is one byte of key id, twelve of nonce, and AES-256-GCM's output (NIST SP 800-38D). The place of the field is
authenticated with it, so that a value copied into another row or column opens no more.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.core.oidc.keys.reference_tokens import SecretKey

_NONCE_BYTES = 12


class FieldUnreadable(Exception):
    """A sealed field does not open: its key is gone, or somebody changed or moved it. The text names the place only."""


Versions = Callable[[], Sequence[SecretKey]]
"""The versions of a secret now, newest first; the same object until they change."""


@dataclass(frozen=True, slots=True)
class _Boxes:
    versions: Sequence[SecretKey]
    by_id: Mapping[int, AESGCM]


class FieldCipher:
    """Seals and opens fields; new values use the newest key, old ones name theirs.

    It follows its secret while the process runs, because other nodes seal with a new version as soon as they know it.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._boxes = _boxes(versions())

    def seal(self, place: str, value: bytes) -> bytes:
        """Encrypt a value for one place, written `table.column.row id`."""
        boxes = self._present()
        key_id = boxes.versions[0].version
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return bytes((key_id,)) + nonce + boxes.by_id[key_id].encrypt(nonce, value, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt what `seal` made for the same place; raises FieldUnreadable."""
        key = self._key(sealed[0]) if sealed else None
        if key is None:
            raise FieldUnreadable(place)
        try:
            return key.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], place.encode())
        except (InvalidTag, ValueError):
            raise FieldUnreadable(place) from None

    def seal_text(self, place: str, value: str) -> bytes:
        return self.seal(place, value.encode())

    def open_text(self, place: str, sealed: bytes) -> str:
        return self.open(place, sealed).decode()

    def seal_json(self, place: str, value: Any) -> bytes:
        return self.seal(place, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open_json(self, place: str, sealed: bytes) -> Any:
        return json.loads(self.open(place, sealed).decode())

    def _key(self, key_id: int) -> AESGCM | None:
        """Files are looked at for a key that is not known yet only: opening is what a request does most."""
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

    def candidates(self, purpose: str, value: str) -> list[bytes]:
        """The hashes to look for, by every key, the newest first."""
        return [_keyed_hash(version, purpose, value) for version in self._versions()]


def fingerprint(text: str) -> bytes:
    """SHA-256 of something that is long and random by itself, or need not be secret."""
    return hashlib.sha256(text.encode()).digest()


def _keyed_hash(key: SecretKey, purpose: str, value: str) -> bytes:
    return bytes((key.version,)) + hmac.digest(key.value, f"{purpose}\x00{value}".encode(), "sha256")


def _boxes(versions: Sequence[SecretKey]) -> _Boxes:
    return _Boxes(versions, {key.version: AESGCM(key.value) for key in versions})
