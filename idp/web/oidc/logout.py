"""The end session endpoint and its pages (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse

from idp.core.accounts.end_logins import EndSession
from idp.core.oidc.authorize.response import redirect_origin
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.logout import LogoutRequest, LogoutRequests, SignedIn
from idp.core.oidc.parameters import RawParameters
from idp.core.signin.ports import People, Sessions
from idp.web.cookies import Cookie, Cookies, digest
from idp.web.headers import allow_form_action, allow_frames
from idp.web.oidc.parameters import read_browser_parameters
from idp.web.pages import Pages

_KEPT = "kept"
"""The parameter with the reference of a request that a form brought."""
_SHOWN = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")
"""The parameters that the GET after a form, and our own form, bring again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """Ends this browser's sessions, for a client or for the person alone."""

    requests: LogoutRequests
    clients: Clients
    sessions: Sessions
    people: People
    end_session: EndSession
    pages: Pages
    cookies: Cookies
    issuer: str
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("logout", __name__)
        routes.get("/logout")(self.end_session_endpoint)
        routes.post("/logout")(self.posted_end_session)
        routes.post("/logout/answer")(self.answered)
        routes.record_once(_let_clients_post)
        return routes

    def end_session_endpoint(self) -> BaseResponse:
        """Log out at once when the hint is of this very session; ask the person otherwise."""
        raw = read_browser_parameters()
        reference = raw.find(_KEPT)
        if reference is not None:
            raw = self.requests.find_kept(reference, self.clock())
        logout_request = self.requests(raw)
        signed_in = self._signed_in(logout_request.client)
        if self.requests.needs_confirmation(logout_request, list(signed_in.values())):
            return self._ask(raw, logout_request, list(signed_in.values()))
        return self._log_out(raw, logout_request, signed_in)

    def posted_end_session(self) -> BaseResponse:
        """Turn a client's POST into a GET: a cross-site POST carries no SameSite=Lax cookie, the GET after it does.

        An ID Token that came in a body stays out of addresses, and so of histories and the logs of proxies.
        """
        raw = RawParameters.of((name, value) for name, value in read_browser_parameters().pairs if name in _SHOWN)
        if raw.find("id_token_hint") is None:
            return redirect(f"/logout?{urlencode(raw.pairs)}", code=303)
        self.requests(raw)
        return redirect(f"/logout?{urlencode({_KEPT: self.requests.keep(raw, self.clock())})}", code=303)

    def answered(self) -> BaseResponse:
        """What the person chose on our own page; the form's token proves that it was ours."""
        raw = RawParameters.of(request.form.items(multi=True))
        logout_request = self.requests(raw)
        signed_in = self._signed_in(logout_request.client)
        if raw.find("answer") == "logout":
            return self._log_out(raw, logout_request, signed_in)
        return self._stay(logout_request, list(signed_in.values()))

    def _signed_in(self, client: Client | None) -> Mapping[str, SignedIn]:
        """The sessions of this browser by single sign-on group: the client's, or all when no client asks.

        Also one that has idled too long for single sign-on: its tokens live, and a person who logs out wants them dead.
        """
        groups = {client.sso_group} if client else {one.sso_group for one in self.clients.all()}
        found = {}
        for group in sorted(groups):
            secret = self.cookies.read(request, Cookie.SESSION, group)
            session = self.sessions.find_unended(digest(secret), group) if secret else None
            person = self.people.find(session[1]) if session else None
            if session is not None and person is not None:
                found[group] = SignedIn(session_id=session[0], person=person)
        return found

    def _ask(self, raw: RawParameters, logout_request: LogoutRequest, signed_in: Sequence[SignedIn]) -> Response:
        language = self.pages.language(raw.find("ui_locales"))
        apps = self.requests.apps_of(signed_in)
        for address in filter(None, (logout_request.redirect_uri, *(app.client_uri for app in apps))):
            allow_form_action(redirect_origin(address))
        return self.pages.show(
            "logout.html",
            language,
            action="/logout/answer",
            hidden=dict(_shown(raw)) | {"ui_locales": language},
            same_page=_same_page(raw),
            apps=[app.name_in(language) for app in apps],
        )

    def _stay(self, logout_request: LogoutRequest, signed_in: Sequence[SignedIn]) -> BaseResponse:
        """Back to where the person came from, if we know an address; otherwise to our own page with the services."""
        candidates = (logout_request.client, *self.requests.apps_of(signed_in))
        address = next((client.client_uri for client in candidates if client and client.client_uri), None)
        return redirect(address or "/", code=303)

    def _log_out(
        self, raw: RawParameters, logout_request: LogoutRequest, signed_in: Mapping[str, SignedIn]
    ) -> Response:
        frames: list[str] = []
        apps = self.requests.apps_of(signed_in.values())
        came_from = logout_request.client or (apps[0] if len(apps) == 1 else None)
        for session in signed_in.values():
            frames.extend(self.end_session(session, self.clock(), reason="logout").frames)
        response = self._goodbye(raw, logout_request, came_from, frames)
        for group in signed_in:
            self.cookies.erase(response, Cookie.SESSION, group)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def _goodbye(
        self, raw: RawParameters, logout_request: LogoutRequest, client: Client | None, frames: list[str]
    ) -> Response:
        """Go to the client by itself only on a valid hint; the frames of other clients are loaded first.

        `client` is the one that asked, or the only one that the person was in: its own page is the way on.
        """
        language, address = self.pages.language(raw.find("ui_locales")), logout_request.return_address
        by_itself = logout_request.hint is not None and address is not None
        if by_itself and not frames:
            response = make_response("", 303)
            response.headers["Location"] = address or ""
            response.autocorrect_location_header = False
            return response
        allow_frames([f"{part.scheme}://{part.netloc}" for part in map(urlsplit, frames)])
        own_start = client.start_address(self.issuer) if client and client.initiate_login_uri else None
        return self.pages.show(
            "logged_out.html",
            language,
            app=client.name_in(language) if client else None,
            continue_url=address or (client.client_uri if client else None),
            auto_continue=by_itself,
            sign_in_url=own_start,
            frames=frames,
            same_page=_same_page(raw),
        )


def _let_clients_post(state: BlueprintSetupState) -> None:
    """A client's form has no token of ours; it changes nothing by itself."""
    csrf = state.app.extensions.get("csrf")
    if csrf is not None:
        csrf.exempt(f"{__name__}.{Logout.posted_end_session.__name__}")


def _same_page(raw: RawParameters) -> list[tuple[str, str]]:
    """The address of this page once more; it has been checked by the time a page shows it."""
    reference = request.args.get(_KEPT)
    return _shown(raw) if reference is None else [(_KEPT, reference)]


def _shown(raw: RawParameters) -> list[tuple[str, str]]:
    """What the request was."""
    return [(name, value) for name in _SHOWN if (value := raw.find(name)) is not None]
