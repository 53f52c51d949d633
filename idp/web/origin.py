"""Origin: a form of ours is only ever sent from a page of ours (a second proof beside the CSRF token)."""

from flask import Flask, request
from werkzeug.exceptions import MethodNotAllowed

from idp.web.error_handlers import PageProblem

_FORM = "application/x-www-form-urlencoded"
_GET_ACTS = ("/authorize", "/logout", "/signin/")
"""A GET may end a login or a session there; what only wants to know the head of its answer shall not (RFC 9110 9.3.2)."""
_OUR_FORMS = ("/signin/", "/logout/", "/confirm-email", "/freeze", "/not-me", "/approvals/", "/invitation")


def install(app: Flask, issuer: str) -> None:
    """Refuse state-changing requests that a browser marks as coming from elsewhere; protocol endpoints have their own rules.

    It runs before anything reads the body: our pages send no files, so the parser for them is out of reach.
    """

    @app.before_request
    def check() -> None:
        if request.method == "HEAD" and request.path.startswith(_GET_ACTS):
            raise MethodNotAllowed(valid_methods=["GET", "POST"])
        if request.method != "POST" or not request.path.startswith(_OUR_FORMS):
            return
        if not _is_ours(request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site"), issuer):
            raise PageProblem("forbidden", 403, detail="the form came from another site")
        if request.mimetype != _FORM:
            raise PageProblem("forbidden", 403, detail="the body is no form of ours")


def _is_ours(origin: str | None, site: str | None, issuer: str) -> bool:
    """What a browser says of the page with the form, or nothing from one that says neither.

    A proxy that adds `Referrer-Policy: no-referrer` makes browsers say the origin `null` (Fetch 3.2). Then only their own word
    `same-origin` counts, which no page of another site, no frame in a sandbox and no `data:` address can have.
    """
    if origin == "null":
        return site == "same-origin"
    return origin in {None, issuer} and site in {None, "same-origin", "none"}
