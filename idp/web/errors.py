"""The only error handler: a page for people, JSON for programs, a redirect for clients; a code for all three.

The error code of eight characters stands on the screen, in the log and in the incidents that `idp explain` reads.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, redirect, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.authorize.response import error_response
from idp.core.oidc.errors import Displayed, Redirected, Refused
from idp.core.signin.overtaken import Overtaken
from idp.web.answer import ClientAnswers
from idp.web.cookies import Cookie, digest
from idp.web.language import Language
from idp.web.pages import language_of, show, wait_in_words
from idp.web.services import services

_log = structlog.get_logger("idp.web")

_FOR_PEOPLE = ("/signin/", "/authorize", "/logout", "/confirm-email")
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_INTERACTION_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_HTTP_PAGES = {404: "not_found", 405: "method", 403: "forbidden", 413: "bad_request", 429: "too_many"}

_NOT_BY_STARTING_OVER = {"locked", "blocked", "too_many"}
"""Pages whose trouble would meet the person again at once."""
_WITHOUT_A_WAY_ON = {"expired", "no_cookie"}
"""Pages that say in words where to go when no client is known."""


@dataclass
class PageProblem(Exception):
    """Something a person must be told on a page of its own; `key` is the error's name in the translations."""

    key: str
    status: int = 400
    values: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = None
    detail: str = ""


def error_code() -> str:
    """The code of this request: eight characters that are hard to confuse."""
    if "error_code" not in g:
        g.error_code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(8))
    return str(g.error_code)


def install(app: Flask, outages: Sequence[type[Exception]], client_answers: ClientAnswers, issuer: str) -> None:
    """Register the handlers; `outages` are the exceptions that say the database is out of reach."""
    for outage in outages:
        app.register_error_handler(outage, _out_of_reach)
    app.register_error_handler(Displayed, _displayed)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(PageProblem, _page_problem)
    app.register_error_handler(Overtaken, _overtaken)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crashed)

    @app.errorhandler(Redirected)
    def redirected(error: Redirected) -> BaseResponse:
        reply_to, code = error.reply_to, error_code()
        told = {"error": error.code, "client_id": reply_to.client_id, "code": code, "detail": error.detail}
        _log.info("authorization refused", **told)
        return client_answers.send(error_response(error, issuer))

    @app.errorhandler(InternalServerError)
    def after_the_view(error: InternalServerError) -> BaseResponse:
        """What failed after a view had answered, such as its commit."""
        cause = error.original_exception
        if not isinstance(cause, Exception):
            return _http(error)
        return _out_of_reach(cause) if isinstance(cause, tuple(outages)) else _crashed(cause)


def _displayed(error: Displayed) -> Response:
    return _page(
        error.page.removeprefix("error."),
        error.status,
        client_id=error.client_id,
        facts={"error": error.code, "description": error.description, "detail": error.detail},
    )


def _refused(error: Refused) -> Response:
    _log.info("request refused", error=error.code, path=request.path, code=error_code(), detail=error.detail)
    response = jsonify({"error": error.code, "error_description": error.description})
    response.status_code = error.status
    response.headers.update(dict(error.headers))
    response.headers["Cache-Control"] = "no-store"
    return response


def _page_problem(problem: PageProblem) -> Response:
    return _page(
        problem.key,
        problem.status,
        client_id=problem.client_id,
        values=problem.values,
        facts={"detail": problem.detail},
    )


def _overtaken(error: Overtaken) -> BaseResponse:
    """Nothing of this request stands; the dispatcher reads everything afresh and knows where the person is."""
    interaction_id = (request.view_args or {}).get("interaction_id")
    if interaction_id is None:
        return _crashed(error)
    services().unit_of_work.roll_back()
    _log.info("overtaken", interaction_id=interaction_id, rule=request.url_rule.rule if request.url_rule else "")
    return redirect(f"/signin/{interaction_id}", code=303)


def _forged(error: CSRFError) -> Response:
    """A form of a sign-in without the cookies that it was shown with has lost its login, and can begin another."""
    facts = {"detail": error.description or ""}
    interaction_id = (request.view_args or {}).get("interaction_id")
    if interaction_id is None:
        return _page("forbidden", 403, facts=facts)
    known = services()
    secret = known.cookies.read(request, Cookie.BROWSER)
    held = secret is not None and known.interactions.find(interaction_id, digest(secret), known.now()) is not None
    client_id = known.interactions.client_of(interaction_id)
    return _page("forbidden" if held else "no_cookie", 403, client_id=client_id, facts=facts)


