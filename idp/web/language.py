"""The language of a page: which one a person gets, and the texts in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Final, Protocol, Self, TypeGuard

from babel.messages.pofile import PoFileError, read_po
from markupsafe import escape

from idp.core.languages import DEFAULT, LANGUAGES, Language
from idp.misconfiguration import Misconfiguration

TRANSLATIONS: Final = Path(__file__).parent / "translations"

_WEIGHT = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_MOST_RANGES = 50


class Translate(Protocol):
    """The function `t` of a template: a key and its values, in the language of the page."""

    def __call__(self, key: str, /, **values: object) -> str: ...


class UnknownTextError(LookupError):
    """A key that no catalog has: a mistake in the program, never of the person."""


class BrokenCatalogError(Misconfiguration):
    """A catalog that cannot be trusted: an empty text, or a key twice, or keys and placeholders that differ."""


@dataclass(frozen=True, slots=True)
class Catalogs:
    """Every text a person can meet, by language and key."""

    texts: Mapping[Language, Mapping[str, str]]

    @classmethod
    def load(cls, directory: Path = TRANSLATIONS) -> Self:
        """Read `sv.po` and `en.po`; raises BrokenCatalogError when they do not say the same things."""
        texts = {language: _read(directory / f"{language}.po") for language in LANGUAGES}
        _require_same_shape(texts["sv"], texts["en"])
        return cls(texts=MappingProxyType(texts))

    def with_own(self, directory: Path, *, always: frozenset[str], concerns: Callable[[str], bool]) -> Self:
        """The same with a company's own `sv.po` and `en.po` in place of what they have; `concerns` says which are ours.

        A text may leave placeholders out, and use those of `always`. Raises BrokenCatalogError for a key that we do not
        have, a placeholder that would stay empty, and a text in one language only.
        """
        own = {
            language: {key: text for key, text in _read(directory / f"{language}.po").items() if concerns(key)}
            for language in LANGUAGES
        }
        if apart := sorted(own["sv"].keys() ^ own["en"].keys()):
            raise BrokenCatalogError(f"{directory}: only in one language: {', '.join(apart)}")
        for language, texts in own.items():
            for key, text in texts.items():
                if not self.knows(key):
                    raise BrokenCatalogError(f"{directory}: no text is called {key}")
                if unknown := placeholders(text) - placeholders(self.texts[language][key]) - always:
                    raise BrokenCatalogError(f"{directory}: {key} has no {{{min(unknown)}}} to say in {language}")
        return type(self)(
            texts={language: MappingProxyType({**self.texts[language], **own[language]}) for language in LANGUAGES}
        )

    def translate(self, language: Language, key: str, /, **values: object) -> str:
        """Return the text with its `{placeholders}` filled; raises UnknownTextError, or KeyError for a missing value."""
        return self._text(language, key).format_map(values)

    def _text(self, language: Language, key: str) -> str:
        text = self.texts[language].get(key)
        if text is None:
            raise UnknownTextError(key)
        return text

    def knows(self, key: str) -> bool:
        """Tell whether the key has a text."""
        return key in self.texts[DEFAULT]

    def translator(self, language: Language, /, **always: object) -> Translate:
        """Return `t` for one page; `always` are values every text may use, such as the organisation's name.

        What it gives is HTML: a value is escaped unless it is HTML itself, such as a telephone number to tap.
        """

        def translate(key: str, /, **values: object) -> str:
            return escape(self._text(language, key)).format_map({**always, **values})

        return translate


def choose_language(ui_locales: str | None, cookie: str | None, accept_language: str | None) -> Language:
    """Choose by the request's `ui_locales`, else the saved choice, else the browser's list, else Swedish.

    `ui_locales` is a space-separated list in order of preference (OIDC Core 3.1.2.1); `accept_language` is the header's
    value with weights (RFC 9110 12.5.4). What cannot be read is passed over: a language is never a reason to refuse.
    """
    for tag in (ui_locales or "").split()[:_MOST_RANGES]:
        if language := _spoken(tag):
            return language
    if cookie is not None and is_language(cookie):
        return cookie
    return _accepted(accept_language or "") or DEFAULT


def is_language(text: str) -> TypeGuard[Language]:
    """Tell whether the text names a language we have."""
    return text in LANGUAGES


def _accepted(header: str) -> Language | None:
    weighed: list[tuple[float, Language]] = []
    for item in header.split(",")[:_MOST_RANGES]:
        tag, _, parameter = item.partition(";")
        weight = _weight(parameter.strip())
        language = _spoken(tag.strip())
        if language and weight > 0:
            weighed.append((weight, language))
    return max(weighed, key=lambda pair: pair[0])[1] if weighed else None


def _weight(parameter: str) -> float:
    if not parameter:
        return 1.0
    match = _WEIGHT.fullmatch(parameter)
    return float(match.group(1)) if match else 0.0


def _spoken(tag: str) -> Language | None:
    primary = tag.replace("_", "-").split("-")[0].lower()
    return primary if is_language(primary) else None


def _read(path: Path) -> Mapping[str, str]:
    try:
        with path.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
    except OSError as problem:
        raise BrokenCatalogError(f"{path} cannot be read: {problem.strerror}") from None
    except (PoFileError, ValueError) as problem:
        raise BrokenCatalogError(f"{path} is no catalog: {problem}") from None
    texts: dict[str, str] = {}
    for message in catalog:
        if message.id == "":
            continue
        if not isinstance(message.id, str) or not isinstance(message.string, str) or not message.string:
            raise BrokenCatalogError(f"{path.name}: {message.id} has no text")
        texts[message.id] = message.string
    return MappingProxyType(texts)


def _require_same_shape(one: Mapping[str, str], other: Mapping[str, str]) -> None:
    if apart := sorted(one.keys() ^ other.keys()):
        raise BrokenCatalogError(f"only in one language: {', '.join(apart)}")
    if apart := sorted(key for key in one if placeholders(one[key]) != placeholders(other[key])):
        raise BrokenCatalogError(f"different placeholders: {', '.join(apart)}")


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces. Raises BrokenCatalogError for a brace without its partner."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        raise BrokenCatalogError(f"a brace stands alone in: {text}") from None
