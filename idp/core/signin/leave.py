"""Leave: the person gives up, and the client is told why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.events import LoginLeft
from idp.core.identification.method import AnyMethod, Standing
from idp.core.oidc.errors import Redirected
from idp.core.signin.interaction import Outcome
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Ends the interaction; nothing is kept but the audit row. Raises Overtaken when it has ended or moved meanwhile."""

    interactions: Interactions
    methods: Sequence[AnyMethod]
    audit: Audit

    def __call__(self, journey: Journey, now: datetime) -> Redirected:
        """The error that the client is answered with."""
        interaction = journey.ongoing
        self.interactions.finish(interaction, None, Outcome.LEFT, now)
        out_of_reach = self._give_up(interaction.id, now)
        self.audit.record(LoginLeft(interaction_id=interaction.id, client_id=journey.client.client_id), now)
        return Redirected(
            code="temporarily_unavailable" if out_of_reach else "access_denied",
            description="Nobody could be identified" if out_of_reach else "The person left the login",
            reply_to=journey.request.reply_to,
        )

    def _give_up(self, identification_id: str, now: datetime) -> bool:
        """Cancel what is under way; True when a method was out of reach, whatever the person wanted."""
        standings = [method.cancel(identification_id, now) for method in self.methods]
        return Standing.OUT_OF_REACH in standings
