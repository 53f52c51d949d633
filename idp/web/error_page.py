"""The page that tells a person what went wrong: what happened, what to do now, and a code that support can look up."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from flask import Response, request
from werkzeug.exceptions import HTTPException

from idp.core.languages import Language
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients
from idp.core.signin.ports import Incidents
from idp.web.error_code import error_code
from idp.web.pages import Pages

_log = structlog.get_logger("idp.web")

_LOGIN: Final = re.compile(r"/signin/([A-Za-z0-9_-]{22})(?:/|$)")

_AGAIN: Final = frozenset({"server", "unavailable", "maintenance", "too_many"})
"""Pages whose trouble passes: the same thing once more is the way on."""
_LOGIN_STANDS: Final = frozenset({"forbidden", "method", "not_found", "number_moved", "codes_used_up"})
"""Pages behind which the login of that address goes on."""
_BY_TELEPHONE: Final = frozenset({"locked", "company_locked", "codes_used_up", "requests_used_up", "blocked"})
"""Pages whose trouble only a person of ours can end."""
_NOT_BY_STARTING_OVER: Final = _BY_TELEPHONE | {"maintenance", "too_many"}
"""Pages whose trouble would meet the person again at once."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way on: an element's id, the key of its words, and where it leads; "" is this same address."""

    name: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A way on that does something when it is taken: the key of its words, where it is sent, and what with it."""

    label: str
    action: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """Shows the page, notes the incident under its code, and always finds a next step that works."""

    pages: Pages
    clients: Clients
    incidents: Incidents
    issuer: str
    clock: Callable[[], datetime]

    def __call__(
        self,
        key: str,
        status: int,
        *,
        client_id: str | None = None,
        values: Mapping[str, Any] | None = None,
        facts: Mapping[str, str] | None = None,
        offer: Offer | None = None,
        logged: bool = False,
    ) -> Response:
        """`values` are those of the text, where times and spans of time are put into words; `facts` are for our log, and for developers in test mode."""
        now, code, language = self.clock(), error_code(), self.pages.language()
        client = self.clients.find(client_id) if client_id else None
        rule = request.url_rule.rule if request.url_rule else ""
        noted = {"page": key, "status": status, "path": rule, **(facts or {}), **_whose(client)}
        if not logged:
            _log.warning("error page", code=code, **noted)
        if status != 503:
            self.incidents.note(code, now, noted)
        shown = {name: noted[name] for name in ("error", "description", "detail", "diagnosis") if noted.get(name)}
        return self.pages.show(
            "error.html",
            language,
            http_status=status,
            error_key=key,
            error_values={name: self._in_words(language, value, now) for name, value in (values or {}).items()},
            error_code=code,
            time=self.pages.brand.local(now),
            app=client.name_in(language) if client else None,
            ways=list(self._ways(key, client)),
            form_again=_form_again() if key in _AGAIN else None,
            offer=offer,
            detail=shown if self.pages.test_mode and shown else None,
        )

    def _in_words(self, language: Language, value: Any, now: datetime) -> Any:
        match value:
            case timedelta():
                return self.pages.wait_in_words(language, value)
            case datetime():
                return self.pages.moment_in_words(language, value, now)
            case _:
                return value

    def _ways(self, key: str, client: Client | None) -> Iterator[Way]:
        """The likeliest first; none when the house's own services are all that is left."""
        login, phone = _login(), self.pages.phone_link
        if key in _AGAIN and request.method == "GET" and request.url_rule is not None:
            yield Way("retry", "frame.try_again", "")
        if login and (key in _LOGIN_STANDS or (key in _AGAIN and request.method != "GET" and _form_again() is None)):
            yield Way("go-on", "frame.continue", f"/signin/{login}")
        if key == "forbidden" and login is None and request.method == "POST":
            yield from _page_of_the_form()
        if key in _BY_TELEPHONE and phone:
            yield Way("call", "frame.call", phone)
        if client is None:
            return
        restart = client.start_address(self.issuer) if key not in _NOT_BY_STARTING_OVER else None
        if restart and restart != client.client_uri:
            yield Way("restart", "error.start_over", restart)
        if client.client_uri:
            yield Way("continue", "frame.back_to_app", client.client_uri)


def _page_of_the_form() -> Iterator[Way]:
    """Where a form outside of a login is shown once more, with a token that counts."""
    if request.path.startswith("/approvals/"):
        yield Way("retry", "frame.try_again", request.path)
    match request.path:
        case "/logout/answer":
            yield Way("retry", "frame.try_again", "/logout")
        case "/confirm-email" | "/freeze" | "/not-me":
            # The proof came by the address in the letter, so that it may stand in one.
            proof = urlencode({"proof": dict(_sent()).get("proof", "")})
            yield Way("retry", "frame.try_again", f"{request.path}?{proof}")
        case _:
            return


def _login() -> str | None:
    """The id in this address, whether or not it is anybody's."""
    found = _LOGIN.match(request.path)
    return found[1] if found else None


def _whose(client: Client | None) -> dict[str, str]:
    login = _login()
    return ({"client_id": client.client_id} if client else {}) | ({"interaction_id": login} if login else {})


def _sent() -> Sequence[tuple[str, str]]:
    """The fields of a form; nothing of a body that no form of ours has, whose parser stays out of reach."""
    is_form = request.method == "POST" and request.mimetype == "application/x-www-form-urlencoded"
    try:
        return [*request.form.items(multi=True)] if is_form else []
    except HTTPException:  # too large, or too many fields
        return []


def _form_again() -> Sequence[tuple[str, str]] | None:
    """What was typed, to be sent once more by a press; with the token that came with it, and never with another.

    None for what is no form of ours, or is a press on a button, which the page behind it offers again.
    """
    typed = _sent() if _login() else []
    return typed if {name for name, _ in typed} - {"csrf_token", "launch", "answer"} else None
