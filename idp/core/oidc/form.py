"""Form: the parameters of a request that a program sends in a body (RFC 6749 3.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from idp.core.oidc.errors import Refused

REPEATABLE = frozenset({"resource"})
"""May stand several times (RFC 8707 2); everything else at most once."""
MAX_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class Form:
    """Each parameter at most once; one without a value counts as absent, an unknown one is ignored (RFC 6749 3.2)."""

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Take the decoded pairs in their order. Raises Refused for a repeated parameter or a NUL character."""
        values: dict[str, tuple[str, ...]] = {}
        for count, (name, value) in enumerate(pairs):
            if count >= MAX_PARAMETERS:
                raise Refused(code="invalid_request", description="The request has too many parameters")
            if name in values and name not in REPEATABLE:
                raise Refused(code="invalid_request", description="A parameter is repeated")
            if "\x00" in value or "\ufffd" in value:
                raise Refused(code="invalid_request", description="A parameter is not text")
            values[name] = (*values.get(name, ()), value)
        return cls({name: kept for name, given in values.items() if (kept := tuple(filter(None, given)))})

    def find(self, name: str) -> str | None:
        """The value, or None."""
        given = self.values.get(name)
        return given[0] if given else None

    def get(self, name: str) -> str:
        """The value of a required parameter. Raises Refused when it is absent."""
        value = self.find(name)
        if value is None:
            raise Refused(code="invalid_request", description=f"The parameter {name} is missing")
        return value

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a repeatable parameter."""
        return self.values.get(name, ())
