"""Identify again: the person asks for it, where the last identification is not worth what the page needs."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.signin.identification import IDENTIFY_AGAIN
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyAgain:
    """Notes when it was asked for; only an identification after that counts from now on. Raises Overtaken."""

    interactions: Interactions

    def __call__(self, journey: Journey, now: datetime) -> None:
        self.interactions.record_passed(journey.ongoing, IDENTIFY_AGAIN, now)
