"""Languages: those in which the provider speaks to people."""

from typing import Final, Literal, TypeAlias, get_args

Language: TypeAlias = Literal["sv", "en"]
"""ISO 639-1."""

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[Language] = "sv"
