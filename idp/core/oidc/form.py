"""Form: the parameters of a request that a program sends in a body (RFC 6749 3.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import REPEATABLE, RawParameters


@dataclass(frozen=True, slots=True)
class Form:
    """Each parameter at most once; one without a value counts as absent, an unknown one is ignored (RFC 6749 3.2)."""

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
