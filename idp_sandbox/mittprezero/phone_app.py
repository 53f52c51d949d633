"""The phone app: MittPreZero's screens, and the page of prezero.se that its link opens in the browser."""

import secrets
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests
from flask import Flask, g, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from idp_sandbox.mittprezero.oidc_client import Login, LoginFailed, OidcClient, PendingLogin
from idp_sandbox.serving import ProgramOptions

COOKIE = "mittprezero"
ACCOUNT_COOKIE = "mittprezero_account"
"""Says that somebody has logged in with this app before, so that its start page offers BankID directly."""
A_YEAR = 365 * 24 * 60 * 60
RESTARTED = "restarted."
"""Begins the state of a login that took the place of one this app does not know."""
REDIRECT_PATH = "/oauth2redirect"
LOGGED_OUT_PATH = "/logged-out"
TIME_ZONE = ZoneInfo("Europe/Stockholm")
MOST_PENDING = 5
PASSED_ON = ("prompt", "max_age", "acr_values", "ui_locales", "login_hint", "display", "claims")


class Phone:
    """One installation of the app: pending logins, and who is logged in."""

    def __init__(self) -> None:
        self.pending: dict[str, PendingLogin] = {}
        self.logged_in: Login | None = None
        self.left_in_browser: str | None = None
        """The ID token of a login that was ended in the app alone."""
        self.logout_state: str | None = None

    def remember(self, pending: PendingLogin) -> None:
        """Keep only the newest: a person who taps the link again starts another."""
        while len(self.pending) >= MOST_PENDING:
            del self.pending[next(iter(self.pending))]
        self.pending[pending.state] = pending


