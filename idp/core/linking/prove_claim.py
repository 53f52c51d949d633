"""Prove a claim: whether number and digits belong together.

The pair is a knowledge proof for a link and nothing else: it makes no session, no acr and no amr. It is guessable, so
every try is paid for before it is verified.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from idp.core.budgets import Budget, Budgets, Charged, Exhausted, Left
from idp.core.linking.attempts import Attempt, Attempts, Claimant, Result, Tier
from idp.core.linking.claim import Claim, LastFour, parse_claim
from idp.core.linking.limits import (
    EVERYBODY,
    Alarm,
    LinkingLimits,
    Scopes,
    alarm_scope,
    pausing_scopes,
    person_key,
    right_pair,
    scopes_of,
)
from idp.core.linking.ports import Company, Customers
from idp.core.people.contact import FieldProblem, FieldProblems, parse_customer_number
from idp.core.people.customer import LinkAssurance
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
    alarms: frozenset[Alarm] = frozenset()
    """What began with this try; for us, not for the person."""


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


class Untold(StrEnum):
    """What proves a company of which nobody would hear that it has a new user."""

    FOUR_DIGITS = "four_digits"
    """What proves any other."""
    WHOLE_NUMBER = "whole_number"
    """The whole organisation number; right digits are answered like wrong ones, for they must not be found out by it."""
    SUPPORT = "support"
    """Nothing that is typed: its people call customer service."""


Answer = Proved | Mismatch | WholeNumberNeeded | PersonPaused | CompanyPaused
"""What a try comes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveClaim:
    """Checks one try, and notes it. Malformed input and what this person has tried before cost nothing; all else is charged first."""

    customers: Customers
    budgets: Budgets
    attempts: Attempts
    pattern: str
    """Regular expression of a customer number."""
    limits: LinkingLimits
    untold: Untold = Untold.WHOLE_NUMBER
    by_sms: bool = False
    """Whether a telephone number is a way to tell somebody."""

    def __call__(
        self, form: Mapping[str, str], claimant: Claimant, now: datetime, *, whole_number_only: bool = False
    ) -> Answer | FieldProblems:
        """A sole trader needs no digits: the identification has proved them, so nothing is guessed and nothing paid.

        With `whole_number_only` it is not worth that: the whole number is what proves, a sole trader's own as well.
        """
        number = parse_customer_number(form.get("customer_number", ""), self.pattern)
        claim = parse_claim(form, self.pattern)
        if whole_number_only and isinstance(claim, Claim) and not isinstance(claim.digits, OrganisationNumber):
            return WholeNumberNeeded()
        if isinstance(number, FieldProblem):
            return claim if isinstance(claim, FieldProblems) else FieldProblems.among(customer_number=number)
        own = None if whole_number_only else claimant.identity.sole_traders_number
        company = self.customers.company_of(number.value, own)
        answer: Answer
        if company.owned is not None:
            tier = Tier.OWN_NUMBER
            answer = Proved(customer_id=company.owned, number=number.value, assurance=LinkAssurance.SIGNATORY)
        elif isinstance(claim, FieldProblems):
            return claim
        else:
            tier = Tier.FOUR_DIGITS if isinstance(claim.digits, LastFour) else Tier.WHOLE_NUMBER
            answer = self._judge(claim, company, claimant, now)
        self.attempts.record(_attempt(claimant, number.value, company, tier, answer, now))
        return answer

    def _judge(self, claim: Claim, company: Company, claimant: Claimant, now: datetime) -> Answer:
        person = person_key(claimant.identity)
        scopes = scopes_of(
            self.limits, claim.digits, person=person, company=company.counted_as, networks=claimant.networks
        )
        this_try = f"linking.pair {_pair(claim, person)}"
        charged = self.budgets.charge(scopes.all, now, once=this_try)
        if isinstance(charged, Exhausted):
            return _not_looked_at(charged, scopes)
        customer_id = self.customers.verify(claim)
        if customer_id is None or not self._suffices(claim, company):
            return self._mismatch(charged, scopes, now)
        self.budgets.refund(scopes.all, once=this_try)
        if isinstance(self.budgets.charge(right_pair(person, company.counted_as), now), Charged):
            self.budgets.refund([EVERYBODY])
        return Proved(customer_id=customer_id, number=claim.customer_number.value)

    def _suffices(self, claim: Claim, company: Company) -> bool:
        """Decided by what was typed and whose the number is, never by whether it was right."""
        if company.is_told or (company.has_phone and self.by_sms):
            return True
        match self.untold:
            case Untold.FOUR_DIGITS:
                return True
            case Untold.WHOLE_NUMBER:
                return isinstance(claim.digits, OrganisationNumber)
            case Untold.SUPPORT:
                return False
            case _:
                assert_never(self.untold)

    def is_paused(self, number: str, person: str, now: datetime) -> bool:
        """Whether no try of this person at this number would be looked at, whatever was typed."""
        scopes = pausing_scopes(self.limits, person, self.customers.company_of(number, None).counted_as)
        return any(left.acts == 0 for left in self.budgets.left(scopes, now).values())

    def _mismatch(self, charged: Charged, scopes: Scopes, now: datetime) -> Mismatch:
        """A repeat may outlive the window that it was paid in; "five left" would still say that it was one."""
        own = min((charged.left[scope] for scope in scopes.person), key=_fewest)
        four_digits = charged.left.get(scopes.person_four_digits)
        return Mismatch(
            left=min(own.acts, self.limits.person_per_day - 1),
            until=own.until,
            whole_number_next=four_digits is not None and four_digits.acts == 0,
            alarms=frozenset(self._begun(charged, scopes, now)),
        )

    def _begun(self, charged: Charged, scopes: Scopes, now: datetime) -> Iterator[Alarm]:
        """A scope that stays used up, or is used up again within its window, is told once."""
        for scope, alarm in scopes.alarming.items():
            told = {alarm_scope(scope): Budget(limit=1, window=scopes.all[scope].window)}
            if charged.left[scope].acts == 0 and isinstance(self.budgets.charge(told, now), Charged):
                yield alarm


def _attempt(claimant: Claimant, number: str, company: Company, tier: Tier, answer: Answer, now: datetime) -> Attempt:
    return Attempt(
        at=now,
        reference=claimant.reference,
        identity=claimant.identity,
        person_id=claimant.person_id,
        authentication_id=claimant.authentication_id,
        verdict=claimant.verdict,
        interaction_id=claimant.interaction_id,
        number=number,
        customer_id=company.customer_id,
        tier=tier,
        result=_RESULTS[type(answer)],
        network=claimant.networks[1] if claimant.networks else None,
    )


_RESULTS: Mapping[type[Answer], Result] = {
    Proved: Result.PROVED,
    Mismatch: Result.MISMATCH,
    WholeNumberNeeded: Result.WHOLE_NUMBER_NEEDED,
    PersonPaused: Result.PERSON_PAUSED,
    CompanyPaused: Result.COMPANY_PAUSED,
}


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
