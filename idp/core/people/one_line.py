"""One line of text from outside, such as a name: what may be in it, and one way to write it."""

import unicodedata

_JOINERS = "\u200c\u200d"
"""Zero-width joiners: part of the spelling of names in Persian and in the scripts of India."""

_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def one_line(text: str, *, longest: int) -> str:
    """Trim, compose (NFC) and put one space between words; empty text stays empty.

    Raises ValueError when the result is longer than `longest` characters, or when the text holds markup brackets,
    control characters or bidirectional overrides: they rewrite the page, the mail or the log line around them.
    """
    composed = unicodedata.normalize("NFC", text.strip())
    if "<" in composed or ">" in composed or not (composed.isprintable() or all(map(_may_be_shown, composed))):
        raise ValueError("holds a character that may not be shown")
    line = " ".join(composed.split())
    if len(line) > longest:
        raise ValueError("too long")
    return line


def _may_be_shown(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in _REFUSED_CATEGORIES