def create_phone_app(options: ProgramOptions) -> Flask:
    """Build the program that plays both the app and the browser page in front of it."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    screens = _Screens(options, OidcClient.connect(app, options, options.base_url + REDIRECT_PATH))
    app.add_url_rule("/", "home", screens.home)
    app.add_url_rule("/prezero", "prezero", screens.prezero)
    app.add_url_rule("/login", "login", screens.login)
    app.add_url_rule("/initiate", "initiate", screens.initiate, methods=["GET", "POST"])
    app.add_url_rule(REDIRECT_PATH, "called_back", screens.called_back)
    app.add_url_rule("/refresh", "refresh", screens.refresh, methods=["POST"])
    app.add_url_rule("/logout", "logout", screens.logout, methods=["POST"])
    app.add_url_rule("/logout-everywhere", "logout_everywhere", screens.logout_everywhere, methods=["POST"])
    app.add_url_rule(LOGGED_OUT_PATH, "logged_out", screens.logged_out)
    app.add_url_rule("/health", "health", lambda: jsonify(status="ok"))
    app.add_template_filter(swedish_clock)
    app.register_error_handler(HTTPException, _http_error)
    app.before_request(screens.refuse_foreign_forms)
    app.after_request(screens.keep_cookie)
    return app


def swedish_clock(moment: datetime) -> str:
    """The time of day as it is written in Sweden, 04.55."""
    return moment.astimezone(TIME_ZONE).strftime("%H.%M")


class _Screens:
    """The views, with the phones that have the app."""

    def __init__(self, options: ProgramOptions, oidc: OidcClient) -> None:
        self._options = options
        self._oidc = oidc
        self._lock = threading.Lock()
        self._phones: dict[str, Phone] = {}

    def home(self) -> str:
        """The app's first screen, or who is logged in."""
        phone = self._phone()
        return render_template(
            "app.html",
            held=phone.logged_in,
            left_in_browser=phone.left_in_browser is not None,
            has_account=ACCOUNT_COOKIE in request.cookies,
        )

    def prezero(self) -> str:
        """The page of prezero.se that the link in the app opens in the phone's browser."""
        return render_template("prezero.html")

    def login(self) -> Response | tuple[str, int]:
        """Send the browser to the provider; demonstrations may add prompt and the like."""
        return self._begin({name: request.args[name] for name in PASSED_ON if request.args.get(name)})

    def initiate(self) -> Response | tuple[str, int]:
        """Begin a login that somebody else asked for (OIDC Core 4): only with our provider, only to our screens."""
        if request.values.get("iss") != self._options.issuer:
            return _refused(LoginFailed("invalid_request", "iss is not the provider of MittPreZero"))
        target = urlsplit(request.values.get("target_link_uri") or self._options.base_url)
        if target[:2] != urlsplit(self._options.base_url)[:2]:
            return _refused(LoginFailed("invalid_request", "target_link_uri leads away from MittPreZero"))
        return self._begin({"login_hint": hint} if (hint := request.values.get("login_hint")) else {})

    def _begin(self, extra: dict[str, str], state_prefix: str = "") -> Response | tuple[str, int]:
        try:
            pending, address = self._oidc.begin(extra, state_prefix)
        except LoginFailed as problem:
            return _refused(problem)
        except requests.RequestException:
            return _unreachable()
        self._phone().remember(pending)
        return redirect(address, 303)

    def called_back(self) -> Response | tuple[str, int]:
        """Receive the provider's answer; a pending login is used once."""
        phone = self._phone()
        state = request.args.get("state", "")
        pending = phone.pending.pop(state, None)
        if pending is None:
            return self._begin_again(state)
        try:
            phone.logged_in = self._oidc.finish(pending, request.args, now=datetime.now(UTC))
        except LoginFailed as problem:
            return _refused(problem)
        except requests.RequestException:
            return _unreachable()
        phone.left_in_browser = None
        answer = redirect(url_for("home"), 303)
        self._set_cookie(answer, ACCOUNT_COOKIE, "1")
        return answer

    def _begin_again(self, state: str) -> Response | tuple[str, int]:
        """Answer a tab that was restored or reloaded: nothing in it is believed, and a new login begins, once."""
        if self._phone().logged_in:
            return redirect(url_for("home"), 303)
        if state.startswith(RESTARTED):
            return _refused(LoginFailed("no_cookies"))
        return self._begin({}, RESTARTED)

    def refresh(self) -> Response | tuple[str, int]:
        """Get fresh facts without asking for BankID; when the provider says no, the person is logged out here."""
        phone = self._phone()
        if phone.logged_in is None:
            return redirect(url_for("home"), 303)
        try:
            phone.logged_in = self._oidc.renew(phone.logged_in, now=datetime.now(UTC))
        except LoginFailed as problem:
            phone.logged_in = None
            return _refused(problem)
        except requests.RequestException:
            return _unreachable()
        return redirect(url_for("home"), 303)

    def logout(self) -> Response | tuple[str, int]:
        """Give the refresh token back; no browser is needed, and the browser's own session goes on."""
        phone = self._phone()
        held, phone.logged_in = phone.logged_in, None
        if held is not None:
            phone.left_in_browser = held.id_token
            try:
                self._oidc.revoke(held)
            except (LoginFailed, requests.RequestException):
                return _unreachable()
        return redirect(url_for("home"), 303)

    def logout_everywhere(self) -> Response | tuple[str, int]:
        """Send the browser to end its session at the provider too, and to come back."""
        phone = self._phone()
        if phone.left_in_browser is None:
            return redirect(url_for("home"), 303)
        phone.logout_state = secrets.token_urlsafe(24)
        back_to = self._options.base_url + LOGGED_OUT_PATH
        try:
            address = self._oidc.logout_address(phone.left_in_browser, back_to=back_to, state=phone.logout_state)
        except LoginFailed as problem:
            return _refused(problem)
        except requests.RequestException:
            return _unreachable()
        return redirect(address, 303)

    def logged_out(self) -> Response | str:
        """The page after the provider's logout; without a logout of ours it is just the first screen."""
        phone = self._phone()
        if phone.logout_state is None or request.args.get("state") != phone.logout_state:
            return redirect(url_for("home"), 303)
        phone.logout_state = phone.left_in_browser = None
        return render_template("logged_out.html")

    def refuse_foreign_forms(self) -> Response | None:
        """Refuse a POST from another site's page (CSRF); only a login may begin elsewhere."""
        origin = request.headers.get("Origin")
        if request.endpoint == "initiate":
            return None
        if request.method == "POST" and origin and urlsplit(origin).netloc != urlsplit(self._options.base_url).netloc:
            return make_response("Formuläret kom från en annan webbplats.", 403)
        return None

    def keep_cookie(self, response: Any) -> Any:
        reference = g.get("new_phone")
        if reference:
            self._set_cookie(response, COOKIE, reference)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"  # with no-referrer, our own forms would say Origin: null
        response.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:; base-uri 'none'"
        return response

    def _set_cookie(self, response: Response, name: str, value: str) -> None:
        secure = self._options.base_url.startswith("https://")
        response.set_cookie(name, value, max_age=A_YEAR, httponly=True, samesite="Lax", secure=secure)

    def _phone(self) -> Phone:
        reference = request.cookies.get(COOKIE) or g.get("new_phone")
        with self._lock:
            if reference is None or reference not in self._phones:
                reference = g.new_phone = secrets.token_urlsafe(24)
                self._phones[reference] = Phone()
            return self._phones[reference]


def _refused(problem: LoginFailed) -> tuple[str, int]:
    page = render_template(
        "problem.html", error=problem.error, description=problem.description, error_uri=request.args.get("error_uri")
    )
    return page, 400


def _http_error(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    return render_template("http_error.html", status=status), status


def _unreachable() -> tuple[str, int]:
    return render_template("problem.html", error="temporarily_unavailable", description="", error_uri=None), 502
