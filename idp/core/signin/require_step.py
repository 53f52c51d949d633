"""Require a step: send the person on, and write down which step was needed and why."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.events import StepRequired
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class RequireStep:
    """Notes it for somebody who is known; a stranger could have rows kept for a year by reloading a page."""

    audit: Audit

    def __call__(self, journey: Journey, step: Step, reason: Reason, now: datetime) -> None:
        if journey.identified_at is None:
            return
        required = StepRequired(
            person_id=journey.person_id,
            client_id=journey.client.client_id,
            interaction_id=journey.ongoing.id,
            step=step.name,
            reason=reason,
        )
        self.audit.record(required, now)
