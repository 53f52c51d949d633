import re
from collections import Counter

import pytest

from idp_sandbox.bankid.personas import DEFAULT, PERSONAS, Persona, Risk, Trait, find_persona

every_persona = pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.id)


@every_persona
def test_a_personal_number_has_the_right_check_digit(persona: Persona) -> None:
    digits = [int(digit) for digit in persona.person_number[2:]]
    total = sum(sum(divmod(digit * factor, 10)) for digit, factor in zip(digits, [2, 1] * 5, strict=True))
    assert total % 10 == 0
    assert re.fullmatch("(19|20)[0-9]{10}", persona.person_number)


@every_persona
def test_a_common_name_fits_in_a_certificate(persona: Persona) -> None:
    assert len(persona.name) <= 64


def test_there_are_enough_kinds_of_people() -> None:
    assert len(PERSONAS) >= 12
    assert {trait for persona in PERSONAS for trait in persona.traits} == set(Trait)
    assert {persona.risk for persona in PERSONAS} == set(Risk)
    assert any(persona.name.isupper() for persona in PERSONAS)
    assert any(set("åäö") & set(persona.name.lower()) for persona in PERSONAS)
    assert any(60 < int(persona.person_number[6:8]) < 92 for persona in PERSONAS)


def test_one_person_has_two_bankids_with_differing_names() -> None:
    counts = Counter(persona.person_number for persona in PERSONAS)
    [(number, count)] = [(number, count) for number, count in counts.items() if count > 1]
    names = {persona.name for persona in PERSONAS if persona.person_number == number}
    assert count == len(names) == 2


def test_ids_are_unique_and_found() -> None:
    assert len({persona.id for persona in PERSONAS}) == len(PERSONAS)
    assert all(find_persona(persona.id) is persona for persona in PERSONAS)
    assert find_persona("nobody") is None


def test_the_default_is_an_ordinary_person() -> None:
    assert (DEFAULT.id, DEFAULT.risk, DEFAULT.traits) == ("anna", Risk.LOW, frozenset())
