"""Prove a claim: whether number and digits belong together.

The pair is a knowledge proof for a link and nothing else: it makes no session, no acr and no amr. It is guessable, so
every try is paid for before it is verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from idp.core.budgets import Budget, Budgets, Exhausted
from idp.core.linking.claim import Claim, parse_claim
from idp.core.linking.ports import Customers
from idp.core.people.contact import FieldProblems


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingPolicy:
    """Budgets of wrong tries and the shape of a customer number."""

    pattern: str
    """A regular expression."""
    per_person: Budget
    per_customer: Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """The claim is true."""

    customer_id: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Number and digits do not belong together, or the number is unknown: one answer for every failure."""

    left: int
    until: datetime | None
    """When tries come back; None while some are left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveClaim:
    """Checks one try. Malformed input and what this person has tried before cost nothing; all else is charged first."""

    customers: Customers
    budgets: Budgets
    policy: LinkingPolicy

    def __call__(
        self, form: Mapping[str, str], person_key: str, now: datetime
    ) -> Proved | Mismatch | Exhausted | FieldProblems:
        """`person_key` names the identified person in the counters, with or without an account."""
        claim = parse_claim(form, self.policy.pattern)
        if isinstance(claim, FieldProblems):
            return claim
        number, policy = claim.customer_number.value, self.policy
        scopes = {f"linking.person {person_key}": policy.per_person, f"linking.customer {number}": policy.per_customer}
        pair = f"linking.pair {_pair(claim, person_key)}"
        charged = self.budgets.charge(scopes, now, once=pair)
        if isinstance(charged, Exhausted):
            return charged
        customer_id = self.customers.verify(number, claim.last_four.digits)
        if customer_id is None:
            # A repeat may outlive the window it was paid in; "five left" would still say that it was one.
            return Mismatch(left=min(charged.left, policy.per_person.limit - 1), until=charged.until)
        self.budgets.refund(scopes, once=pair)
        return Proved(customer_id=customer_id, number=number)


def _pair(claim: Claim, person_key: str) -> str:
    """Each person's own: a pair that is free because somebody else tried it would tell of that other's try."""
    return f"{person_key}|{claim.customer_number.value}|{claim.last_four.digits}"
