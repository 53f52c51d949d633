"""One more company: the person asks for it on the page of companies, thinks better of it, or takes back a wrong one."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.leave_customer import LeaveCustomer, Left
from idp.core.signin.journey import NEW_CUSTOMER, NO_NEW_CUSTOMER, Journey
from idp.core.signin.next_step import RequiredStep
from idp.core.signin.ports import Interactions
from idp.core.signin.steps.choose_customer import ChooseCustomer
from idp.core.signin.steps.consent import Consent
from idp.core.signin.steps.link_customer import LinkCustomer


def may_ask(required: RequiredStep | None) -> bool:
    """Where companies are chosen."""
    return required is not None and required.step.name == ChooseCustomer.name


def may_decline(journey: Journey) -> bool:
    """Where one more is asked for; who has none yet cannot do without."""
    return journey.new_customer_wanted_at is not None


def may_take_back(required: RequiredStep | None) -> bool:
    """Where a person sees the company that was just linked, before anybody is told of it."""
    return required is not None and required.step.name in {ChooseCustomer.name, Consent.name, LinkCustomer.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForNewCustomer:
    """Notes when it was asked for. Raises Overtaken."""

    interactions: Interactions

    def __call__(self, journey: Journey, now: datetime) -> None:
        self.interactions.record_passed(journey.ongoing, NEW_CUSTOMER, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineNewCustomer:
    """Notes that the companies which are there will do; what was proved, but did not suffice, is forgotten. Raises Overtaken."""

    interactions: Interactions

    def __call__(self, journey: Journey, now: datetime) -> None:
        self.interactions.record_set_aside(journey.ongoing, NO_NEW_CUSTOMER, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackCustomer:
    """Ends a link that this person has made lately, and asks for the right company.

    What was linked before that stays for the account's own page. Raises Overtaken.
    """

    interactions: Interactions
    leave: LeaveCustomer

    def __call__(self, journey: Journey, customer_id: str, now: datetime) -> bool:
        """Whether there was such a link."""
        person, interaction = journey.person, journey.ongoing
        if person is None or customer_id not in {link.customer_id for link in journey.linked_lately}:
            return False
        held = self.interactions.hold(interaction, now)
        left = self.leave(person.id, customer_id, now, made_since=journey.lately)
        self.interactions.record_set_aside(held, NEW_CUSTOMER, now)
        return isinstance(left, Left)
