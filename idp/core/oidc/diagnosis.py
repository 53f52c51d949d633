"""Diagnosis: what was sent, what is registered, and the line that would make one the other; read in test mode alone."""

from collections.abc import Iterable

_LONGEST = 300
"""Characters of what was sent."""


def not_registered(member: str, sent: Iterable[str], registered: Iterable[str]) -> str:
    """For a member of a client's file that holds a list."""
    sent, registered = sorted(sent), sorted(registered)
    line = ", ".join(f"'{_short(one)}'" for one in dict.fromkeys([*registered, *sent]))
    return f"sent: {_words(sent)}; registered: {_words(registered)}; the line in the client's file: {member} = [{line}]"


def no_file(client_id: str) -> str:
    """For a client that nobody knows."""
    return f"sent: {_short(client_id)}; there is no file {_short(client_id)}.toml, or it came after the last start or SIGHUP"


def differs(sent: str, expected: str) -> str:
    """For what must be the same as in an earlier request."""
    return f"sent: {_short(sent)}; expected: {_short(expected)}"


def _words(values: Iterable[str]) -> str:
    return ", ".join(map(_short, values)) or "nothing"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
