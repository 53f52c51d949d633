"""The error code: eight characters on the screen, in the log and in the incidents that `idp explain` reads."""

import hashlib
import secrets
from typing import Final

from flask import g

_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def code_of(what: str) -> str:
    """The code of something that lasts longer than a request: the same whenever it is told."""
    number = int.from_bytes(hashlib.sha256(what.encode()).digest())
    return "".join(_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(8))


def is_code(text: str) -> bool:
    """Whether it could be one of ours, to be shown as such."""
    return len(text) == 8 and set(text) <= set(_LETTERS)


def known_error_code() -> str | None:
    """The code of this request, when somebody has needed one."""
    code = g.get("error_code")
    return None if code is None else str(code)


def reserved_code() -> str:
    """The code that this request has as soon as somebody needs one: eight characters that are hard to confuse."""
    if "reserved_code" not in g:
        g.reserved_code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return str(g.reserved_code)


def error_code() -> str:
    """The code of this request, which its answer names from now on."""
    g.error_code = reserved_code()
    return str(g.error_code)
