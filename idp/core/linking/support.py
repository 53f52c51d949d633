"""Support: what somebody may do who verified that a caller belongs to a company or is a person that ran out of tries.

One step of one kind at a time, with the case in which the caller was verified, and told to the company's contact. What ends a
year's tries is only opened by two: whoever persuades one of us has not persuaded the other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from idp.core.audit_log import Audit
from idp.core.budgets import Budget, Budgets, Left
from idp.core.events import LinkUnlocked
from idp.core.linking.attempts import Attempts, Seen
from idp.core.linking.limits import LinkingLimits, Tries, alarm_scope, company_scopes, person_key, person_scopes
from idp.core.linking.ports import Contacts, Customers
from idp.core.messages import TRIES_GIVEN_BACK_KIND, Outbox
from idp.core.people.identity import Identity

BY_TWO: Final = frozenset({Tries.PERSON_YEAR, Tries.COMPANY_WHOLE_NUMBER})
"""What two operators must want, the second within a day."""
SECOND_WITHIN: Final = timedelta(days=1)
SHOWN: Final = 20
_REFERENCE = re.compile(r"[2-9A-HJKMNP-Z]{8}")
_PERSON = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class NothingKnown:
    """No attempt has the reference, no person the id, and no customer has or had the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is left in each scope that the words lead to, and the latest tries there."""

    left: Mapping[Tries, Left]
    seen: Sequence[Seen]


@dataclass(frozen=True, slots=True)
class NoSuchTries:
    """The words lead to a person or a company that has no tries of this kind."""


@dataclass(frozen=True, slots=True)
class AnotherMustAsk:
    """Noted; another operator has to ask for the same in the same case."""


class People(Protocol):
    """Persons, as they are counted."""

    def identity_of(self, person_id: str) -> Identity:
        """Raises LookupError when there is no such person."""


class Unlocks(Protocol):
    """What one operator asked for, waiting for another."""

    def second(self, what: str, case_id: str, operator: str, now: datetime) -> str | None:
        """Who asked for the same since a day before, another than this operator, and is used up by it; else this one is noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Whom words lead to."""

    identity: Identity | None
    person_id: str | None
    company: str | None
    """As it is counted."""
    customer_id: str | None
    scopes: Mapping[Tries, tuple[str, Budget]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtTries:
    """What is left to a person, at a company, or to both when the words are a reference of a try."""

    customers: Customers
    people: People
    attempts: Attempts
    budgets: Budgets
    limits: LinkingLimits

    def __call__(self, words: str, now: datetime) -> Found | NothingKnown:
        target = self.target(words)
        if target is None:
            return NothingKnown()
        left = self.budgets.left(dict(target.scopes.values()), now)
        return Found(
            left={tries: left[scope] for tries, (scope, _) in target.scopes.items()}, seen=self._seen(words, target)
        )

    def target(self, words: str) -> _Target | None:
        """By a reference, else a person's id, else a customer number."""
        if _REFERENCE.fullmatch(words) and (seen := self.attempts.with_reference(words)) is not None:
            identity = self.attempts.identity_behind(words)
            return self._target(identity, seen.person_id, seen.customer_id, seen.customer_id)
        if _PERSON.fullmatch(words):
            try:
                return self._target(self.people.identity_of(words), words, None, None)
            except LookupError:
                return None
        company = self.customers.company_of(words, None)
        is_known = company.customer_id is not None or self.attempts.at_number(words, limit=1)
        return self._target(None, None, company.counted_as, company.customer_id) if is_known else None

    def _target(
        self, identity: Identity | None, person_id: str | None, company: str | None, customer_id: str | None
    ) -> _Target:
        of_person = person_scopes(self.limits, person_key(identity)) if identity is not None else {}
        of_company = company_scopes(self.limits, company) if company is not None else {}
        return _Target(
            identity=identity,
            person_id=person_id,
            company=company,
            customer_id=customer_id,
            scopes={**of_person, **of_company},
        )

    def _seen(self, words: str, target: _Target) -> Sequence[Seen]:
        if target.identity is not None:
            return self.attempts.by_identity(target.identity, limit=SHOWN)
        if target.customer_id is not None:
            return self.attempts.at_customer(target.customer_id, limit=SHOWN)
        return self.attempts.at_number(words, limit=SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveTryBack:
    """Gives one try of one kind back. Noted with the operators and the case, whether or not any was missing."""

    look: LookAtTries
    contacts: Contacts
    unlocks: Unlocks
    outbox: Outbox
    audit: Audit

    def __call__(
        self, words: str, tries: Tries, now: datetime, *, operator: str, case_id: str
    ) -> Left | NothingKnown | NoSuchTries | AnotherMustAsk:
        target = self.look.target(words)
        if target is None:
            return NothingKnown()
        if tries not in target.scopes:
            return NoSuchTries()
        scope, budget = target.scopes[tries]
        first = self.unlocks.second(scope, case_id, operator, now) if tries in BY_TWO else None
        if tries in BY_TWO and first is None:
            return AnotherMustAsk()
        self.look.budgets.refund([scope])
        self.look.budgets.refund([alarm_scope(scope)])
        self._tell(target, tries, now, operator=operator, first=first, case_id=case_id)
        return self.look.budgets.left({scope: budget}, now)[scope]

    def _tell(
        self, target: _Target, tries: Tries, now: datetime, *, operator: str, first: str | None, case_id: str
    ) -> None:
        unlocked = LinkUnlocked(
            customer_id=target.customer_id,
            person_id=target.person_id,
            guesser=self.look.attempts.pseudonym(target.identity) if target.identity is not None else None,
            tries=tries.value,
            operator=operator,
            asked_first_by=first,
            case_id=case_id,
        )
        self.audit.record(unlocked, now)
        on_file = self.contacts.of_customer(target.customer_id) if target.customer_id is not None else None
        if on_file is not None and on_file.email is not None:
            payload = {"to": on_file.email, "customer_name": on_file.customer_name, "at": now.isoformat()}
            key = f"{TRIES_GIVEN_BACK_KIND}:{target.customer_id}:{tries}:{now.isoformat()}"
            self.outbox.put(TRIES_GIVEN_BACK_KIND, key, payload, now)