def _http(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if wants_json():
        response = jsonify({"error": "invalid_request" if status < 500 else "server_error"})
        response.status_code = status
    else:
        response = _page(_HTTP_PAGES.get(status, "bad_request" if status < 500 else "server"), status)
    if status == 405:
        response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return response


def _out_of_reach(error: Exception) -> Response:
    """The fault is passing and not the caller's: a refresh token stays good, a person tries again in a moment."""
    services().unit_of_work.roll_back()
    _log.error("database out of reach", path=request.path, code=error_code(), reason=_reason(error))
    if wants_json():
        response = jsonify({"error": "temporarily_unavailable", "error_description": f"reference {error_code()}"})
        response.status_code = 503
    else:
        response = _page("unavailable", 503, logged=True)
    response.headers["Retry-After"] = "5"
    return response


def _reason(error: Exception) -> str:
    """What the driver says, in one line: without the statement and its parameters, which may be personal."""
    driver = getattr(error, "orig", None) or error
    return f"{type(driver).__name__}: {str(driver).partition(chr(10))[0]}"


def _crashed(error: Exception) -> Response:
    services().unit_of_work.roll_back()
    _log.exception("crashed", path=request.path, code=error_code(), exc_info=error)
    if wants_json():
        response = jsonify({"error": "server_error", "error_description": f"reference {error_code()}"})
        response.status_code = 500
        return response
    page = _page("server", 500, facts={"detail": type(error).__name__}, logged=True)
    try:
        services().unit_of_work.commit()  # the code on the page; what the request did has been rolled back
    except Exception as again:  # noqa: BLE001 - it is logged, and the page comes whatever happens
        services().unit_of_work.roll_back()
        _log.exception("code not kept", code=error_code(), exc_info=again)
    return page


def wants_json() -> bool:
    """True for the endpoints that programs call, and for the page's own script; where nothing is, who asks decides."""
    accepted = request.headers.get("Accept", "")
    if accepted.startswith("application/json"):
        return True
    if isinstance(request.routing_exception, NotFound) and "text/html" in accepted:
        return False
    return not request.path.startswith(_FOR_PEOPLE)


def _page(
    key: str,
    status: int,
    *,
    client_id: str | None = None,
    values: dict[str, Any] | None = None,
    facts: dict[str, str] | None = None,
    logged: bool = False,
) -> Response:
    known = services()
    now, code = known.now(), error_code()
    language = language_of()
    client = known.clients.find(client_id) if client_id else None
    noted = {"page": key, "status": status, "path": request.url_rule.rule if request.url_rule else "", **(facts or {})}
    if client:
        noted["client_id"] = client.client_id
    login = (request.view_args or {}).get("interaction_id", "")
    if _INTERACTION_ID.fullmatch(login):
        noted["interaction_id"] = login
    if not logged:
        _log.warning("error page", code=code, **noted)
    if status != 503:
        known.incidents.note(code, now, noted)
    shown = {name: noted.get(name, "") for name in ("error", "description", "detail") if noted.get(name)}
    return show(
        "error.html",
        language,
        http_status=status,
        error_key=key,
        error_values={
            name: wait_in_words(language, value) if isinstance(value, timedelta) else value
            for name, value in (values or {}).items()
        },
        error_code=code,
        time=known.settings.brand.local(now),
        app=client.name_in(language) if client else None,
        back_url=client.client_uri if client else None,
        restart_url=client.start_address(known.settings.issuer)
        if client and key not in _NOT_BY_STARTING_OVER
        else None,
        go_back_to=_own_apps(language) if client is None and key in _WITHOUT_A_WAY_ON else None,
        detail=shown if known.settings.is_sandbox and shown else None,
    )


def _own_apps(language: Language) -> list[str]:
    """The names of the house's own services, for whoever came from one of them and nobody knows which."""
    return [one.name_in(language) for one in services().clients.all() if one.first_party and not one.disabled]
