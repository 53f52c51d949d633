"""How identifiers made of digits are typed, pasted and checked."""

import unicodedata

LONGEST_TYPED = 100
"""Characters. Longer text is no identifier; the limit keeps hostile input cheap."""

_MINUS_SIGN = "−"


def typed_plainly(text: str) -> str:
    """Fold what people type and paste into one spelling: no spaces, no invisible characters, one kind of hyphen.

    Full-width and other compatibility digits become ASCII (NFKC); digits of other scripts stay and are refused by the
    caller, so that one number never has two spellings. Raises ValueError when the text is too long.
    """
    if len(text) > LONGEST_TYPED:
        raise ValueError("too long")
    if text.isascii():
        return "".join(text.split())
    folded = unicodedata.normalize("NFKC", text)
    return "".join("-" if _is_hyphen(char) else char for char in folded if not _is_unseen(char))


def all_ascii_digits(text: str) -> bool:
    """Whether the text is one or more of 0-9 and nothing else."""
    return text.isascii() and text.isdigit()


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the right check digit for the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        doubled = int(char) * (1 + position % 2)
        total += doubled // 10 + doubled % 10
    return total % 10 == 0


def _is_hyphen(char: str) -> bool:
    return char == _MINUS_SIGN or unicodedata.category(char) == "Pd"


def _is_unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cf"


def are_twelve(text: str) -> bool:
    """Whether a personal number is written with its century and nothing else; nothing is said of what they mean."""
    return len(text) == 12 and all_ascii_digits(text)
