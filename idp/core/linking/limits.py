"""Linking limits: what a try is counted in, so that guessing is hopeless and nobody's way in can be taken by one other person.

Four digits are the leaflet's secret and a poor one. Wrong tries take them away, from the person who tried and from the
company that was tried, and the whole organisation number is asked for. That has budgets of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from idp.core.budgets import Budget
from idp.core.linking.claim import LastFour
from idp.core.people.identity import Identity
from idp.core.people.organisation_number import OrganisationNumber

Networks = tuple[IPv4Network | IPv6Network, IPv4Network | IPv6Network]
"""The caller's own, and what lies around it."""
HOUR, DAY, MONTH, YEAR = (timedelta(hours=hours) for hours in (1, 24, 24 * 30, 24 * 365))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingLimits:
    """Wrong tries that may be made. A right one is given back."""

    person_per_day: int
    person_per_month: int
    person_per_year: int
    """By one identified person, four digits and whole numbers together."""
    person_four_digits_per_year: int
    company_four_digits_per_year: int
    """At all numbers of one company, by everybody."""
    company_whole_numbers_per_year: int
    """At all numbers of one company, by everybody."""
    person_at_company_per_month: int
    """Whole numbers by one person at one company: fewer than the company's, so that one stranger never uses those up."""
    address_per_hour: int
    address_per_day: int
    """Four digits from one address; IPv6: from one /64."""
    network_per_day: int
    """Four digits from one network, /24 or IPv6 /48."""
    everybody_per_day: int
    """Four digits by everybody, more than there were right ones: the brake."""


class Tries(StrEnum):
    """What is counted of one person and at one company, in the support desk's words."""

    PERSON_DAY = "person-day"
    PERSON_MONTH = "person-month"
    PERSON_YEAR = "person-year"
    PERSON_FOUR_DIGITS = "person-four-digits"
    COMPANY_FOUR_DIGITS = "company-four-digits"
    COMPANY_WHOLE_NUMBER = "company-whole-number"


class Alarm(StrEnum):
    """What somebody must look at; each is told once, when it begins."""

    BRAKE = "brake"
    """Nobody may use four digits any more: many people guess."""
    COMPANY_PROBED = "company-probed"
    """All tries of one kind at one company are used up."""
    PERSON_USED_UP = "person-used-up"
    """One person has made all the tries of a month or a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """What one try is counted in, by what it means when nothing is left there."""

    person: Mapping[str, Budget]
    """The person waits."""
    company: Mapping[str, Budget]
    """The company's numbers are no way in for this person for now, nor for others who guess."""
    four_digits: Mapping[str, Budget]
    """Four digits are not enough."""
    person_four_digits: str
    """Of those, the person's own."""
    alarming: Mapping[str, Alarm]
    """Those that we want to know of when nothing is left in them."""

    @property
    def all(self) -> Mapping[str, Budget]:
        return {**self.person, **self.company, **self.four_digits}


def scopes_of(
    limits: LinkingLimits,
    digits: LastFour | OrganisationNumber,
    *,
    person: str,
    company: str,
    networks: Networks | None,
) -> Scopes:
    """An address takes four digits away from those who share it, and never more: behind one there may be a thousand people."""
    of_person, of_company = person_scopes(limits, person), company_scopes(limits, company)
    everywhere = _everywhere(limits, person)
    alarming = {of_person[tries][0]: Alarm.PERSON_USED_UP for tries in (Tries.PERSON_MONTH, Tries.PERSON_YEAR)}
    own, own_budget = of_person[Tries.PERSON_FOUR_DIGITS]
    if isinstance(digits, OrganisationNumber):
        there, _ = of_company[Tries.COMPANY_WHOLE_NUMBER]
        return Scopes(
            person=everywhere,
            company=_whole_number_scopes(limits, person, company),
            four_digits={},
            person_four_digits=own,
            alarming={**alarming, there: Alarm.COMPANY_PROBED},
        )
    there, budget = of_company[Tries.COMPANY_FOUR_DIGITS]
    brake = Budget(limit=limits.everybody_per_day, window=DAY)
    return Scopes(
        person=everywhere,
        company={},
        four_digits={own: own_budget, there: budget, **_places(limits, networks), EVERYBODY: brake},
        person_four_digits=own,
        alarming={**alarming, there: Alarm.COMPANY_PROBED, EVERYBODY: Alarm.BRAKE},
    )


