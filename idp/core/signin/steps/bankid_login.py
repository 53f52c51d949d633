"""Identify with BankID: when it is needed."""

from typing import ClassVar

from idp.core.oidc.errors import ErrorCode
from idp.core.signin.identification import reason_to_identify
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason


class BankIdLogin:
    """Nobody is identified, or not freshly enough, or somebody else is meant."""

    name: ClassVar[str] = "bankid"
    refusal: ClassVar[ErrorCode] = "login_required"
    identifies: ClassVar[bool] = True

    def pending(self, journey: Journey) -> Reason | None:
        return reason_to_identify(journey)
