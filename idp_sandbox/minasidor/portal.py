"""The portal: MinaSidor's pages and its endpoints for the provider."""

import secrets
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests
from authlib.integrations.base_client import OAuthError
from flask import Flask, jsonify, redirect, render_template, request, session, url_for
from joserfc.errors import JoseError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from idp_sandbox.minasidor import client_key, logout_token
from idp_sandbox.minasidor.customer_overview import overview_of, swedish_amount, swedish_day
from idp_sandbox.minasidor.logins import Login, Logins
from idp_sandbox.minasidor.oidc_client import CLIENT_ID, AnswerRefused, OidcClient
from idp_sandbox.serving import ProgramOptions

TIME_ZONE = ZoneInfo("Europe/Stockholm")
INFORMATION_PAGES = ("help", "privacy", "accessibility")
"""Pages that the footer of the identity provider leads to as well."""
_SECRET_BYTES = 32
_RESTARTED = "restarted."
"""Begins the state of a login that took the place of one this browser does not know."""


def create_portal(options: ProgramOptions) -> Flask:
    """Build the program: pages for people, endpoints for the provider."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=_cookie_secret(options.data),
        SESSION_COOKIE_NAME="minasidor",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=options.base_url.startswith("https://"),
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    key = client_key.load_or_make(options.data)
    portal = _Portal(options, OidcClient.connect(app, options, key), Logins())
    app.add_url_rule("/", "start", portal.start)
    app.add_url_rule("/login-details", "login_details", portal.login_details)
    app.add_url_rule("/login", "login", portal.login)
    app.add_url_rule("/callback", "callback", portal.callback, methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", portal.logout, methods=["POST"])
    app.add_url_rule("/logged-out", "logged_out", portal.logged_out)
    app.add_url_rule("/initiate", "initiate", portal.initiate, methods=["GET", "POST"])
    app.add_url_rule("/backchannel-logout", "backchannel_logout", portal.backchannel_logout, methods=["POST"])
    app.add_url_rule("/frontchannel-logout", "frontchannel_logout", portal.frontchannel_logout)
    app.add_url_rule("/jwks.json", "jwks", lambda: jsonify(client_key.public_jwks(key)))
    app.add_url_rule("/health", "health", lambda: jsonify(status="ok"))
    for name in INFORMATION_PAGES:
        app.add_url_rule(f"/{name}", name, partial(render_template, f"{name}.html"))
    app.context_processor(lambda: {"login": portal.current()})
    app.add_template_filter(swedish_day)
    app.add_template_filter(swedish_amount)
    app.register_error_handler(HTTPException, _http_error)
    app.after_request(_harden)
    return app


class _Portal:
    """The views, with the three things they share."""

    def __init__(self, options: ProgramOptions, oidc: OidcClient, logins: Logins) -> None:
        self.options = options
        self.oidc = oidc
        self.logins = logins

    def current(self) -> Login | None:
        return self.logins.find(session.get("login"))

    def start(self) -> str:
        """The start page: "Logga in" in the upper right corner, or the customer's overview."""
        login = self.current()
        if login is None:
            return render_template("start.html")
        today = datetime.now(TIME_ZONE).date()
        overview = overview_of(login.customer_number, today) if login.customer_number else None
        return render_template("overview.html", overview=overview)

    def login_details(self) -> Response | str:
        """What the provider told about the person and the login, for developers."""
        return render_template("login_details.html") if self.current() else redirect(url_for("start"), 303)

    def login(self) -> Response | tuple[str, int]:
        """Begin a login; demonstrations may add prompt, max_age and the like.

        A logged-in person who is asked again must be the same one afterwards.
        """
        again = self.current() if request.args.get("prompt") == "login" else None
        session["expected_sub"] = again.claims["sub"] if again else None
        try:
            return self.oidc.begin_login(request.args, same_person=again)
        except requests.RequestException:
            return _unreachable()

    def callback(self) -> Response | tuple[str, int]:
        """Receive the provider's answer, by query or by form_post."""
        state = request.values.get("state", "")
        if not self.oidc.has_begun(state):
            return self._begin_again(state)
        if error := request.values.get("error"):
            self.oidc.forget(state)
            return _refused(error, request.values.get("error_description"))
        try:
            login = self.oidc.finish_login(request.values)
        except (OAuthError, AnswerRefused, JoseError) as problem:
            return _refused("invalid_answer", getattr(problem, "description", None) or str(problem))
        except requests.RequestException:
            return _unreachable()
        if session.pop("expected_sub", None) not in {None, login.claims["sub"]}:
            return _refused("another_person", None)
        self.logins.close(session.get("login"))
        session["login"] = self.logins.open(login)
        return redirect(url_for("start"), 303)

    def _begin_again(self, state: str) -> Response | tuple[str, int]:
        """Answer a tab that was restored or reloaded: nothing in it is believed, and a new login begins, once."""
        if self.current():
            return redirect(url_for("start"), 303)
        if state.startswith(_RESTARTED):
            return _refused("no_cookies", None)
        try:
            return self.oidc.begin_login({}, state=_RESTARTED + secrets.token_urlsafe(24))
        except requests.RequestException:
            return _unreachable()

    def logout(self) -> Response | tuple[str, int]:
        """End the login here first, then at the provider."""
        gone = self.logins.close(session.pop("login", None))
        if gone is None:
            return redirect(url_for("start"), 303)
        try:
            return self.oidc.begin_logout(gone.id_token)
        except (requests.RequestException, RuntimeError):
            return _unreachable()

    def logged_out(self) -> Response | str:
        """The page after the provider's logout; without a logout of ours it is just the start page."""
        try:
            self.oidc.finish_logout()
        except OAuthError:
            return redirect(url_for("start"), 303)
        return render_template("logged_out.html")

    def initiate(self) -> Response | tuple[str, int]:
        """Begin a login that somebody else asked for (OIDC Core 4): only with our provider, only to our pages."""
        if request.values.get("iss") != self.options.issuer:
            return _refused("invalid_request", "iss is not the provider of MinaSidor")
        target = request.values.get("target_link_uri")
        if target and _origin(target) != _origin(self.options.base_url):
            return _refused("invalid_request", "target_link_uri leads away from MinaSidor")
        hint = request.values.get("login_hint")
        return redirect(url_for("login", login_hint=hint or None), 303)

    def backchannel_logout(self) -> tuple[Response, int]:
        """End logins told by a logout token (OIDC Back-Channel Logout 2.5-2.8)."""
        try:
            token = logout_token.read(
                request.form.get("logout_token", ""),
                keys=self.oidc.keys(),
                issuer=self.options.issuer,
                client_id=CLIENT_ID,
                now=datetime.now(UTC),
            )
        except logout_token.NotALogoutToken as problem:
            return jsonify(error="invalid_request", error_description=str(problem)), 400
        except requests.RequestException:
            return jsonify(error="temporarily_unavailable", error_description="the keys could not be fetched"), 503
        self.logins.close_session(sid=token.sid, sub=token.sub)
        return jsonify({}), 200

    def frontchannel_logout(self) -> tuple[str, int]:
        """End logins of a session named by the provider's page in this browser (OIDC Front-Channel Logout 2)."""
        if request.args.get("iss") == self.options.issuer and request.args.get("sid"):
            self.logins.close_session(sid=request.args["sid"], sub=None)
        return "", 200


def _refused(error: str, description: str | None) -> tuple[str, int]:
    page = render_template(
        "problem.html", error=error, description=description, error_uri=request.values.get("error_uri")
    )
    return page, 400


def _http_error(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    return render_template("http_error.html", status=status), status


def _unreachable() -> tuple[str, int]:
    return render_template("problem.html", error="temporarily_unavailable", description=None, error_uri=None), 502


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port


def _harden(response: Any) -> Any:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:; base-uri 'none'"
    return response


def _cookie_secret(directory: Path) -> bytes:
    """The key of the signed cookie; kept, so that a restart of the program does not break a login under way."""
    path = directory / "cookie-secret"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(_SECRET_BYTES))
    return path.read_bytes()
