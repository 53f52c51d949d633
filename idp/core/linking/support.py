"""Support for a company that guessers have shut: what is left there, and one try given back at a time.

Nobody is linked by it. The people of the company prove it as ever, and what was given back can be used up again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.budgets import Budgets, Left
from idp.core.events import LinkUnlocked
from idp.core.linking.limits import CompanyTries, LinkingLimits, company_scopes
from idp.core.linking.ports import Customers


@dataclass(frozen=True, slots=True)
class UnknownNumber:
    """No customer has or had the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtCompany:
    """What is left at the company that a number belongs to, at all its numbers together."""

    customers: Customers
    budgets: Budgets
    limits: LinkingLimits

    def __call__(self, number: str, now: datetime) -> Mapping[CompanyTries, Left] | UnknownNumber:
        company = self.customers.company_of(number, None).counted_as
        if company == number:
            return UnknownNumber()
        scopes = company_scopes(self.limits, company)
        left = self.budgets.left(dict(scopes.values()), now)
        return {tries: left[scope] for tries, (scope, _) in scopes.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockCompany:
    """Gives one try of one kind back. Noted with the operator and the case, whether or not any was missing."""

    look: LookAtCompany
    audit: Audit

    def __call__(
        self, number: str, tries: CompanyTries, now: datetime, *, operator: str, case_id: str
    ) -> Left | UnknownNumber:
        company = self.look.customers.company_of(number, None).counted_as
        if company == number:
            return UnknownNumber()
        scope, budget = company_scopes(self.look.limits, company)[tries]
        self.look.budgets.refund([scope])
        unlocked = LinkUnlocked(customer_id=company, tries=tries.value, operator=operator, case_id=case_id)
        self.audit.record(unlocked, now)
        return self.look.budgets.left({scope: budget}, now)[scope]
