"""The tables of README.md: every threat and every class of regressions has a sentence and tests, and each test exists."""

import re
from pathlib import Path

from idp_tests.named_tests import NAMED_TEST, missing_tests, rows

README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
LETTERED = {"T-B1": "abcde", "T-B2": "abcde", "T-B3": "abcd", "T-B5": "abc"}
"""Threats of several parts."""
THREATS = (
    *(f"T-A{number}" for number in range(1, 12)),
    *(f"T-B{number}{part}" for number in range(1, 9) for part in LETTERED.get(f"T-B{number}", ("",))),
    *(f"T-C{number}" for number in range(1, 15)),
    *(f"T-D{number}" for number in range(1, 6)),
    *(f"T-E{number}" for number in range(1, 6)),
    "D-1",
    "D-2",
    "D-3",
    "D-4",
    "D-6",
)
REGRESSIONS = tuple(f"R-{number:02}" for number in range(1, 61))


def _table() -> dict[str, list[str]]:
    return {name: cells for name, cells in rows(README).items() if re.fullmatch(r"[A-Z]-[A-Z]?\d+[a-z]?", name)}


def test_no_threat_and_no_class_is_lost() -> None:
    assert {*THREATS, *REGRESSIONS} <= _table().keys()


def test_every_row_has_a_sentence_and_tests() -> None:
    for name, (sentence, tests) in _table().items():
        assert len(sentence.split()) >= 3, name
        assert NAMED_TEST.search(tests), name
        assert NAMED_TEST.sub("", tests).strip(", ") == "", f"{name}: something else stands among the tests"


def test_every_test_that_is_named_exists() -> None:
    assert missing_tests(README, Path(__file__).parents[1]) == []
