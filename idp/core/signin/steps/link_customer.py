"""Prove an old customer number ("Logga in med era gamla inloggningsuppgifter").

The pair is a knowledge proof for a link and nothing else: it makes no session, no acr and no amr. It is guessable, so
every try is paid for before it is verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from idp.core.budgets import Budget, Budgets, Exhausted
from idp.core.oidc.errors import ErrorCode
from idp.core.people.contact import FieldProblems, parse_link
from idp.core.people.customer import LinkClaim
from idp.core.signin.interaction import Linked
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Customers
from idp.core.signin.step import Reason


class LinkCustomer:
    """The client serves customers, and nobody knows yet which one this person belongs to."""

    name: ClassVar[str] = "link"
    refusal: ClassVar[ErrorCode] = "interaction_required"

    def pending(self, journey: Journey) -> Reason | None:
        needed = journey.client.require_customer_link and not journey.is_proved_linked
        return Reason.UNKNOWN_PERSON if needed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Number and digits do not belong together, or the number is unknown: one answer for every failure."""

    left: int
    until: datetime | None
    """When tries come back; None while some are left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingPolicy:
    """Budgets of wrong tries and the shape of a customer number."""

    pattern: str
    per_person: Budget
    per_customer: Budget


def link_customer(
    form: Mapping[str, str],
    *,
    person_key: str,
    customers: Customers,
    budgets: Budgets,
    policy: LinkingPolicy,
    now: datetime,
) -> Linked | Mismatch | Exhausted | FieldProblems:
    """Check one try. Malformed input and what this person has tried before cost nothing; all else is charged first.

    `person_key` names the identified person in the counters, whether known here or not.
    """
    claim = parse_link(form, policy.pattern)
    if isinstance(claim, FieldProblems):
        return claim
    scopes = {
        f"linking.person {person_key}": policy.per_person,
        f"linking.customer {claim.customer_number.value}": policy.per_customer,
    }
    pair = f"linking.pair {_pair(claim, person_key)}"
    charged = budgets.charge(scopes, now, once=pair)
    if isinstance(charged, Exhausted):
        return charged
    customer_id = customers.verify(claim.customer_number.value, claim.last_four.digits)
    if customer_id is None:
        # A repeat may outlive the window it was paid in; "five left" would still say that it was one.
        left = min(charged.left, policy.per_person.limit - 1)
        return Mismatch(left=left, until=charged.until)
    budgets.refund(scopes, once=pair)
    return Linked(at=now, customer_id=customer_id, number=claim.customer_number.value)


def _pair(claim: LinkClaim, person_key: str) -> str:
    """Each person's own: a pair that is free because somebody else tried it would tell of that other's try."""
    return f"{person_key}|{claim.customer_number.value}|{claim.last_four.digits}"
