"""Choose the company, when the person is linked to several and the client wants one ("Välj företag")."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.errors import ErrorCode
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions
from idp.core.signin.step import Reason


class ReasonToChoose(Reason):
    """Why a company must be chosen."""

    SEVERAL_CUSTOMERS = "several_customers"
    SELECT_ACCOUNT = "select_account"
    LINKED_NOW = "linked_now"
    """One more company was linked in this login: is it the one that this login is about?"""


class ChooseCustomer:
    """Several customers and none chosen, or the client asks to choose once more, be it among one: another can be linked."""

    name: ClassVar[str] = "choose"
    refusal: ClassVar[ErrorCode] = "account_selection_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        if not journey.client.select_customer or journey.person is None or not journey.person.links:
            return None
        interaction = journey.interaction
        chosen_now = interaction is not None and interaction.chosen_customer_id is not None
        if Prompt.SELECT_ACCOUNT in journey.request.prompt and not chosen_now:
            return ReasonToChoose.SELECT_ACCOUNT
        if len(journey.person.links) == 1:
            return None
        if interaction is not None and interaction.linked is not None and not chosen_now:
            return ReasonToChoose.LINKED_NOW
        return ReasonToChoose.SEVERAL_CUSTOMERS if journey.customer_id is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The company of this login."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTheirs:
    """Nothing was chosen, or no company of this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectCustomer:
    """Takes the choice, one of the person's own companies only. Raises Overtaken."""

    interactions: Interactions

    def __call__(self, journey: Journey, customer_id: str, now: datetime) -> Selected | NotTheirs:
        if journey.person is None or journey.person.link_to(customer_id) is None:
            return NotTheirs()
        self.interactions.record_customer(journey.ongoing, customer_id, now)
        return Selected(customer_id=customer_id)
