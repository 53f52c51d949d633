"""How likely guessing is, and what it costs honest people: `python -m idp_tests.benchmarks.linking_model`.

The limiter is the product's own, `ProveClaim` over budgets in SQLite, and only the time is played. What attackers were
allowed to have verified is counted; chances follow from the counts, on worst assumptions for us: every guessed number
exists, no guess is made twice, nobody freezes a link, and for a whole number there are 100,000 companies to choose from.
Attackers are identified people, try everything they may every day, and have an address each.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from math import expm1, log1p
from tempfile import TemporaryDirectory
from typing import Any, Self, cast

from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.engine import database
from idp.adapters.database.tables import metadata
from idp.core.identification.caller_address import KnownAddress
from idp.core.linking.attempts import Attempt, Attempts, Claimant
from idp.core.linking.claim import Claim, LastFour
from idp.core.linking.limits import LinkingLimits
from idp.core.linking.ports import Company
from idp.core.linking.prove_claim import CompanyPaused, Mismatch, PersonPaused, ProveClaim, Proved, WholeNumberNeeded
from idp.core.people.contact import FieldProblems
from idp.core.people.identity import Identity
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.builders import a_claimant, a_company, an_organisation_number, linking_limits
from idp_tests.databases import PEPPER, bare_app

COMPANIES = 50_000
DAYS = 365 + 61
"""Played, so that the worst month and the worst year may lie around the ends of windows."""
FOUR_DIGITS, WHOLE_NUMBER = 1 / 10_000, 1 / 100_000
"""The chance of one guess by somebody who does not know whose the number is."""
SKEWED = 3.5
"""How much more frequent the most popular four digits are among 40,000 customers."""
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
AROUND_THE_MONTHS_END = 28
TARGETS: Mapping[str, Sequence[str]] = {"spray": (), "one company": ("1",), "one with three numbers": ("1", "A1", "B1")}
"""The numbers that are guessed at; none: always another company."""


@dataclass
class Register:
    """Customers as the port has them: number n is company n's and so are An and Bn; its right digits are of n."""

    verified: list[bool] = field(default_factory=list)
    """Of wrong tries: whether each was four digits."""

    def company_of(self, number: str, owner: OrganisationNumber | None) -> Company:
        del owner
        return a_company(f"company {number.lstrip('AB')}")

    def verify(self, claim: Claim) -> str | None:
        company = self.company_of(claim.customer_number.value, None).counted_as
        right = right_number(int(company.split()[1]))
        four = isinstance(claim.digits, LastFour)
        if claim.digits.digits == (right[-4:] if four else right):
            return company
        self.verified.append(four)
        return None

    def on_file(self, customer_id: str) -> None:
        raise AssertionError(f"a try is judged without telling {customer_id}")

    def find(self, customer_id: str) -> None:
        raise AssertionError(f"a try is judged without showing {customer_id}")


def right_number(company: int) -> str:
    return an_organisation_number(company)


def a_wrong_number(serial: int) -> str:
    """Of nobody here."""
    return an_organisation_number(500_000 + serial % 400_000)


Answer = Proved | Mismatch | WholeNumberNeeded | PersonPaused | CompanyPaused | FieldProblems


@dataclass
class World:
    """One installation, its limiter, and who tries."""

    register: Register
    prove: ProveClaim
    guesses: Iterator[int] = field(default_factory=count)

    def try_four_digits(self, person: str, number: str, digits: str, at: datetime) -> Answer:
        return self.prove({"customer_number": number, "last_four": digits}, claimant_of(person), at)

    def try_whole_number(self, person: str, number: str, digits: str, at: datetime) -> Answer:
        return self.prove({"customer_number": number, "whole_number": digits}, claimant_of(person), at)

    def attack(self, attacker: str, numbers: Sequence[str], at: datetime) -> None:
        """All that one attacker gets done in a day: four digits while they are looked at, then whole numbers."""
        for _ in range(self.prove.limits.person_per_day + 1):
            guess = next(self.guesses)
            number = numbers[guess % len(numbers)] if numbers else str(1000 + guess % COMPANIES)
            answer = self.try_four_digits(attacker, number, f"{guess % 9999:04}", at)
            if isinstance(answer, WholeNumberNeeded):
                answer = self.try_whole_number(attacker, number, a_wrong_number(guess), at)
            if not isinstance(answer, Mismatch):
                return


