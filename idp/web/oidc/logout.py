"""The end session endpoint and its pages (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.authorize.response import redirect_origin
from idp.core.oidc.clients.client import Client
from idp.core.oidc.logout.log_out import Farewell, LogOut, PersonDecides, SentBack
from idp.core.oidc.logout.logout_request import LogoutRequest, LogoutRequests
from idp.core.oidc.parameters import RawParameters
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
    log_out: LogOut
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
        done = self.log_out(logout_request, self._cookie_hash, self.clock())
        if isinstance(done, PersonDecides):
            return self._ask(raw, logout_request, done.apps)
        return self._logged_out(raw, done)

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
        if raw.find("answer") == "logout":
            return self._logged_out(raw, self.log_out.agreed(logout_request, self._cookie_hash, self.clock()))
        return redirect(self.log_out.stayed(logout_request, self._cookie_hash) or "/", code=303)

    def _cookie_hash(self, group: str) -> str | None:
        secret = self.cookies.read(request, Cookie.SESSION, group)
        return digest(secret) if secret else None

    def _ask(self, raw: RawParameters, logout_request: LogoutRequest, apps: Sequence[Client]) -> Response:
        language = self.pages.language(raw.find("ui_locales"))
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

    def _logged_out(self, raw: RawParameters, done: SentBack | Farewell) -> Response:
        match done:
            case SentBack(address=address):
                response = make_response("", 303)
                response.headers["Location"] = address
                response.autocorrect_location_header = False
            case Farewell():
                response = self._say_farewell(raw, done)
            case _:
                assert_never(done)
        for group in done.groups:
            self.cookies.erase(response, Cookie.SESSION, group)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def _say_farewell(self, raw: RawParameters, done: Farewell) -> Response:
        language, client = self.pages.language(raw.find("ui_locales")), done.client
        allow_frames([f"{part.scheme}://{part.netloc}" for part in map(urlsplit, done.frames)])
        own_start = client.start_address(self.issuer) if client and client.initiate_login_uri else None
        return self.pages.show(
            "logged_out.html",
            language,
            app=client.name_in(language) if client else None,
            continue_url=done.address or (client.client_uri if client else None),
            auto_continue=done.by_itself,
            sign_in_url=own_start,
            frames=done.frames,
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
