"""Request log: one line per request that somebody may have to find again, with an id on every line until it is answered."""

import secrets
import time

import structlog
from flask import Flask, Response, g, request

_log = structlog.get_logger("idp.request")

_QUIET = frozenset({"static", "health.live", "health.ready", "signin_bankid.status", "signin_bankid.qr_image"})
"""Polled every second, or by machines: a line each would bury the others."""


def install(app: Flask) -> None:
    """Bind a request id to every log line, and write how the request ended; never a query, a cookie or a body."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=secrets.token_hex(8))

    @app.after_request
    def end(response: Response) -> Response:
        if request.endpoint not in _QUIET or response.status_code >= 500:
            rule = request.url_rule.rule if request.url_rule else "(none)"
            took = round((time.perf_counter() - g.began) * 1000, 1) if "began" in g else None
            _log.info("answered", method=request.method, rule=rule, status=response.status_code, ms=took)
        return response