def claimant_of(person: str) -> Claimant:
    """As whom the limiter counts somebody."""
    return a_claimant(Identity(scheme="played", key=person), networks=address_of(person).networks)


class Unnoted:
    """The port `Attempts`, where nobody reads what it is told."""

    def record(self, attempt: Attempt) -> None:
        """Forget it."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a try is judged without {name}")


def address_of(person: str) -> KnownAddress:
    """Attackers have an address each; five honest people share one, and twenty a network."""
    kind, _, serial = person.partition(" ")
    index = int(serial)
    return KnownAddress(ip_address((10 << 24) + index if kind == "attacker" else (11 << 24) + index // 5 * 64))


@contextmanager
def a_world(limits: LinkingLimits | None = None) -> Iterator[World]:
    """In a file that is thrown away, in one transaction that never ends."""
    with TemporaryDirectory() as folder, bare_app(f"sqlite:///{folder}/idp.db").app_context():
        metadata.create_all(database.engine)
        register = Register()
        yield World(
            register,
            ProveClaim(
                customers=register,
                budgets=DatabaseBudgets(PEPPER),
                attempts=cast("Attempts", Unnoted()),
                pattern="[AB]?[0-9]{1,6}",
                limits=limits or linking_limits(),
            ),
        )
        database.session.rollback()
        database.engine.dispose()


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What attackers were allowed in so many days, and how likely one of them is to have hit."""

    four_digits: int = 0
    whole_numbers: int = 0

    @classmethod
    def of(cls, verified: Sequence[bool]) -> Self:
        """Of wrong tries: whether each was four digits."""
        return cls(four_digits=sum(verified), whole_numbers=len(verified) - sum(verified))

    def __add__(self, other: "Chance") -> "Chance":
        return Chance(
            four_digits=self.four_digits + other.four_digits, whole_numbers=self.whole_numbers + other.whole_numbers
        )

    @property
    def uniform(self) -> float:
        return self._hit(FOUR_DIGITS)

    @property
    def skewed(self) -> float:
        """With the most popular digits first."""
        return self._hit(FOUR_DIGITS * SKEWED)

    def _hit(self, four: float) -> float:
        return -expm1(self.four_digits * log1p(-four) + self.whole_numbers * log1p(-WHOLE_NUMBER))


def chances(attackers: int, target: str, days: int, *spans: int, patient: bool = False) -> list[Chance]:
    """In the worst so many days in a row, of all companies or of the only one that is guessed at.

    Patient attackers begin their month with one whole number, and do the rest around its end.
    """
    each_day = []
    with a_world() as world:
        for day in range(days):
            for attacker in range(attackers):
                at, who = BEGIN + timedelta(days=day, seconds=attacker), f"attacker {attacker}"
                if not patient or day >= AROUND_THE_MONTHS_END:
                    world.attack(who, TARGETS[target], at)
                elif day == 0:
                    world.try_whole_number(who, "1", a_wrong_number(attacker), at)
            each_day.append(Chance.of(world.register.verified))
            world.register.verified.clear()
    runs = ([sum(each_day[begin : begin + span], Chance()) for begin in range(days)] for span in spans)
    return [max(run, key=lambda chance: chance.uniform) for run in runs]


@dataclass
class Honest:
    """How it went for people who belong to their company."""

    people: int = 0
    first: int = 0
    within_three: int = 0
    whole_asked: int = 0
    later: int = 0
    """Linked by a later try, or paused, with a way on: time, a colleague, customer service."""
    locked_out: int = 0
    """Nor does a colleague get in with the right whole number: customer service is the only way."""


