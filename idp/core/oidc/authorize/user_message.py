"""User message: what a client wants its person to read in the BankID app (https://id.oidc.se/param/userMessage).

The text stands beside our own words in somebody else's app, so only what cannot pretend to be ours gets there: plain
text, no control and no direction characters, few lines, limited length.
"""

import base64
import re
import unicodedata

from idp.core.languages import DEFAULT
from idp.core.oidc.clients.rules import USER_MESSAGE_BYTES
from idp.core.oidc.strict_json import read_object

USER_MESSAGE = "https://id.oidc.se/param/userMessage"
"""The parameter's name."""
MAX_LINES = 6
MAX_LANGUAGES = 10

_MEMBER = re.compile(r"message(?:#([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}))?", re.ASCII)


class MessageRefused(ValueError):
    """The parameter is not what the profile describes; the reason is a constant text."""


def read_user_message(text: str) -> dict[str, str]:
    """Read the parameter into texts by primary language tag; the empty tag is the text without one.

    A type other than text/plain gives no text at all, since it must not be shown. Raises MessageRefused
    (Authentication Request Parameter Extensions for the Swedish profile 2.1).
    """
    try:
        members = read_object(text)
    except ValueError:
        raise MessageRefused("the user message is not a JSON object") from None
    mime_type = members.get("mime_type", "text/plain")
    if not isinstance(mime_type, str) or mime_type.split(";")[0].strip().lower() != "text/plain":
        return {}
    found = [(match, value) for name, value in members.items() if (match := _MEMBER.fullmatch(name))]
    if not found or len(found) > MAX_LANGUAGES:
        raise MessageRefused("the user message has no message, or too many")
    return {(match[1] or "").split("-")[0].lower(): _read_text(value) for match, value in found}


def choose(messages: dict[str, str], languages: tuple[str, ...]) -> str | None:
    """The text for the first language that has one, else the one without a language, else Swedish, else any."""
    wanted = [*(language.split("-")[0].lower() for language in languages), "", DEFAULT, *messages]
    return next((messages[language] for language in wanted if language in messages), None)


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise MessageRefused("a user message must be base64 text")
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8")
    except ValueError:
        raise MessageRefused("a user message must be base64 of UTF-8 text") from None
    clean = _clean(text)
    if not clean or len(clean.encode()) > USER_MESSAGE_BYTES:
        raise MessageRefused("a user message is empty or longer than 500 bytes")
    return clean


def _clean(text: str) -> str:
    """Keep letters, marks, digits, punctuation, symbols and plain spaces; one blank line at most between two others."""
    lines = [
        " ".join("".join(" " if c.isspace() else c for c in line if _is_plain(c)).split())
        for line in unicodedata.normalize("NFC", text).splitlines()
    ]
    return (
        re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip())
        if len(lines) <= MAX_LINES
        else " ".join(filter(None, lines))
    )


def _is_plain(character: str) -> bool:
    """False for control, format (direction), private-use, surrogate and unassigned characters."""
    return character.isspace() or unicodedata.category(character)[0] != "C"
