"""Parameters: what stood in a query or form, every repetition kept, before anybody believes a word of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl

from idp.core.oidc.errors import Refused

MAX_PARAMETERS = 50
REPEATABLE = frozenset({"resource"})
"""May stand several times (RFC 8707 2); everything else at most once (RFC 6749 3.1, 3.2)."""


class Unreadable(ValueError):
    """The text is no list of parameters; the reason is a constant without any part of it."""


@dataclass(frozen=True, slots=True)
class RawParameters:
    """The values of each name, in the order in which they came."""

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, encoded: bytes) -> Self:
        """Read `application/x-www-form-urlencoded` text; raises Unreadable.

        Bytes that are no UTF-8 and NUL characters are refused here, because nothing behind can keep them unchanged.
        """
        if b"\0" in encoded or b"%00" in encoded:
            raise Unreadable("a parameter holds a NUL character")
        try:
            pairs = parse_qsl(
                encoded.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
            )
        except UnicodeDecodeError:
            raise Unreadable("the parameters are not UTF-8") from None
        except ValueError:
            raise Unreadable("there are too many parameters") from None
        return cls.of(pairs)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """From pairs that are decoded already."""
        values: dict[str, tuple[str, ...]] = {}
        for name, value in pairs:
            values[name] = (*values.get(name, ()), value)
        return cls(values)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Name by name; the values of one name stand together."""
        return tuple((name, value) for name, values in self.values.items() for value in values)

    def find(self, name: str) -> str | None:
        """The value, or None: a parameter that is empty or stands twice counts as absent (RFC 6749 3.1)."""
        sent = self.values.get(name)
        if sent is None or len(sent) == 1:
            return (sent[0] or None) if sent else None
        values = self.all(name)
        return values[0] if len(values) == 1 else None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter, empty ones left out."""
        return tuple(filter(None, self.values.get(name, ())))

    def repeated(self) -> frozenset[str]:
        """Names that stand more than once, with or without a value."""
        return frozenset(name for name, values in self.values.items() if len(values) > 1)


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters that a program sent in a body: each at most once, one without a value counts as absent (RFC 6749 3.2)."""

    raw: RawParameters

    def __post_init__(self) -> None:
        """Raise Refused for a repeated parameter, known or not."""
        if self.raw.repeated() - REPEATABLE:
            raise Refused(code="invalid_request", description="A parameter is repeated")

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Take decoded pairs. Raises Refused."""
        return cls(RawParameters.of(pairs))

    def find(self, name: str) -> str | None:
        """The value, or None."""
        return self.raw.find(name)

    def get(self, name: str) -> str:
        """The value of a required parameter. Raises Refused when it is absent."""
        value = self.find(name)
        if value is None:
            raise Refused(code="invalid_request", description=f"The parameter {name} is missing")
        return value

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a repeatable parameter."""
        return self.raw.all(name)
