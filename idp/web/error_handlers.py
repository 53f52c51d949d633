"""The only error handler: a page for people, JSON for programs, a redirect for clients; a code for all three."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from flask import Flask, Response, jsonify, redirect, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.authorize.response import error_response
from idp.core.oidc.errors import Displayed, ErrorCode, ProtocolError, Redirected, Refused
from idp.core.overtaken import Overtaken
from idp.core.signin.ports import Interactions
from idp.log import one_line
from idp.web.answer import ClientAnswers
from idp.web.cookies import Cookie, Cookies, digest
from idp.web.error_code import error_code, known_error_code
from idp.web.error_page import ErrorPage, Offer
from idp.web.transaction import Transaction

_log = structlog.get_logger("idp.web")

_FOR_PEOPLE = (
    *("/signin/", "/authorize", "/logout", "/confirm-email", "/freeze", "/not-me"),
    *("/account/", "/approvals/", "/invitation"),
)
_ORDINARY: frozenset[ErrorCode] = frozenset(
    {"login_required", "interaction_required", "account_selection_required", "consent_required", "access_denied"}
)
"""Answers that are nobody's mistake."""
_HTTP_PAGES = {404: "not_found", 405: "method", 403: "forbidden", 413: "bad_request", 429: "too_many"}


@dataclass
class PageProblem(Exception):
    """Something a person must be told on a separate page; `key` is the error's name in the translations."""

    key: str
    status: int = 400
    values: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = None
    detail: str = ""
    offer: Offer | None = None
    """A form that is another way on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHandlers:
    """Answers whatever a view raises."""

    page: ErrorPage
    client_answers: ClientAnswers
    interactions: Interactions
    cookies: Cookies
    transaction: Transaction
    outages: Sequence[type[Exception]]
    """The exceptions that say the database is out of reach."""
    issuer: str
    clock: Callable[[], datetime]
    explains: bool
    """Developers are told what was sent and what is registered: test mode, where nothing is a secret."""

    def install(self, app: Flask) -> None:
        """Register the handlers."""
        for outage in self.outages:
            app.register_error_handler(outage, self._out_of_reach)
        app.register_error_handler(Displayed, self._displayed)
        app.register_error_handler(Redirected, self._redirected)
        app.register_error_handler(Refused, self._refused)
        app.register_error_handler(PageProblem, self._page_problem)
        app.register_error_handler(Overtaken, self._overtaken)
        app.register_error_handler(CSRFError, self._forged)
        app.register_error_handler(HTTPException, self._http)
        app.register_error_handler(InternalServerError, self._after_the_view)
        app.register_error_handler(Exception, self._crashed)
        app.after_request(_name_the_code)

    def _displayed(self, error: Displayed) -> Response:
        return self.page(
            error.page.removeprefix("error."),
            error.status,
            client_id=error.client_id,
            facts={"error": error.code, "description": error.description, "detail": error.detail}
            | ({"diagnosis": error.diagnosis} if self.explains else {}),
        )

    def _redirected(self, error: Redirected) -> BaseResponse:
        """Where the person is, or decided, is an ordinary answer; everything else has a code that can be looked up."""
        if error.code in _ORDINARY:
            told = {"error": error.code, "client_id": error.reply_to.client_id, "detail": error.detail}
            _log.info("authorization refused", **told)
            return self.client_answers.send(error_response(error, self.issuer))
        self._note("authorization refused", error, client_id=error.reply_to.client_id)
        told_as = replace(error, description=f"{self._description(error)} (error code {error_code()})")
        return self.client_answers.send(error_response(told_as, self.issuer))

    def _refused(self, error: Refused) -> Response:
        self._note("request refused", error)
        response = jsonify(
            {"error": error.code, "error_description": self._description(error), "error_code": error_code()}
        )
        response.status_code = error.status
        response.headers.update(dict(error.headers))
        response.headers["Cache-Control"] = "no-store"
        return response

    def _description(self, error: ProtocolError) -> str:
        return error.explanation if self.explains else error.description

    def _note(self, event: str, error: ProtocolError, **facts: str) -> None:
        """In the log and behind the code; what was sent is kept in test mode alone."""
        noted = {"error": error.code, "path": request.path, "detail": error.detail, **facts}
        _log.info(event, code=error_code(), **noted)
        if self.explains:
            noted["diagnosis"] = error.diagnosis
        kept = {"page": "refused", "description": error.description, **noted}
        self.page.incidents.note(error_code(), self.clock(), kept, of_program=True)

    def _page_problem(self, problem: PageProblem) -> Response:
        return self.page(
            problem.key,
            problem.status,
            client_id=problem.client_id,
            values=problem.values,
            facts={"detail": problem.detail},
            offer=problem.offer,
        )

    def _overtaken(self, error: Overtaken) -> BaseResponse:
        """Nothing of this request stands; the dispatcher reads everything afresh and knows where the person is."""
        interaction_id = (request.view_args or {}).get("interaction_id")
        if interaction_id is None:
            return self._crashed(error)
        self.transaction.roll_back()
        rule = request.url_rule.rule if request.url_rule else ""
        _log.info("overtaken", interaction_id=interaction_id, rule=rule)
        return redirect(f"/signin/{interaction_id}", code=303)

    def _forged(self, error: CSRFError) -> Response:
        """A form of a sign-in without the cookies that it was shown with has lost its login, and can begin another."""
        facts = {"detail": error.description or ""}
        interaction_id = (request.view_args or {}).get("interaction_id")
        if interaction_id is None:
            return self.page("forbidden", 403, facts=facts)
        secret, now = self.cookies.read(request, Cookie.BROWSER), self.clock()
        held = secret is not None and self.interactions.find(interaction_id, digest(secret), now) is not None
        client_id = self.interactions.client_of(interaction_id)
        return self.page("forbidden" if held else "no_cookie", 403, client_id=client_id, facts=facts)

    def _http(self, error: HTTPException) -> BaseResponse:
        status = error.code or 500
        if status < 400:
            return error.get_response()
        if wants_json():
            response = jsonify({"error": "invalid_request" if status < 500 else "server_error"})
            response.status_code = status
        else:
            response = self.page(_HTTP_PAGES.get(status, "bad_request" if status < 500 else "server"), status)
        if status == 405:
            response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
        return response

    def _after_the_view(self, error: InternalServerError) -> BaseResponse:
        """What failed after a view had answered, such as its commit."""
        cause = error.original_exception
        if not isinstance(cause, Exception):
            return self._http(error)
        return self._out_of_reach(cause) if isinstance(cause, tuple(self.outages)) else self._crashed(cause)

    def _out_of_reach(self, error: Exception) -> Response:
        """The fault is passing and not the caller's: a refresh token stays good, a person tries again in a moment."""
        self.transaction.roll_back()
        _log.error("database out of reach", path=request.path, code=error_code(), reason=one_line(error))
        if wants_json():
            response = _json_error("temporarily_unavailable", 503)
        else:
            response = self.page("unavailable", 503, logged=True)
        response.headers["Retry-After"] = "5"
        return response

    def _crashed(self, error: Exception) -> Response:
        self.transaction.roll_back()
        _log.exception("crashed", path=request.path, code=error_code(), exc_info=error)
        if wants_json():
            return _json_error("server_error", 500)
        page = self.page("server", 500, facts={"detail": type(error).__name__}, logged=True)
        try:
            self.transaction.commit()  # the code on the page; what the request did has been rolled back
        except Exception as again:  # noqa: BLE001 - it is logged, and the page comes whatever happens
            self.transaction.roll_back()
            _log.exception("code not kept", code=error_code(), exc_info=again)
        return page


def _name_the_code(response: Response) -> Response:
    """In a header as well, for answers whose format has no room for it."""
    code = known_error_code()
    if code is not None:
        response.headers["Error-Code"] = code
    return response


def _json_error(error: str, status: int) -> Response:
    response = jsonify({"error": error, "error_description": f"reference {error_code()}", "error_code": error_code()})
    response.status_code = status
    return response


def wants_json() -> bool:
    """True for the endpoints that programs call, and for the page's own script; where there is no page, what the caller accepts decides."""
    accepted = request.headers.get("Accept", "")
    if accepted.startswith("application/json"):
        return True
    if isinstance(request.routing_exception, NotFound) and "text/html" in accepted:
        return False
    return request.path != "/" and not request.path.startswith(_FOR_PEOPLE)
