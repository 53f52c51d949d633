"""The error code: eight characters on the screen, in the log and in the incidents that `idp explain` reads."""

import secrets
from typing import Final

from flask import g

_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def known_error_code() -> str | None:
    """The code of this request, when somebody has needed one."""
    code = g.get("error_code")
    return None if code is None else str(code)


def error_code() -> str:
    """The code of this request: eight characters that are hard to confuse."""
    if "error_code" not in g:
        g.error_code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return str(g.error_code)