def person_key(identity: Identity) -> str:
    """By which a person is counted, with or without an account."""
    return f"{identity.scheme} {identity.key}"


def pausing_scopes(limits: LinkingLimits, person: str, company: str) -> Mapping[str, Budget]:
    """Where nothing may be left for a person to try at a company at all."""
    return _everywhere(limits, person) | _whole_number_scopes(limits, person, company)


def _everywhere(limits: LinkingLimits, person: str) -> dict[str, Budget]:
    of_person = person_scopes(limits, person)
    return dict(of_person[tries] for tries in (Tries.PERSON_DAY, Tries.PERSON_MONTH, Tries.PERSON_YEAR))


def _whole_number_scopes(limits: LinkingLimits, person: str, company: str) -> dict[str, Budget]:
    there, budget = company_scopes(limits, company)[Tries.COMPANY_WHOLE_NUMBER]
    pair = f"linking.whole_number.person_at {company}|{person}"
    return {there: budget, pair: Budget(limit=limits.person_at_company_per_month, window=MONTH)}


def alarm_scope(scope: str) -> str:
    """In which it is kept that an alarm was told."""
    return f"linking.alarm {scope}"


def person_scopes(limits: LinkingLimits, person: str) -> Mapping[Tries, tuple[str, Budget]]:
    """What one person's tries everywhere are counted in."""
    return {
        Tries.PERSON_DAY: (f"linking.person_day {person}", Budget(limit=limits.person_per_day, window=DAY)),
        Tries.PERSON_MONTH: (f"linking.person_month {person}", Budget(limit=limits.person_per_month, window=MONTH)),
        Tries.PERSON_YEAR: (f"linking.person_year {person}", Budget(limit=limits.person_per_year, window=YEAR)),
        Tries.PERSON_FOUR_DIGITS: (
            f"linking.four_digits.person {person}",
            _in_any_year(limits.person_four_digits_per_year),
        ),
    }


EVERYBODY = "linking.four_digits.everybody"
"""The brake, always charged last. Each person who proves a company gives it one more try, once per pair and year."""


def right_pair(person: str, company: str) -> Mapping[str, Budget]:
    """What gives the brake its one more try: a pair that somebody knows must not buy others tries without end."""
    return {f"linking.right {company}|{person}": Budget(limit=1, window=YEAR)}


def _in_any_year(limit: int) -> Budget:
    """What the chances hang on is never passed, not even by those who wait for a year to end."""
    return Budget(limit=limit, window=YEAR, from_last=True)


def company_scopes(limits: LinkingLimits, company: str) -> Mapping[Tries, tuple[str, Budget]]:
    """What everybody's tries at one company are counted in."""
    return {
        Tries.COMPANY_FOUR_DIGITS: (
            f"linking.four_digits.company {company}",
            _in_any_year(limits.company_four_digits_per_year),
        ),
        Tries.COMPANY_WHOLE_NUMBER: (
            f"linking.whole_number.company {company}",
            _in_any_year(limits.company_whole_numbers_per_year),
        ),
    }


def _places(limits: LinkingLimits, networks: Networks | None) -> dict[str, Budget]:
    if networks is None:
        return {}
    near, far = networks
    return {
        f"linking.four_digits.address_hour {near}": Budget(limit=limits.address_per_hour, window=HOUR),
        f"linking.four_digits.address_day {near}": Budget(limit=limits.address_per_day, window=DAY),
        f"linking.four_digits.network_day {far}": Budget(limit=limits.network_per_day, window=DAY),
    }
