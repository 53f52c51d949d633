"""All lines of one organisation and what is stored of it, merged into what is to be stored."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby

from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.claims import Believed, Customers, Owners
from idp.core.customer_register.facts import FACTS, Facts, Field, NumberState, RegisteredCustomer
from idp.core.customer_register.line import RegisterLine
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber

_After = dict[OrganisationNumber, RegisteredCustomer]


def merged(believed: Believed, here: Customers, *, empty_erases: bool) -> _After:
    """The organisations of the file as they are to be stored; the lines of one that nobody knows a name of are refused."""
    after: _After = {}
    believed.lines.sort(key=lambda line: line.organisation_number.digits)  # stable: in the order of the file
    for key, group in groupby(believed.lines, key=lambda line: line.organisation_number):
        lines = list(group)
        before = here.get(key)
        facts = _facts(lines, before, empty_erases=empty_erases)
        if facts.name is not None:
            numbers = _numbers(lines, before.numbers if before else {})
            after[key] = (
                _changed(before, facts, numbers)
                if before
                else RegisteredCustomer(organisation_number=key, facts=facts, numbers=numbers)
            )
        for line in lines if facts.name is None else ():
            believed.refuse(line, Refusal.NO_NAME, line.numbers)
    believed.lines = [line for line in believed.lines if line.organisation_number in after]
    return after


def take_moved(
    lines: Iterable[RegisterLine], after: _After, here: Customers, owners: Owners
) -> Mapping[CustomerNumber, tuple[OrganisationNumber, OrganisationNumber]]:
    """Take numbers from the organisations that had them; gives from whom to whom each went."""
    moves = {
        number: (owners[number], line.organisation_number)
        for line in lines
        for number in line.numbers
        if owners.get(number, line.organisation_number) != line.organisation_number
    }
    lost: dict[OrganisationNumber, set[CustomerNumber]] = {}
    for number, (source, _) in moves.items():
        lost.setdefault(source, set()).add(number)
    for key, numbers in lost.items():
        customer = after.get(key) or here[key]
        kept = {number: state for number, state in customer.numbers.items() if number not in numbers}
        after[key] = replace(customer, numbers=kept)
    return moves


def set_missing(after: _After, here: Customers, numbers: Iterable[CustomerNumber], owners: Owners) -> None:
    """Note numbers that the register does not have any more."""
    by_owner: dict[OrganisationNumber, dict[CustomerNumber, NumberState]] = {}
    for number in numbers:
        by_owner.setdefault(owners[number], {})[number] = NumberState.MISSING
    for key, states in by_owner.items():
        customer = after.get(key) or here[key]
        after[key] = replace(customer, numbers={**customer.numbers, **states})


def _changed(
    before: RegisteredCustomer, facts: Facts, numbers: Mapping[CustomerNumber, NumberState]
) -> RegisteredCustomer:
    """The customer with what is said of it now, of the same objects where nothing changed."""
    if facts == before.facts and numbers == before.numbers:
        return before
    return replace(before, facts=facts, numbers=before.numbers if numbers == before.numbers else numbers)


def _facts(lines: list[RegisterLine], before: RegisteredCustomer | None, *, empty_erases: bool) -> Facts:
    """The first that the lines state, else what is stored."""
    stated = lines[0].facts
    for line in lines[1:]:
        stated = stated.over(line.facts)
    facts = stated.over(before.facts).sharing(before.facts) if before else stated
    if not empty_erases:
        return facts
    empty = {fact for line in lines for fact in line.empty} - {Field.NAME}
    erased = {fact.value: None for fact in FACTS if fact in empty and getattr(stated, fact) is None}
    return replace(facts, **erased)


def _numbers(
    lines: list[RegisterLine], before: Mapping[CustomerNumber, NumberState]
) -> dict[CustomerNumber, NumberState]:
    """Each number is as the lines say, active if one says so; without a word it is there, unless it was closed by word."""
    said: dict[CustomerNumber, set[NumberState | None]] = {}
    for line in lines:
        for number in line.numbers:
            said.setdefault(number, set()).add(line.state)
    numbers = dict(before)
    for number, states in said.items():
        closed = NumberState.CLOSED in states or numbers.get(number) is NumberState.CLOSED
        numbers[number] = NumberState.CLOSED if closed and NumberState.ACTIVE not in states else NumberState.ACTIVE
    return numbers
