"""How identifiers are typed: every spelling of one number becomes one text, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.people.digits import LONGEST_TYPED, all_ascii_digits, are_twelve, passes_luhn, typed_plainly
from idp_tests.cases import each

UNSEEN = " \t\n\u00a0\u2009\u202f\u200b\u202d\u202c\ufeff\u00ad"
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"


@given(st.text("0123456789", min_size=1, max_size=12), st.data())
def test_unseen_characters_anywhere_change_nothing(digits: str, data: st.DataObject) -> None:
    noise = data.draw(st.lists(st.text(UNSEEN, max_size=3), min_size=len(digits), max_size=len(digits)))
    assert typed_plainly("".join(a + b for a, b in zip(noise, digits, strict=True))) == digits


@each("hyphen", HYPHENS)
def test_every_dash_is_a_hyphen(hyphen: str) -> None:
    assert typed_plainly(f"556016{hyphen}0680") == "556016-0680"


def test_full_width_digits_are_the_same_digits() -> None:
    assert typed_plainly("１０012345") == "10012345"


@each("text", ["١٢٣٤", "१२३४", "", "12a", "-1", "1٢"])
def test_only_ascii_digits_are_digits(text: str) -> None:
    assert not all_ascii_digits(typed_plainly(text))


def test_text_too_long_to_be_an_identifier_is_refused() -> None:
    assert typed_plainly("1" * LONGEST_TYPED) == "1" * LONGEST_TYPED
    with pytest.raises(ValueError, match="too long"):
        typed_plainly("1" * (LONGEST_TYPED + 1))


@given(st.text("0123456789", min_size=1, max_size=15))
def test_exactly_one_check_digit_passes(digits: str) -> None:
    assert sum(passes_luhn(digits + last) for last in "0123456789") == 1


@given(st.text("0123456789", min_size=2, max_size=12), st.data())
def test_any_single_wrong_digit_is_noticed(digits: str, data: st.DataObject) -> None:
    whole = next(digits + last for last in "0123456789" if passes_luhn(digits + last))
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != whole[at]]))
    assert not passes_luhn(whole[:at] + other + whole[at + 1 :])


@each("text", ["", "19121212121", "1912121212121", "19121212-121", "１９１２１２１２１２１２", "191212121212\n"])
def test_twelve_digits_are_twelve_ascii_digits_and_nothing_else(text: str) -> None:
    assert are_twelve("191212121212")
    assert not are_twelve(text)
