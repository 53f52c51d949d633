"""Personal numbers: the spellings that are taken, the ones that are not, and that the digits stay unseen."""

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.people.digits import passes_luhn
from idp.core.people.personal_number import PersonalNumber, birthdate_of, may_begin_a_number
from idp_tests.cases import each

TODAY = date(2026, 11, 22)
BIRTHDATES = st.dates(date(1800, 1, 1), date(2099, 12, 31))


def number_for(born: date, serial: int, *, coordination: bool = False) -> str:
    nine = f"{born:%y%m}{born.day + 60 * coordination:02}{serial:03}"
    return f"{born.year // 100}" + next(nine + last for last in "0123456789" if passes_luhn(nine + last))


def refusal_of(text: str) -> ValueError | None:
    try:
        PersonalNumber.parse(text, today=TODAY)
    except ValueError as refusal:
        return refusal
    return None


numbers = st.builds(number_for, BIRTHDATES, st.integers(0, 999), coordination=st.booleans())


@given(BIRTHDATES, st.integers(0, 999), st.booleans())
def test_twelve_digits_give_the_day_of_birth_back(born: date, serial: int, coordination: bool) -> None:
    number = PersonalNumber(number_for(born, serial, coordination=coordination))
    assert number.birthdate == born
    assert number.is_coordination_number is coordination


@given(numbers)
def test_twelve_digits_may_be_spaced_and_hyphenated(digits: str) -> None:
    expected = PersonalNumber(digits)
    spellings = [digits, f"{digits[:8]}-{digits[8:]}", f" {digits[:8]} – {digits[8:]} ", "\u00a0".join(digits)]
    assert {PersonalNumber.parse(spelling) for spelling in spellings} == {expected}


@given(st.dates(date(TODAY.year - 99, 1, 1), TODAY), st.integers(0, 999), st.booleans())
def test_a_hyphen_means_under_a_hundred(born: date, serial: int, coordination: bool) -> None:
    digits = number_for(born, serial, coordination=coordination)
    assert PersonalNumber.parse(f"{digits[2:8]}-{digits[8:]}", today=TODAY).digits == digits


@given(st.dates(date(TODAY.year - 119, 1, 1), date(TODAY.year - 100, 12, 31)), st.integers(0, 999))
def test_a_plus_means_the_year_of_the_hundredth_birthday_or_later(born: date, serial: int) -> None:
    digits = number_for(born, serial)
    assert PersonalNumber.parse(f"{digits[2:8]}+{digits[8:]}", today=TODAY).digits == digits


def test_ten_digits_that_may_be_two_persons_are_refused() -> None:
    with pytest.raises(ValueError, match="century"):
        PersonalNumber.parse("1212121212", today=TODAY)


def test_ten_digits_that_can_only_be_one_person_are_taken() -> None:
    assert PersonalNumber.parse("8507099805", today=TODAY).digits == "198507099805"


def test_ten_digits_on_a_leap_day_of_one_century_only_are_taken() -> None:
    nine = "000229" + "123"
    digits = next(nine + last for last in "0123456789" if passes_luhn(nine + last))
    assert PersonalNumber.parse(digits, today=date(2018, 1, 1)).birthdate == date(2000, 2, 29)


def test_ten_digits_without_a_day_to_count_from_are_refused() -> None:
    with pytest.raises(ValueError, match="century"):
        PersonalNumber.parse("850709-9805")


def test_nobody_is_born_in_the_future() -> None:
    tomorrow = number_for(TODAY + timedelta(days=1), 123)
    with pytest.raises(ValueError, match="century"):
        PersonalNumber.parse(f"{tomorrow[2:8]}-{tomorrow[8:]}", today=TODAY)


def test_a_coordination_number_of_the_tax_agencys_leaflet() -> None:
    number = PersonalNumber.parse("701063-2391", today=TODAY)
    assert number.birthdate == date(1970, 10, 3)
    assert number.is_coordination_number


@each(
    "text",
    [
        "",
        "19121212121",
        "1912121212122",
        "191212121213",
        "191213121212",
        "191202301218",
        "191212601212",
        "091212121212",
        "211212121212",
        "19121212+1212",
        "1912-12121212",
        "1912121212a2",
        "١٩١٢١٢١٢١٢١٢",
        "19121212-1212; DROP",
        "1" * 10_000,
    ],
)
def test_what_is_no_personal_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        PersonalNumber.parse(text, today=TODAY)


@each("digits", ["19121212-1212", "1212121212", " 191212121212", "１91212121212"])
def test_the_value_itself_is_twelve_plain_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="twelve"):
        PersonalNumber(digits)


@given(numbers)
def test_printing_shows_nothing(digits: str) -> None:
    number = PersonalNumber(digits)
    for shown in (repr(number), str(number), f"{number}", f"{[number]}", f"{number!s:>30}"):
        assert not any(char.isdigit() for char in shown)


@given(st.text("0123456789-+ ", max_size=14).filter(lambda text: refusal_of(text) is not None))
def test_a_refusal_never_repeats_what_was_typed(text: str) -> None:
    refusal = refusal_of(text)
    assert refusal is not None
    assert not any(char.isdigit() for char in str(refusal))
    assert refusal.__cause__ is None


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    try:
        number = PersonalNumber.parse(text, today=TODAY)
    except ValueError:
        return
    assert PersonalNumber.parse(number.digits) == number


def test_it_cannot_be_changed_and_equals_its_copies() -> None:
    number = PersonalNumber("191212121212")
    with pytest.raises(FrozenInstanceError):
        number.digits = "198507099805"  # type: ignore[misc]
    assert copy.copy(number) == pickle.loads(pickle.dumps(number)) == number
    assert asdict(number) == {"digits": "191212121212"}


def test_a_coordination_number_of_the_tax_agencys_test_data_has_no_month() -> None:
    number = PersonalNumber("191500882392")
    assert number.birthdate is None
    assert number.is_coordination_number


@each("month", [*range(13), 13, 99])
@each("day", [0, 1, 31, 32, 59, 60, 61, 91, 92, 99])
def test_twelve_digits_are_an_identity_whatever_day_they_say(month: int, day: int) -> None:
    nine = f"15{month:02}{day:02}239"
    digits = "19" + next(nine + last for last in "0123456789" if passes_luhn(nine + last))
    number = PersonalNumber.parse(f"{digits[:8]}-{digits[8:]}")
    assert number.digits == digits
    assert number.is_coordination_number is (day >= 60)
    assert number.birthdate is None or number.birthdate.year == 1915


@each("separator, century", [("-", "20"), ("+", "19")])
@each("six", ["150088", "150660", "150060"])
def test_ten_digits_with_an_unknown_day_are_told_apart_by_the_year(six: str, separator: str, century: str) -> None:
    digits = next(six + f"239{last}" for last in "0123456789" if passes_luhn(six + f"239{last}"))
    assert PersonalNumber.parse(f"{six}{separator}{digits[6:]}", today=TODAY).digits == century + digits


@each("eight", ["20230229", "19001301", "19000092", "17991231", "19001360", "19000001", "19000059", "21000101"])
def test_days_that_nobody_is_born_on(eight: str) -> None:
    assert not may_begin_a_number(eight)


@each("eight", ["19000060", "19000660", "19001260", "19000061", "19000091", "19150088", "20240266"])
def test_a_coordination_number_may_begin_with_an_unknown_day_or_month(eight: str) -> None:
    assert may_begin_a_number(eight)


def test_sixty_is_taken_off_the_day() -> None:
    assert birthdate_of("20240266") == date(2024, 2, 6)
