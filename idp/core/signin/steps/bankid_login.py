"""Identify with BankID: when it is needed."""

from typing import ClassVar

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.errors import ErrorCode
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason


class BankIdLogin:
    """Nobody is identified, or not freshly enough, or somebody else is meant."""

    name: ClassVar[str] = "bankid"
    refusal: ClassVar[ErrorCode] = "login_required"

    def pending(self, journey: Journey) -> Reason | None:
        """Measured at the request's arrival, not now: otherwise max_age=0 would ask again on every redirect."""
        identified_at = journey.identified_at
        if identified_at is None:
            return Reason.NO_SESSION
        arrived_at = journey.request.arrived_at
        if self._login_is_demanded(journey) and identified_at <= arrived_at:
            return Reason.PROMPT_LOGIN
        max_age = journey.request.max_age
        if max_age is not None and (arrived_at - identified_at).total_seconds() > max_age:
            return Reason.MAX_AGE
        hinted = journey.request.hinted_sub
        if hinted is not None and journey.subject is not None and hinted != journey.subject:
            return Reason.OTHER_PERSON_HINTED
        return None

    @staticmethod
    def _login_is_demanded(journey: Journey) -> bool:
        prompt = journey.request.prompt
        return Prompt.LOGIN in prompt or (journey.client.reidentify_without_prompt and not prompt)
