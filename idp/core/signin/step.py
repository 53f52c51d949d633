"""Step: one thing a person may have to do before the client is answered."""

from enum import StrEnum
from typing import ClassVar, Protocol

from idp.core.oidc.errors import ErrorCode
from idp.core.signin.journey import Journey


class Reason(StrEnum):
    """Why a step is pending; each step declares its own. Shown to nobody, recorded in the audit log."""


class Step(Protocol):
    """A step only answers whether, and why, it is still needed."""

    @property
    def name(self) -> str:
        """The page's place in the URL and in templates."""

    refusal: ClassVar[ErrorCode]
    """The error for prompt=none (OpenID Connect Core 3.1.2.6)."""
    identifies: ClassVar[bool]
    """Whether an identification takes a person through it."""

    def pending(self, journey: Journey) -> Reason | None: ...
