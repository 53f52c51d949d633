"""The leaflet as code: the steps in their order, and which one is next."""

from collections.abc import Sequence

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.errors import Redirected
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason, Step
from idp.core.signin.steps.bankid_login import BankIdLogin
from idp.core.signin.steps.choose_customer import ChooseCustomer
from idp.core.signin.steps.consent import Consent
from idp.core.signin.steps.link_customer import LinkCustomer
from idp.core.signin.steps.register import Register
from idp.core.signin.steps.sign_in_again import SignInAgain

STEPS: Sequence[Step] = (BankIdLogin(), LinkCustomer(), Register(), SignInAgain(), ChooseCustomer(), Consent())


def next_step(journey: Journey) -> tuple[Step, Reason] | None:
    """The first step that is still needed, and why; None when the client can be answered."""
    for step in STEPS:
        reason = step.pending(journey)
        if reason is not None:
            return step, reason
    return None


def refuse_silence(journey: Journey) -> None:
    """Raise Redirected when a page is needed and the client wants none (OpenID Connect Core 3.1.2.6)."""
    required = next_step(journey)
    if required is not None and Prompt.NONE in journey.request.prompt:
        step, reason = required
        raise Redirected(
            code=step.refusal,
            description="The person would have to act, and prompt is none",
            detail=reason,
            reply_to=journey.request.reply_to,
        )
