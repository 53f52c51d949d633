"""The encoding of a text file: told by its marks, by what can be no other, or by which letters make Swedish words.

A wrong guess would make "Bj”rkbackens M†leri" of a company without a word, so where two encodings are nearly as likely
nothing is guessed, and the operator is asked.
"""

import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from idp.adapters.customer_files.table import UnreadableFileError

ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1252": "cp1252",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp865": "cp865",
    "mac-roman": "mac_roman",
    "swedish-7-bit": "ascii",
}
"""The names that an operator may give, and the codec of each; swedish-7-bit (SEN 85 02 00 B) has its letters at []\\{}|."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SWEDISH_7_BIT = str.maketrans("[]\\{}|", "ÄÅÖäåö")
_COMMONNESS = {"windows-1252": 0.0, "cp850": -1.7, "cp437": -2.0, "mac-roman": -2.0, "iso-8859-15": -3.0, "cp865": -3.0}
"""Before a letter is seen: the power of ten by which registers in an encoding are rarer than those in Windows-1252."""
_IN_DOUBT_BELOW = 2.0
"""The same, between the two likeliest readings of a file."""
_UNLIKELY_PER_LETTER = -3.0
_LETTERS = {"åäö": -0.6, "ÅÄÖ": -1.3, "éÉüÜèàáøæØÆóíôñçëï": -2.5}
_BETWEEN_WORDS = frozenset("\u00a0–—’‘“”°§®©½€£·…•«»")
_IN_WORDS = frozenset("\u00a0–—’‘´·")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_SEVERAL_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


class _Place(NamedTuple):
    """A byte above 127 and its neighbours, as far as those are ASCII."""

    before: bytes
    byte: bytes
    after: bytes


def decoded(content: bytes, encoding: str | None = None) -> str:
    """The text of a file, in one of ENCODINGS or in the one that it must have. Raises UnreadableFileError."""
    text = _in(encoding, content) if encoding else _told(content)
    if "\0" in text:
        raise UnreadableFileError("this is neither a workbook nor text")
    return text.rstrip("\x1a")  # the end of a file for DOS


def _in(encoding: str, content: bytes) -> str:
    codec = ENCODINGS.get(encoding.casefold())
    if codec is None:
        raise UnreadableFileError(f"the encoding {encoding} is not known; known are {', '.join(ENCODINGS)}")
    if codec == "utf-16" and not content.startswith(_MARKS_16):
        codec = _utf16_without_mark(content) or "utf-16-le"
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise UnreadableFileError(f"line {line} is not {encoding}") from None
    return text.translate(_SWEDISH_7_BIT) if codec == "ascii" else text


def _told(content: bytes) -> str:
    marked = next((codec for mark, codec in _MARKS if content.startswith(mark)), None)
    if marked is None and content.startswith(_MARKS_16):
        marked = "utf-16"
    codec = marked or _utf16_without_mark(content) or "utf-8"
    try:
        return content.decode(codec)
    except UnicodeDecodeError as problem:
        if codec != "utf-8":
            raise UnreadableFileError(
                "the file says that it is Unicode and is not, or breaks off; save it again as CSV UTF-8"
            ) from None
        line = content.count(b"\n", 0, problem.start) + 1
    if _is_mixed(content):
        raise UnreadableFileError(
            f"most of the file is UTF-8, and line {line} is not: it was put together from files of two encodings. "
            "Save it again as CSV UTF-8"
        )
    return _likeliest(content)


def _utf16_without_mark(content: bytes) -> str | None:
    """UTF-16 has a zero byte in every second place of text in Latin letters."""
    sample = content[:4000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < len(sample) // 4 or len(content) % 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_mixed(content: bytes) -> bool:
    """Letters of several bytes that are well-formed UTF-8 hardly ever come by chance, and never outnumber the others."""
    well_formed = _SEVERAL_BYTES.findall(content)
    stray = len(_HIGH_BYTE.findall(content)) - sum(map(len, well_formed))
    return len(well_formed) > stray


def _likeliest(content: bytes) -> str:
    places = Counter(_place(content, found.start()) for found in _HIGH_BYTE.finditer(content))
    readings: dict[tuple[str, ...], tuple[float, str]] = {}
    for name, commonness in _COMMONNESS.items():
        letters = tuple(place.byte.decode(ENCODINGS[name], "replace") for place in places)
        seen = zip(letters, places.items(), strict=True)
        likelihood = commonness + sum(times * _likelihood(letter, place) for letter, (place, times) in seen)
        if likelihood > readings.get(letters, (-math.inf, ""))[0]:
            readings[letters] = likelihood, name
    ranked = sorted(((likelihood, name, letters) for letters, (likelihood, name) in readings.items()), reverse=True)
    best, name, _ = ranked[0] if ranked else (-math.inf, "", ())
    if best < _UNLIKELY_PER_LETTER * places.total() - 2:
        raise UnreadableFileError(
            "this is neither a workbook nor text in an encoding that Swedish programs use; save it as CSV UTF-8"
        )
    if len(ranked) > 1 and best - ranked[1][0] < _IN_DOUBT_BELOW:
        raise UnreadableFileError(
            "the encoding cannot be told: "
            + " or ".join(f"{name} with {_sample(letters)}" for _, name, letters in ranked[:2])
            + "; say which with --encoding, or save it as CSV UTF-8"
        )
    return content.decode(ENCODINGS[name])


def _place(content: bytes, at: int) -> _Place:
    before, after = content[max(at - 1, 0) : at], content[at + 1 : at + 2]
    return _Place(before if before.isascii() else b"", content[at : at + 1], after if after.isascii() else b"")


def _likelihood(char: str, place: _Place) -> float:
    """The power of ten of how often a character stands in such a place of a register, by rule of thumb."""
    if char == "\ufffd" or unicodedata.category(char) == "Cc":
        return -math.inf
    begins_word, ends_word = place.after.isalpha(), place.before.isalpha()
    in_word = begins_word and ends_word
    if not char.isalpha():
        fits = char in _BETWEEN_WORDS if not in_word else char in _IN_WORDS
        return -1.7 if fits or (char == "´" and not begins_word and not ends_word) else -5.0
    if not unicodedata.name(char).startswith("LATIN SMALL") and not unicodedata.name(char).startswith("LATIN CAPITAL"):
        return -5.0
    likelihood = next((power for letters, power in _LETTERS.items() if char in letters), -4.0)
    if not begins_word and not ends_word:
        return min(likelihood, -1.5)
    capital_inside = char.isupper() and place.before.islower()
    small_inside = char.islower() and place.before.isupper() and place.after.isupper()
    return likelihood - 2.0 * (capital_inside or small_inside)


def _sample(letters: tuple[str, ...]) -> str:
    return " ".join(dict.fromkeys(char for char in letters if char.isprintable()))[:40]
