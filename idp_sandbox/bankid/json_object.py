"""JSON objects: reads the members of a JSON object one by one, and refuses what BankID would refuse."""

import base64
import binascii
import re
from collections.abc import Iterable

from idp_sandbox.bankid.errors import InvalidParameters


class JsonObject:
    """A JSON object being read; remembers which members were asked for, so that the others can be pointed out."""

    def __init__(self, raw: object, where: str = "") -> None:
        if not isinstance(raw, dict):
            raise InvalidParameters(f"{where or 'The body'} must be a JSON object")
        self._raw: dict[str, object] = raw
        self._where = where
        self._read: set[str] = set()

    def path(self, name: str) -> str:
        """The member's full name, for messages."""
        return f"{self._where}.{name}" if self._where else name

    def has(self, name: str) -> bool:
        """True when the member is present, whatever its value."""
        return name in self._raw

    def find(self, name: str, *, required: bool = False) -> object:
        """The member's raw value, None when absent; raises InvalidParameters for a null or a missing required one."""
        self._read.add(name)
        if name not in self._raw:
            if required:
                raise InvalidParameters(f"{self.path(name)} is required")
            return None
        value = self._raw[name]
        if value is None:
            raise InvalidParameters(f"{self.path(name)} must not be null; omit it instead")
        return value

    def text(
        self, name: str, *, most: int, least: int = 1, shape: str | None = None, required: bool = False
    ) -> str | None:
        """A string within limits (in characters), and of the shape if one is given."""
        value = self.find(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise InvalidParameters(f"{self.path(name)} must be a string")
        if not least <= len(value) <= most:
            raise InvalidParameters(f"{self.path(name)} must be {least} to {most} characters, was {len(value)}")
        if shape is not None and not re.fullmatch(shape, value):
            raise InvalidParameters(f"{self.path(name)} is malformed")
        return value

    def required_text(self, name: str, *, most: int, shape: str | None = None) -> str:
        """A string that must be there."""
        return self.text(name, most=most, shape=shape, required=True) or ""

    def flag(self, name: str) -> bool:
        """A boolean, false when absent."""
        value = self.find(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise InvalidParameters(f"{self.path(name)} must be a boolean")
        return value

    def choice(self, name: str, words: Iterable[str], *, required: bool = False) -> str | None:
        """One of the words."""
        value = self.find(name, required=required)
        if value is None:
            return None
        known = tuple(words)
        if not isinstance(value, str) or value not in known:
            raise InvalidParameters(f"{self.path(name)} must be one of {', '.join(known)}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of non-empty strings, empty when absent."""
        value = self.find(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
            raise InvalidParameters(f"{self.path(name)} must be a list of strings")
        return tuple(str(each) for each in value)

    def find_object(self, name: str, *, required: bool = False) -> "JsonObject | None":
        """The member as an object, None when absent."""
        value = self.find(name, required=required)
        return None if value is None else JsonObject(value, self.path(name))

    def base64_bytes(self, name: str, *, most: int, required: bool = False) -> tuple[str, bytes] | None:
        """A base64 text (standard alphabet, padded, no line breaks; the limit counts its characters), and its bytes."""
        value = self.text(name, most=most, required=required)
        if value is None:
            return None
        try:
            decoded = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidParameters(f"{self.path(name)} is not base64") from None
        if base64.b64encode(decoded).decode() != value:
            raise InvalidParameters(f"{self.path(name)} is not canonical base64")
        return value, decoded

    def unread(self) -> tuple[str, ...]:
        """Members that were never read: accepted, because BankID ignores unknown members, but worth a warning."""
        return tuple(f"unknown member {self.path(name)}" for name in self._raw if name not in self._read)
