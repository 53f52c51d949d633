"""Order limit: what a browser is answered that starts BankID orders without end."""

from math import ceil

import structlog
from flask import jsonify, make_response
from werkzeug.wrappers import Response as BaseResponse

from idp.core.budgets import Exhausted
from idp.web.errors import PageProblem
from idp.web.pages import wait_in_words
from idp.web.services import services
from idp.web.signin.visit import Visit

_log = structlog.get_logger("idp.web")


def refuse_order(visit: Visit, exhausted: Exhausted, *, as_json: bool) -> BaseResponse:
    """429 with Retry-After: the page's own script shows the message, a browser without script a page."""
    _log.warning("too many orders", interaction_id=visit.id, client_id=visit.client.client_id)
    seconds = max(1, ceil((exhausted.until - visit.now).total_seconds()))
    if not as_json:
        raise PageProblem("too_many", 429, {"wait": exhausted.until - visit.now}, client_id=visit.client.client_id)
    say = services().catalogs.translate
    wait = wait_in_words(visit.language, exhausted.until - visit.now)
    words = (say(visit.language, f"error.too_many.{part}", wait=wait) for part in ("title", "text"))
    body = {"state": "failed", "launch": None, "message": " ".join(words), "can_retry": True}
    response = make_response(jsonify(body), 429)
    response.headers["Retry-After"] = str(seconds)
    return response
