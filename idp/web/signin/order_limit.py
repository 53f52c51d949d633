"""Order limit: stops a browser, or a network, that starts BankID orders without end."""

from math import ceil

import structlog
from flask import jsonify, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.budgets import Exhausted
from idp.core.identification.bankid.order_limits import OrderLimits
from idp.web.cookies import Cookie, digest
from idp.web.errors import PageProblem
from idp.web.pages import wait_in_words
from idp.web.services import services
from idp.web.signin.visit import Visit

_log = structlog.get_logger("idp.web")


def count_order(visit: Visit, address: str) -> Exhausted | None:
    """Count one start by this browser from this address; until when to wait, if there were too many."""
    known = services()
    bankid = known.settings.bankid
    limits = OrderLimits(
        per_browser=bankid.orders_per_browser,
        per_address=bankid.orders_per_address,
        per_network=bankid.orders_per_network,
    )
    browser = digest(known.cookies.read(request, Cookie.BROWSER) or "")
    scopes = limits.scopes(browser=browser, address=address)
    charged = known.budgets.charge(scopes, visit.now) if scopes else None
    if not isinstance(charged, Exhausted):
        return None
    _log.warning("too many orders", interaction_id=visit.id, client_id=visit.client.client_id)
    return charged


def refuse_order(visit: Visit, exhausted: Exhausted, *, as_json: bool) -> BaseResponse:
    """429 with Retry-After: the page's own script shows the message, a browser without script a page."""
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
