"""The end session endpoint and its pages (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.authorize.response import redirect_origin
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Displayed
from idp.core.oidc.logout import (
    LogoutRequest,
    SignedIn,
    apps_of,
    needs_confirmation,
    read_logout_request,
)
from idp.core.oidc.parameters import RawParameters
from idp.web.cookies import Cookie, digest, new_secret
from idp.web.headers import allow_form_action, allow_frames
from idp.web.oidc.parameters import read_browser_parameters
from idp.web.pages import language_of, show
from idp.web.services import services
from idp.web.session_end import end_session

blueprint = Blueprint("logout", __name__)

_PUT_ASIDE = "put_aside"
_PUT_ASIDE_FOR = timedelta(minutes=10)
"""How long the page stays that asks before it logs out; its form brings everything itself."""
_KEPT = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")


@blueprint.get("/logout")
def end_session_endpoint() -> BaseResponse:
    """Log out at once when the hint is of this very session; ask the person otherwise."""
    known = services()
    raw = _put_aside_before(read_browser_parameters())
    asked = read_logout_request(raw, clients=known.clients, token_issuer=services().token_issuer)
    signed_in = _signed_in(asked.client)
    if needs_confirmation(asked, list(signed_in.values()), grants=known.grants, token_issuer=services().token_issuer):
        return _ask(raw, asked, list(signed_in.values()))
    return _log_out(asked, signed_in, raw)


@blueprint.post("/logout")
def posted_end_session() -> BaseResponse:
    """Turn a client's POST into a GET: a cross-site POST carries no SameSite=Lax cookie, the GET after it does.

    An ID Token that came in a body stays out of addresses, and so of histories and the logs of proxies.
    """
    raw = read_browser_parameters()
    kept = [(name, value) for name, value in raw.pairs if name in _KEPT]
    if raw.find("id_token_hint") is not None:
        read_logout_request(raw, clients=services().clients, token_issuer=services().token_issuer)
        kept = [(_PUT_ASIDE, _put_aside(kept))]
    return redirect(f"/logout?{urlencode(kept)}", code=303)


def _put_aside(parameters: Sequence[tuple[str, str]]) -> str:
    """Keep a request that has been checked; returns the reference under which the GET finds it."""
    known, reference = services(), new_secret()
    until = known.now() + _PUT_ASIDE_FOR
    known.pushed_requests.push(digest(reference), _PUT_ASIDE, {"parameters": list(parameters)}, until)
    return reference


def _put_aside_before(raw: RawParameters) -> RawParameters:
    known, reference = services(), raw.find(_PUT_ASIDE)
    if reference is None:
        return raw
    kept = known.pushed_requests.find(digest(reference), _PUT_ASIDE, known.now())
    if kept is None:
        raise Displayed(code="invalid_request", description="The request is too old", page="error.expired")
    return RawParameters.of((name, value) for name, value in kept["parameters"])


@blueprint.post("/logout/answer")
def answered() -> BaseResponse:
    """What the person chose on our own page; the form's token proves that it was ours."""
    known = services()
    raw = RawParameters.of(request.form.items(multi=True))
    asked = read_logout_request(raw, clients=known.clients, token_issuer=services().token_issuer)
    signed_in = _signed_in(asked.client)
    if raw.find("answer") == "logout":
        return _log_out(asked, signed_in, raw)
    return _stay(asked, list(signed_in.values()))


@blueprint.record_once
def _let_clients_post(state: BlueprintSetupState) -> None:
    """A client's form has no token of ours; it changes nothing by itself."""
    csrf = state.app.extensions.get("csrf")
    if csrf is not None:
        csrf.exempt(f"{__name__}.{posted_end_session.__name__}")


def _signed_in(client: Client | None) -> dict[str, SignedIn]:
    """The sessions of this browser by single sign-on group: the client's, or all when no client asks.

    Also one that has idled too long for single sign-on: its tokens live, and whoever logs out wants them dead.
    """
    known = services()
    groups = {client.sso_group} if client else {one.sso_group for one in known.clients.all()}
    found = {}
    for group in sorted(groups):
        secret = known.cookies.read(request, Cookie.SESSION, group)
        session = known.sessions.find_unended(digest(secret), group) if secret else None
        person = known.people.find(session[1]) if session else None
        if session is not None and person is not None:
            found[group] = SignedIn(session_id=session[0], person=person)
    return found


def _ask(raw: RawParameters, asked: LogoutRequest, signed_in: Sequence[SignedIn]) -> Response:
    known = services()
    language = language_of(raw.find("ui_locales"))
    apps = apps_of(signed_in, grants=known.grants, clients=known.clients)
    for address in filter(None, (asked.redirect_uri, *(app.client_uri for app in apps))):
        allow_form_action(redirect_origin(address))
    return show(
        "logout.html",
        language,
        action="/logout/answer",
        hidden=dict(_kept(raw)) | {"ui_locales": language},
        same_page=_same_page(raw),
        apps=[app.name_in(language) for app in apps],
    )


def _stay(asked: LogoutRequest, signed_in: Sequence[SignedIn]) -> BaseResponse:
    """Back to where the person came from, if we know an address; otherwise the browser stays where it is."""
    known = services()
    apps = apps_of(signed_in, grants=known.grants, clients=known.clients)
    candidates = [client.client_uri for client in (asked.client, *apps) if client is not None]
    address = next(filter(None, candidates), None)
    return redirect(address, code=303) if address else Response(status=204)


def _log_out(asked: LogoutRequest, signed_in: dict[str, SignedIn], raw: RawParameters) -> Response:
    known = services()
    frames: list[str] = []
    apps = apps_of(list(signed_in.values()), grants=known.grants, clients=known.clients)
    came_from = asked.client or (apps[0] if len(apps) == 1 else None)
    for session in signed_in.values():
        frames.extend(end_session(session, known.now(), reason="logout").frames)
    response = _goodbye(asked, came_from, frames, raw)
    for group in signed_in:
        known.cookies.erase(response, Cookie.SESSION, group)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _goodbye(asked: LogoutRequest, client: Client | None, frames: list[str], raw: RawParameters) -> Response:
    """Go to the client by itself only on a valid hint; the frames of other clients are loaded first.

    `client` is the one that asked, or the only one that the person was in: its own page is the way on.
    """
    language = language_of(raw.find("ui_locales"))
    if asked.hint is not None and asked.return_address is not None and not frames:
        response = make_response("", 303)
        response.headers["Location"] = asked.return_address
        response.autocorrect_location_header = False
        return response
    allow_frames([f"{part.scheme}://{part.netloc}" for part in map(urlsplit, frames)])
    own_start = client.start_address(services().settings.issuer) if client and client.initiate_login_uri else None
    return show(
        "logged_out.html",
        language,
        app=client.name_in(language) if client else None,
        continue_url=asked.return_address or (client.client_uri if client else None),
        auto_continue=asked.hint is not None and asked.return_address is not None,
        sign_in_url=own_start,
        frames=frames,
        same_page=_same_page(raw),
    )


def _same_page(raw: RawParameters) -> list[tuple[str, str]]:
    """The address of this page once more; it has been checked by the time a page shows it."""
    reference = request.args.get(_PUT_ASIDE)
    return _kept(raw) if reference is None else [(_PUT_ASIDE, reference)]


def _kept(raw: RawParameters) -> list[tuple[str, str]]:
    """What the request was."""
    return [(name, value) for name in _KEPT if (value := raw.find(name)) is not None]
