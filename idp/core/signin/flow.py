"""The leaflet as code: the steps in their order, and which one is next."""

from collections.abc import Sequence

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
