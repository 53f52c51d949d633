"""Cookies: which ones there are, what each may do, and how they are read without being fooled."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

import structlog
from flask import Request
from werkzeug.wrappers import Response

_log = structlog.get_logger("idp.web")


class Cookie(StrEnum):
    """One name per purpose; the value is random and means nothing by itself, but for `language` and `customer`."""

    SESSION = "session"
    """Single sign-on; ends with the browser. Its hash is in the database."""
    BROWSER = "browser"
    """Binds interactions to the browser that began them; outlives a closed browser, and the longest interaction."""
    DEVICE = "device"
    """Tells BankID's risk assessment that the same browser is back; never used to recognise a person."""
    KNOWN = "known"
    """Tells a person's own browsers from a new one, which the person is told of; used for nothing else."""
    LANGUAGE = "language"
    TOUCH = "touch"
    """How many fingers the screen takes: tells an iPad from the Mac it claims to be."""
    INVITATION = "invitation"
    """The secret of an invitation's link, while the invited person logs in."""
    CUSTOMER = "customer"
    """The company chosen last time on this device."""


BROWSER_LIFE: Final = timedelta(days=1)
"""Also of the form's token: what a closed browser brings back can be sent."""

_LIVES: dict[Cookie, timedelta | None] = {
    Cookie.SESSION: None,
    Cookie.BROWSER: BROWSER_LIFE,
    Cookie.DEVICE: timedelta(days=399),
    Cookie.KNOWN: timedelta(days=399),
    Cookie.LANGUAGE: timedelta(days=365),
    Cookie.TOUCH: timedelta(days=399),
    Cookie.INVITATION: timedelta(hours=1),
    Cookie.CUSTOMER: timedelta(days=399),
}


def digest(secret: str) -> str:
    """What the database keeps of a cookie: SHA-256, hex. The secret has 256 random bits, so it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """A fresh cookie value of 256 bits."""
    return secrets.token_urlsafe(32)


@lru_cache(maxsize=256)
def _suffix(group: str) -> str:
    return "-" + hashlib.sha256(group.encode()).hexdigest()[:8] if group else ""


@dataclass(frozen=True, slots=True)
class Cookies:
    """Reads and writes cookies; `secure` is False only for http on loopback, where browsers refuse the prefix."""

    secure: bool

    def name(self, cookie: Cookie, group: str = "") -> str:
        """The name on the wire; `group` tells sessions of different SSO groups apart."""
        return f"{'__Host-' if self.secure else 'idp-'}{cookie}{_suffix(group)}"

    def read(self, request: Request, cookie: Cookie, group: str = "") -> str | None:
        """The value, or None. A name sent twice is somebody's attempt to shadow ours, so it counts as absent and is told of."""
        values = request.cookies.getlist(self.name(cookie, group))
        if len(values) > 1:
            _log.warning("cookie sent twice", cookie=cookie.value)
        return values[0] if len(values) == 1 and 0 < len(values[0]) <= 128 else None

    def write(self, response: Response, cookie: Cookie, value: str, group: str = "") -> None:
        response.set_cookie(
            self.name(cookie, group),
            value,
            max_age=_LIVES[cookie],
            secure=self.secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )

    def erase(self, response: Response, cookie: Cookie, group: str = "") -> None:
        response.delete_cookie(self.name(cookie, group), secure=self.secure, httponly=True, samesite="Lax", path="/")
