"""Request log: one line per request that somebody may have to find again, with an id on every line until it is answered."""

import json
import secrets
import time
from functools import lru_cache

from flask import Flask, Response, g, request

from idp import log

QUIET = frozenset({"static_files.of_release", "health.live", "health.ready", "signin_bankid_order.show_status"})
"""Polled every second, or by machines: a line each would bury the others."""


def install(app: Flask) -> None:
    """Put a request id on every log line, and write how the request ended; never a query, a cookie or a body."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        log.begin_request(secrets.token_hex(8))

    @app.after_request
    def end(response: Response) -> Response:
        known, status = request.url_rule, response.status_code
        if known is None or known.endpoint not in QUIET or status >= 500:
            began = g.get("began")
            took = "null" if began is None else round((time.perf_counter() - began) * 1000, 1)
            what = describe(request.method, known.rule if known else "(none)", status)
            log.write_request_line(f'{what},"ms":{took}')
        return response


@lru_cache(maxsize=1024)
def describe(method: str, rule: str, status: int) -> str:
    """The members that are the same for many requests; routes and usual methods are few."""
    told = {"event": "answered", "logger": "idp.request", "method": method, "rule": rule, "status": status}
    return json.dumps(told, separators=(",", ":"))[1:-1]
