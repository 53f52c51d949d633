"""Raw parameters: what stood in a query or form, every repetition kept, before anybody believes a word of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

MAX_PARAMETERS = 50
REPEATABLE = frozenset({"resource"})
"""May stand several times (RFC 8707 2); everything else at most once (RFC 6749 3.1, 3.2)."""


class Unreadable(ValueError):
    """The text is no list of parameters; the reason is a constant without any part of it."""


@dataclass(frozen=True, slots=True)
class RawParameters:
    """Names and values in the order in which they came."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, encoded: bytes) -> "RawParameters":
        """Read `application/x-www-form-urlencoded` text; raises Unreadable.

        Bytes that are no UTF-8 and NUL characters are refused here, because nothing behind can keep them unchanged.
        """
        try:
            pairs = parse_qsl(
                encoded.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
            )
        except UnicodeDecodeError:
            raise Unreadable("the parameters are not UTF-8") from None
        except ValueError:
            raise Unreadable("there are too many parameters") from None
        if any("\0" in text for pair in pairs for text in pair):
            raise Unreadable("a parameter holds a NUL character")
        return cls(tuple(pairs))

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "RawParameters":
        """From pairs that are decoded already."""
        return cls(tuple((name, value) for name, value in pairs))

    def find(self, name: str) -> str | None:
        """The value, or None: a parameter that is empty or stands twice counts as absent (RFC 6749 3.1)."""
        values = self.all(name)
        return values[0] if len(values) == 1 else None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter, empty ones left out."""
        return tuple(value for key, value in self.pairs if key == name and value)

    def repeated(self) -> frozenset[str]:
        """Names that stand more than once, with or without a value."""
        return frozenset(name for name, count in Counter(name for name, _ in self.pairs).items() if count > 1)
