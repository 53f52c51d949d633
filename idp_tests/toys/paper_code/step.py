"""When the toy method is asked for: a client demands its level, which BankID does not reach."""

from typing import ClassVar

from idp.core.oidc.claims.claims_request import find_essential_acrs
from idp.core.oidc.errors import ErrorCode
from idp.core.signin.identification import ReasonToIdentify, reason_to_identify
from idp.core.signin.journey import Journey
from idp_tests.toys.paper_code.method import PAPER


class PaperLogin:
    """Nobody has identified with paper."""

    name: ClassVar[str] = "paper"
    refusal: ClassVar[ErrorCode] = "login_required"
    identifies: ClassVar[bool] = True

    def pending(self, journey: Journey) -> ReasonToIdentify | None:
        is_meant = PAPER.acr in find_essential_acrs(journey.request.claims)
        return reason_to_identify(journey) if is_meant else None
