"""One line of text: composed, spaced once, and without anything that acts on what is around it."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.people.one_line import one_line
from idp_tests.cases import each


@given(st.text(max_size=200))
def test_what_comes_out_is_one_harmless_line(text: str) -> None:
    try:
        line = one_line(text, longest=100)
    except ValueError:
        return
    assert len(line) <= 100
    assert line == line.strip()
    assert "  " not in line
    assert not set(line) & set("<>\r\n\t\0\u202e\u2028\u2029")
    assert unicodedata.is_normalized("NFC", line)
    assert one_line(line, longest=100) == line
    line.encode()


HOSTILE = "<>&\"'`/\\\r\n\t\0\x1b\x85\u2028\u2029\u202e\u2066\u200f\ufeff\ud800;:{}$%=()ab éÅ\u0301李"


def test_a_hundred_thousand_hostile_names_are_refused_or_harmless() -> None:
    """In a page, in a letter's header and in a line of a log alike."""
    draw, taken = random.Random(20260505), 0
    for _ in range(100_000):
        text = "".join(draw.choices(HOSTILE, k=draw.randint(1, 8)))
        try:
            line = one_line(text, longest=100)
        except ValueError:
            continue
        taken += 1
        assert not set(line) & set("<>\r\n\t\0\x1b\x85\u2028\u2029\u202e\u2066\u200f\ufeff\ud800")
    assert 1_000 < taken < 90_000


def test_accents_are_composed_and_spaces_are_single() -> None:
    assert one_line("  A\u030asa \u00a0 O\u0308berg ", longest=100) == "Åsa Öberg"


@each("name", ["نور\u200cالدین", "ක්\u200dරි", "李小龍", "Ng", "D'Arc-Ö", "Zoë & Søn", "ⴰⵎⵏⴰⵢ"])
def test_every_script_is_welcome(name: str) -> None:
    assert one_line(name, longest=100) == unicodedata.normalize("NFC", name)


@each(
    "char",
    [
        "<",
        ">",
        "\0",
        *"\u202e\u2028\u2066\u2069\ufeff\U000e0041\ue000\ud800\uffff",
        "\r",
        "\n",
        "\t",
        "\x1b",
        "\x7f",
        "\x85",
        "\u061c",
        "\u200b",
        "\u200e",
        "\u200f",
        "\u202a",
    ],
)
def test_what_acts_on_its_surroundings_is_refused(char: str) -> None:
    with pytest.raises(ValueError, match="may not be shown"):
        one_line(f"An{char}na", longest=100)


def test_the_limit_counts_characters_after_composing() -> None:
    assert len(one_line("o\u0308" * 100, longest=100)) == 100
    with pytest.raises(ValueError, match="too long"):
        one_line("ö" * 101, longest=100)
