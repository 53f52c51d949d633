"""Field encryption: what a stolen copy of the database must not tell, and how it is still found.

A sealed field is one byte of key id, twelve of nonce, and AES-256-GCM's output (NIST SP 800-38D). The place of the field is
authenticated with it, so that a value copied into another row or column opens no more.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12


class FieldUnreadable(Exception):
    """A sealed field does not open: its key is gone, or somebody changed or moved it. The text names the place only."""


class FieldCipher:
    """Seals and opens fields; new values use the active key, old ones name theirs."""

    def __init__(self, keys: Mapping[int, bytes], active: int) -> None:
        _require_keys(keys, active)
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._active = active

    def seal(self, place: str, value: bytes) -> bytes:
        """Encrypt a value for one place, written `table.column.row id`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return bytes((self._active,)) + nonce + self._keys[self._active].encrypt(nonce, value, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt what `seal` made for the same place; raises FieldUnreadable."""
        key = self._keys.get(sealed[0]) if sealed else None
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

    def is_current(self, sealed: bytes) -> bool:
        """Whether a value is sealed with the active key."""
        return sealed[:1] == bytes((self._active,))

    def __repr__(self) -> str:
        return f"FieldCipher(active={self._active})"


class Pepper:
    """Keyed hashes for finding what is encrypted; without the key, numbers of few digits cannot be tried out.

    A hash is one byte of key id and 32 of HMAC-SHA-256 over purpose and value, so that equal values of two purposes differ.
    """

    def __init__(self, keys: Mapping[int, bytes], active: int) -> None:
        _require_keys(keys, active)
        self._keys = dict(keys)
        self._active = active

    def hash(self, purpose: str, value: str) -> bytes:
        """The hash to store, by the active key."""
        return self._hash(self._active, purpose, value)

    def candidates(self, purpose: str, value: str) -> list[bytes]:
        """The hashes to look for, by every key, the active one first."""
        retired = [key_id for key_id in self._keys if key_id != self._active]
        return [self._hash(key_id, purpose, value) for key_id in (self._active, *retired)]

    def _hash(self, key_id: int, purpose: str, value: str) -> bytes:
        message = f"{purpose}\x00{value}".encode()
        return bytes((key_id,)) + hmac.digest(self._keys[key_id], message, "sha256")

    def __repr__(self) -> str:
        return f"Pepper(active={self._active})"


def fingerprint(text: str) -> bytes:
    """SHA-256 of something that is long and random by itself, or need not be secret."""
    return hashlib.sha256(text.encode()).digest()


def _require_keys(keys: Mapping[int, bytes], active: int) -> None:
    if active not in keys:
        raise ValueError("the active key is missing")
    if any(not 0 <= key_id <= 255 or len(key) != KEY_BYTES for key_id, key in keys.items()):
        raise ValueError(f"a key has an id of 0 to 255 and {KEY_BYTES} bytes")
