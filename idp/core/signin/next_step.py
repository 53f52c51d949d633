"""The flow: the leaflet's steps in the order that the assembly gives them, and which one is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.errors import Redirected
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason, Step


class RequiredStep(NamedTuple):
    """A step that is still needed, and why."""

    step: Step
    reason: Reason


@dataclass(frozen=True, slots=True)
class Flow:
    """Walks the steps from the top, so that a reload, the back button and a second tab all lead to the right one."""

    steps: Sequence[Step]

    def next_step(self, journey: Journey) -> RequiredStep | None:
        """The first step that is still needed; None when the client can be answered."""
        for step in self.steps:
            reason = step.pending(journey)
            if reason is not None:
                return RequiredStep(step, reason)
        return None


def is_answered_at_once(journey: Journey, required: RequiredStep | None) -> bool:
    """Without any page: an app's way back is one too, but never where the client wants none (OpenID Connect Core 3.1.2.1)."""
    return required is None and (Prompt.NONE in journey.request.prompt or not journey.client.is_native)


def refuse_silence(journey: Journey, required: RequiredStep | None) -> None:
    """Raise Redirected when a page is needed and the client wants none (OpenID Connect Core 3.1.2.6)."""
    if required is not None and Prompt.NONE in journey.request.prompt:
        raise Redirected(
            code=required.step.refusal,
            description="The person would have to act, and prompt is none",
            detail=required.reason,
            reply_to=journey.request.reply_to,
        )