MISTYPES, CORRECTS = 0.15, 0.75
"""Of people: wrong the first time, and of those who were wrong, right the next time."""
RUSH_DAYS = 7
GOLDEN = 0.6180339887498949


def wrong_tries(person: int) -> int:
    """Before the right one, shared out evenly among people, so that chance does not decide how a run ends."""
    share, wrong = (person * GOLDEN) % 1, 0
    while wrong < 5 and share < MISTYPES * (1 - CORRECTS) ** wrong:
        wrong += 1
    return wrong


def rush(attackers: int, days: int, links_a_day: int, target: str = "spray") -> Honest:
    """Honest people link all day, while attackers do what they may; all have the right papers at hand."""
    chance, honest = random.Random(9), Honest()
    with a_world() as world:
        people = count()
        for day in range(days):
            every = timedelta(days=1) / links_a_day
            for nth in range(links_a_day):
                at = BEGIN + timedelta(days=day) + every * nth
                if nth < attackers:
                    world.attack(f"attacker {nth}", TARGETS[target], at)
                _link(world, honest, next(people), chance, at)
    return honest


def _link(world: World, honest: Honest, person: int, chance: random.Random, at: datetime) -> None:
    company = chance.randrange(1, COMPANIES)
    right, who, number = right_number(company), f"person {person}", str(company)
    honest.people += 1
    whole, mistakes = False, wrong_tries(person)
    for attempt in range(1, 6):
        digits = right if attempt > mistakes else a_wrong_number(person * 7 + attempt)
        if not whole:
            answer = world.try_four_digits(who, number, digits[-4:], at)
            if isinstance(answer, WholeNumberNeeded):
                whole = True
                honest.whole_asked += 1
        if whole:
            answer = world.try_whole_number(who, number, digits, at)
        match answer:
            case Proved():
                honest.first += attempt == 1
                honest.within_three += attempt <= 3
                honest.later += attempt > 3
                return
            case CompanyPaused():
                honest.later += 1
                honest.locked_out += not _colleague_links(world, person, number, right, at)
                return
            case Mismatch(until=None, whole_number_next=next_whole):
                honest.whole_asked += next_whole and not whole
                whole = whole or next_whole
            case _:
                honest.later += 1
                return
    raise AssertionError("a day has five tries")


def _colleague_links(world: World, person: int, number: str, digits: str, at: datetime) -> bool:
    """Somebody else of the company, who has not tried."""
    return isinstance(world.try_whole_number(f"colleague {person}", number, digits, at), Proved)


def main() -> None:
    """Print both tables."""
    print("Chance of one link or more by guessing, with the most popular digits first in parentheses.")
    print(f"{'attackers':>9}  {'target':<24}{'worst 30 days':>40}{'worst 365 days':>40}")
    for target in TARGETS:
        for attackers in (1, 10, 100):
            month, year = chances(attackers, target, DAYS, 30, 365)
            [late] = chances(attackers, target, 61, 30, patient=True)
            month = max(month, late, key=lambda chance: chance.uniform)
            print(f"{attackers:>9}  {target:<24}{_told(month):>40}{_told(year):>40}")
    print(f"\nHonest people, 3,000 links a day for {RUSH_DAYS} days, under attack.")
    print(f"{'attackers':>9}  {'people':>7}{'first try':>11}{'three tries':>13}{'asked whole':>13}{'no colleague':>14}")
    for attackers in (0, 1, 10, 100):
        went = rush(attackers, RUSH_DAYS, 3000)
        shares = (went.first, went.within_three, went.whole_asked)
        told = [f"{part / went.people:.2%}" for part in shares]
        print(f"{attackers:>9}  {went.people:>7}{told[0]:>11}{told[1]:>13}{told[2]:>13}{went.locked_out:>14}")


def _told(chance: Chance) -> str:
    tries = f"{chance.four_digits} + {chance.whole_numbers} tries"
    return f"{tries}  {chance.uniform:.3%} ({chance.skewed:.3%})"


if __name__ == "__main__":
    main()
