"""Log in by a method of identification: when it is needed."""

from dataclasses import dataclass
from typing import ClassVar

from idp.core.oidc.errors import ErrorCode
from idp.core.signin.identification import reason_to_identify
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason


@dataclass(frozen=True, slots=True)
class LogIn:
    """Nobody is identified, or not freshly enough, or somebody else is meant."""

    name: str
    """The method's page."""
    refusal: ClassVar[ErrorCode] = "login_required"
    identifies: ClassVar[bool] = True

    def pending(self, journey: Journey) -> Reason | None:
        return reason_to_identify(journey)
