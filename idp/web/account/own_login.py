"""Our own pages outside of a login: who is here, and how somebody logs in to them, as a client of ourselves."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.clients.client import Client
from idp.core.people.person import Person
from idp.core.signin.ports import Sessions
from idp.core.signin.session import Session
from idp.web.cookies import Cookie, Cookies, digest, new_secret
from idp.web.error_handlers import PageProblem

FRESH: Final = timedelta(minutes=10)
"""How old the identification may be of who decides something."""
_PAGE = re.compile(r"approvals/[0-9a-f]{32}|invitation/taken")
"""The pages that a login may lead back to; nothing else that stands in an address leads anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLogin:
    """The answer's code is left alone: what counts is the session that the login started."""

    client: Client
    sessions: Sessions
    cookies: Cookies
    session_idle: timedelta

    def blueprint(self) -> Blueprint:
        routes = Blueprint("own_login", __name__)
        routes.get("/account/back")(self.back)
        return routes

    def person(self, now: datetime) -> Person | None:
        """Who identified in this browser within the last minutes."""
        session = self.session(now)
        return session.person if session is not None else None

    def session(self, now: datetime) -> Session | None:
        """That of whoever did."""
        secret = self.cookies.read(request, Cookie.SESSION, self.client.sso_group)
        session = self.sessions.find(digest(secret), self.client, now, self.session_idle) if secret else None
        return session if session is not None and now - session.authentication.at <= FRESH else None

    def start(self, page: str) -> BaseResponse:
        """Log in by BankID, and come back to a page of ours."""
        [redirect_uri] = self.client.redirect_uris
        parameters = {
            "client_id": self.client.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": page,
            "prompt": "login",
            "code_challenge": new_secret(),
            "code_challenge_method": "S256",
        }
        return redirect(f"/authorize?{urlencode(parameters)}", code=303)

    def back(self) -> BaseResponse:
        """To the page that wanted the login, whether it was finished or left. Raises PageProblem for any other."""
        page = request.args.get("state", "")
        if not _PAGE.fullmatch(page):
            raise PageProblem("not_found", 404)
        return redirect(f"/{page}", code=303)
