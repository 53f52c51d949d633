"""A toy step: terms of use are accepted in each login."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from idp.core.oidc.errors import ErrorCode
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions
from idp.core.signin.step import Reason


class ReasonToAccept(Reason):
    """Why the terms are shown."""

    NOT_ACCEPTED = "terms_not_accepted"


class TermsOfUse:
    """The person has not accepted the terms in this login."""

    name: ClassVar[str] = "terms"
    refusal: ClassVar[ErrorCode] = "interaction_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        return None if journey.has_passed(self.name) else ReasonToAccept.NOT_ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptTerms:
    """Notes it. Raises Overtaken."""

    interactions: Interactions

    def __call__(self, journey: Journey, now: datetime) -> None:
        self.interactions.record_passed(journey.ongoing, TermsOfUse.name, now)
