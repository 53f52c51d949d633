"""Prove a claim: whether number and digits belong together.

The pair is a knowledge proof for a link and nothing else: it makes no session, no acr and no amr. It is guessable, so
every try is paid for before it is verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from idp.core.budgets import Budgets, Charged, Exhausted, Left
from idp.core.linking.claim import Claim, parse_claim
from idp.core.linking.limits import (
    EVERYBODY,
    LinkingLimits,
    Networks,
    Scopes,
    pausing_scopes,
    person_key,
    right_pair,
    scopes_of,
)
from idp.core.linking.ports import Customers
from idp.core.people.contact import FieldProblem, FieldProblems, parse_customer_number
from idp.core.people.customer import LinkAssurance
from idp.core.people.identity import Identity
from idp.core.people.organisation_number import OrganisationNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """The claim is true."""

    customer_id: str
    number: str
    assurance: LinkAssurance = LinkAssurance.LEGACY_KNOWLEDGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Number and digits do not belong together, or the number is unknown: one answer for every failure."""

    left: int
    until: datetime | None
    """When tries come back; None while some are left."""
    whole_number_next: bool
    """Whether the person has used up the four digits with this try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeNumberNeeded:
    """Four digits were not looked at: too many were wrong somewhere, or this person needs a second proof. The whole number is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPaused:
    """Nothing was looked at: the person has made too many wrong tries."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyPaused:
    """Nothing was looked at: this person, or many people, have tried too many whole numbers at this company."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveClaim:
    """Checks one try. Malformed input and what this person has tried before cost nothing; all else is charged first."""

    customers: Customers
    budgets: Budgets
    pattern: str
    """Regular expression of a customer number."""
    limits: LinkingLimits

    def __call__(
        self,
        form: Mapping[str, str],
        identity: Identity,
        networks: Networks | None,
        now: datetime,
        *,
        whole_number_only: bool = False,
    ) -> Proved | Mismatch | WholeNumberNeeded | PersonPaused | CompanyPaused | FieldProblems:
        """`identity` is of the identified person, with or without an account; no `networks`: of an unknown address.

        A sole trader needs no digits: the identification has proved them, so nothing is guessed and nothing paid. With
        `whole_number_only` it is not worth that: the whole number is what proves, a sole trader's own as well.
        """
        number = parse_customer_number(form.get("customer_number", ""), self.pattern)
        claim = parse_claim(form, self.pattern)
        if whole_number_only and isinstance(claim, Claim) and not isinstance(claim.digits, OrganisationNumber):
            return WholeNumberNeeded()
        if isinstance(number, FieldProblem):
            return claim if isinstance(claim, FieldProblems) else FieldProblems.among(customer_number=number)
        own = None if whole_number_only else identity.sole_traders_number
        company = self.customers.company_of(number.value, own)
        if company.owned is not None:
            return Proved(customer_id=company.owned, number=number.value, assurance=LinkAssurance.SIGNATORY)
        return (
            claim
            if isinstance(claim, FieldProblems)
            else self._judge(claim, company.counted_as, identity, networks, now)
        )

    def _judge(
        self, claim: Claim, company: str, identity: Identity, networks: Networks | None, now: datetime
    ) -> Proved | Mismatch | WholeNumberNeeded | PersonPaused | CompanyPaused:
        person = person_key(identity)
        scopes = scopes_of(self.limits, claim.digits, person=person, company=company, networks=networks)
        this_try = f"linking.pair {_pair(claim, person)}"
        charged = self.budgets.charge(scopes.all, now, once=this_try)
        if isinstance(charged, Exhausted):
            return _not_looked_at(charged, scopes)
        customer_id = self.customers.verify(claim)
        if customer_id is None:
            return self._mismatch(charged, scopes)
        self.budgets.refund(scopes.all, once=this_try)
        if isinstance(self.budgets.charge(right_pair(person, company), now), Charged):
            self.budgets.refund([EVERYBODY])
        return Proved(customer_id=customer_id, number=claim.customer_number.value)

    def is_paused(self, number: str, person: str, now: datetime) -> bool:
        """Whether no try of this person at this number would be looked at, whatever was typed."""
        scopes = pausing_scopes(self.limits, person, self.customers.company_of(number, None).counted_as)
        return any(left.acts == 0 for left in self.budgets.left(scopes, now).values())

    def _mismatch(self, charged: Charged, scopes: Scopes) -> Mismatch:
        """A repeat may outlive the window that it was paid in; "five left" would still say that it was one."""
        own = min((charged.left[scope] for scope in scopes.person), key=_fewest)
        four_digits = charged.left.get(scopes.person_four_digits)
        return Mismatch(
            left=min(own.acts, self.limits.person_per_day - 1),
            until=own.until,
            whole_number_next=four_digits is not None and four_digits.acts == 0,
        )


def _not_looked_at(full: Exhausted, scopes: Scopes) -> WholeNumberNeeded | PersonPaused | CompanyPaused:
    """The person's own pause goes first: it would stand whatever else is typed."""
    if own := [end for scope, end in full.ends.items() if scope in scopes.person]:
        return PersonPaused(until=max(own))
    return CompanyPaused(until=full.until) if scopes.company else WholeNumberNeeded()


def _fewest(left: Left) -> tuple[int, float]:
    """Where several have nothing left, the one that comes back last."""
    return left.acts, -left.until.timestamp() if left.until else 0


def _pair(claim: Claim, person: str) -> str:
    """Each person's own: a pair that is free because somebody else tried it would tell of that other's try."""
    return f"{person}|{claim.customer_number.value}|{claim.digits.digits}"
