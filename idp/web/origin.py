"""Origin: a form of ours is only ever sent from a page of ours (a second proof beside the CSRF token)."""

from flask import Flask, request

from idp.web.errors import PageProblem
from idp.web.services import services


def install(app: Flask) -> None:
    """Refuse state-changing requests that a browser marks as coming from elsewhere; protocol endpoints have their own rules."""

    @app.before_request
    def check() -> None:
        if request.method != "POST" or not request.path.startswith("/signin/"):
            return
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin != services().settings.issuer
        if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise PageProblem("forbidden", 403, detail="the form came from another site")
