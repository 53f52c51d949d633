"""One cell of a register: what programs put into it instead of a value, and letters that were broken on the way."""

import re
import unicodedata
from enum import StrEnum


class Refusal(StrEnum):
    """Why a cell, or the whole line, is not imported."""

    MISSING = "missing"
    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    UNKNOWN_WORD = "unknown_word"
    SEVERAL = "several"
    """Several values where there can be one."""
    ERROR_VALUE = "error_value"
    """#REF!, #N/A and their kind: a formula of the sheet failed."""
    FORMULA = "formula"
    """A formula without its result."""
    BROKEN_LETTERS = "broken_letters"
    """Bj”rk, BjÃ¶rk, Bj?rk: the file went through a program that took its encoding for another one."""
    DATE = "date"
    """An office program took a number for a date."""
    FRACTION = "fraction"
    LOST_DIGITS = "lost_digits"
    """1,00123E+07: the last digits are not in the file."""
    AMBIGUOUS = "ambiguous"
    CHECK_DIGIT = "check_digit"
    UNCLOSED_QUOTATION = "unclosed_quotation"
    TOO_MANY_CELLS = "too_many_cells"
    TWO_ORGANISATIONS = "two_organisations"
    """The file gives this number to two organisations; neither is believed."""
    MOVED = "moved"
    """The number belongs to another organisation here."""
    NO_NAME = "no_name"
    """Neither the file nor the database knows what the organisation is called."""


_NOTHING = frozenset(
    {
        *(
            "",
            "-",
            "--",
            "---",
            ".",
            "?",
            "nan",
            "nat",
            "none",
            "null",
            "nil",
            "na",
            "n/a",
            "<na>",
            "(null)",
            "[null]",
            "\\n",
        ),
        *(
            "(tom)",
            "(tomt)",
            "(blank)",
            "saknas",
            "uppgift saknas",
            "okänd",
            "okänt",
            "ej angivet",
            "ej angiven",
            "unknown",
        ),
    }
)
_ERROR_VALUE = re.compile(r"#(?=[^0-9]*[^\W\d_])[^\s]{1,20}|#{2,}|err:[0-9]{3}", re.IGNORECASE)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_START = r"(?:\A|(?<=[,;\t|\r\n]))"
_COMPUTED = r"(?= *[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])"
"""What makes a cell a formula: =, +, - or @, of full width too, or a tab or return in front of one."""
_RUNS = re.compile(_START + _COMPUTED)
_NEUTRALISED = re.compile(f"{_START}'{_COMPUTED}")
_STRAY_BYTES = re.compile("Ã[\u0080-\u00bf\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u2122]|Â[\u0080-\u00bf]|â€|√|\ufffd")
_SWEDISH_7_BIT_OR_LOST = re.compile(r"(?<=[^\W\d_])[{|}\\\[\]~^?](?=[^\W\d_])")
_IN_WORD = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f](?=[A-Za-z])")
_MAY_STAND_IN_WORDS = frozenset("’‘´`–—‐‑·•&")


def plain(cell: str) -> str:
    """Fold a cell as people and programs write it: NFKC, one kind of space and of hyphen, nothing unseen, no text marks.

    Text marks are ="0012" and a leading apostrophe: both say to an office program that a cell is text.
    """
    text = cell if cell.isascii() else _folded(cell)
    text = text.strip()
    if formula := _TEXT_FORMULA.fullmatch(text):
        text = formula[1].strip()
    return text.lstrip("'’").strip() if text[:1] in ("'", "’") else text


def has_small_digits(cell: str) -> bool:
    """Whether a digit is raised, circled or part of a fraction, as a footnote's mark is; `plain` would make it one of the number's."""
    return not cell.isascii() and any(unicodedata.category(char) == "No" for char in cell)


def says_nothing(text: str) -> bool:
    """Whether the cell is empty, or holds a program's word for that."""
    return text.strip().casefold() in _NOTHING


def trouble_in(text: str) -> Refusal | None:
    """What stands there instead of a value."""
    stripped = text.strip()
    if stripped.startswith("=") and not _TEXT_FORMULA.fullmatch(stripped):
        return Refusal.FORMULA
    return Refusal.ERROR_VALUE if _ERROR_VALUE.fullmatch(stripped) else None


def has_broken_letters(text: str) -> bool:
    """Whether letters were lost by reading them in another encoding, here or in an earlier program."""
    if _SWEDISH_7_BIT_OR_LOST.search(text):
        return True
    if text.isascii():
        return False
    return bool(_STRAY_BYTES.search(text)) or any(_is_stranger(found[0]) for found in _IN_WORD.finditer(text))


def neutralised(cell: str) -> str:
    """The cell so that no office program computes it: an apostrophe wherever a formula may start.

    A program may split a line elsewhere than we do, so what follows a separator is a start, too (CWE-1236).
    """
    return _RUNS.sub("'", cell)


def as_written(cell: str) -> str:
    """The cell without the apostrophes of `neutralised`, so that a report can be mended and imported."""
    return _NEUTRALISED.sub("", cell) if "'" in cell else cell


def _folded(cell: str) -> str:
    folded = unicodedata.normalize("NFKC", cell)
    return "".join(_one_kind(char) for char in folded if unicodedata.category(char) != "Cf")


def _one_kind(char: str) -> str:
    if char == "\n":
        return char
    if char.isspace():
        return " "
    return "-" if char in "−˗⁃" or unicodedata.category(char) == "Pd" else char


def _is_stranger(char: str) -> bool:
    """A character that no word in Latin letters has inside."""
    if char in _MAY_STAND_IN_WORDS or unicodedata.category(char) == "Cf":
        return False
    if char.isalpha() or unicodedata.category(char) == "Mn":
        return not unicodedata.name(char, "").startswith(("LATIN", "COMBINING"))
    return True
