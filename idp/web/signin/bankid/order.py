"""A BankID order from its page: start, watch, cancel, and the way back from the app. No request waits for BankID itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

import structlog
from flask import Blueprint, Response, abort, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.identification.bankid.address_probe import AddressProbe
from idp.core.identification.bankid.come_back import ComeBack
from idp.core.identification.bankid.launch import NONCE_PARAMETER
from idp.core.identification.bankid.method import BankIdMethod, find_present
from idp.core.identification.bankid.order import Launch
from idp.core.identification.bankid.ports import Orders
from idp.core.identification.bankid.start_order import BankIdStartRequest, Visitor
from idp.core.identification.caller_address import Ip
from idp.core.signin.identification import identification_for, intention_for
from idp.web.client_address import ReadCallerAddress
from idp.web.cookies import Cookie, digest, new_secret
from idp.web.error_handlers import PageProblem
from idp.web.signin.bankid.log_in import WITHOUT_SCRIPT
from idp.web.signin.bankid.status import BankIdStatus, touch_points
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward, onward_address

MOST_PROBES: Final = 4

_log = structlog.get_logger("idp.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdOrder:
    """What the BankID page's buttons and script ask for."""

    pages: InteractionPages
    orders: Orders
    method: BankIdMethod
    status: BankIdStatus
    caller_address: ReadCallerAddress
    probe: AddressProbe
    come_back: ComeBack

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_bankid_order", __name__, url_prefix="/signin/<interaction_id>/bankid")
        routes.post("/start")(self.start)
        routes.get("/status")(self.show_status)
        routes.post("/cancel")(self.cancel)
        routes.get("/cancel")(self.cancelled_page)
        routes.get("/back")(self.back)
        return routes

    def start(self, interaction_id: str) -> BaseResponse:
        """Want an order, QR or same device; an earlier one is given up. The collector starts it at once."""
        context = self.pages.enter(interaction_id)
        if context.required is None or not context.is_identifying:
            return jsonify({"state": "complete"}) if _wants_json() else onward(context)
        try:
            launch = Launch(request.form.get("launch", ""))
        except ValueError:
            abort(400)
        start_request = BankIdStartRequest(
            launch=launch,
            visitor=self._visitor(context),
            intention=self._intention(context),
            back_url=f"{self.pages.issuer}{context.base}/bankid/back",
        )
        identification = identification_for(context.journey, context.required.reason)
        exhausted = self.method.start(identification, start_request, context.now)
        if exhausted is not None:
            return self._refuse(context, exhausted.until - context.now)
        self.pages.acted(context)
        response = _started(context, context.required.step.name)
        if "touch_points" in request.form:
            cookies = self.pages.cookies
            cookies.write(response, Cookie.TOUCH, str(touch_points(cookies)))
        return response

    def _visitor(self, context: InteractionContext) -> Visitor:
        cookies = self.pages.cookies
        return Visitor(
            address=self.caller_address(),
            user_agent=request.user_agent.string,
            touch_points=touch_points(cookies),
            device_identifier=cookies.read(request, Cookie.DEVICE) or new_secret(),
            browser_hash=digest(cookies.read(request, Cookie.BROWSER) or ""),
            other_addresses=tuple(self._seen_addresses(context)),
        )

    def _seen_addresses(self, context: InteractionContext) -> Iterator[Ip]:
        for answer in request.form.getlist("seen_address")[:MOST_PROBES]:
            address = self.probe.read(answer, context.id, context.now)
            if address is not None:
                yield address

    def _intention(self, context: InteractionContext) -> str:
        house_text = self.pages.pages.say(context.language, "signin.bankid.intention", app=context.app)
        return intention_for(context.client, context.request, context.language, house_text)

    def _refuse(self, context: InteractionContext, wait: timedelta) -> BaseResponse:
        """429 with Retry-After: the page's own script shows the message, a browser without script a page."""
        _log.warning("too many orders", interaction_id=context.id, client_id=context.client.client_id)
        if not _wants_json():
            raise PageProblem("too_many", 429, {"wait": wait}, client_id=context.client.client_id)
        pages, language = self.pages.pages, context.language
        in_words = pages.wait_in_words(language, wait)
        words = (pages.say(language, f"error.too_many.{part}", wait=in_words) for part in ("title", "text"))
        response = make_response(jsonify(self.status.refused(context, " ".join(words))), 429)
        response.headers["Retry-After"] = str(max(1, ceil(wait.total_seconds())))
        return response

    def show_status(self, interaction_id: str) -> Response:
        """What the page shows this second; reads our own rows only."""
        context = self.pages.enter(interaction_id, by_person=False)
        if not context.is_identifying:
            return jsonify({"state": "complete", "message": "", "next": onward_address(context)})
        order = find_present(self.orders, context.id)
        if order is not None:
            self.orders.watched(order, context.now)
        return jsonify(self.status(context, order))

    def cancel(self, interaction_id: str) -> BaseResponse:
        """Give the order up; the collector tells BankID."""
        context = self.pages.enter(interaction_id)
        if context.is_over:
            return onward(context)
        self.method.cancel(context.id, context.now)
        self.pages.acted(context)
        return redirect(f"{context.base}/bankid/cancel", code=303)

    def cancelled_page(self, interaction_id: str) -> BaseResponse:
        """Ask what now."""
        context = self.pages.enter(interaction_id)
        if not context.is_identifying or find_present(self.orders, context.id) is not None:
            return onward(context)
        return self.pages.show("signin/cancelled.html", context, over=False, start_url=None, back_url=None)

    def back(self, interaction_id: str) -> BaseResponse:
        """Where the BankID app returns to on the same device; it proves that app and browser share one, and logs nobody in.

        In another browser than the one that began, the order is given up: that is what the victim of a forwarded start
        link would see (CWE-384).
        """
        nonce = request.args.get(NONCE_PARAMETER, "")
        if self._is_elsewhere(interaction_id):
            return self._stray(interaction_id, nonce)
        context = self.pages.enter(interaction_id)
        if not self.come_back.here(context.id, nonce, context.now):
            _log.warning("return refused", interaction_id=context.id)
        app_url = context.client.bankid_return_uri
        if app_url is None or context.is_over:
            return redirect(context.base, code=303)
        return self.pages.show("signin/bankid/back.html", context, wrong_browser=False, start_url=None, app_url=app_url)

    def _stray(self, interaction_id: str, nonce: str) -> BaseResponse:
        """Give the order up; this browser, which the app opens, may begin a login that stays in it."""
        pages, interactions = self.pages, self.pages.interactions
        self.come_back.elsewhere(interaction_id, nonce, pages.clock())
        client = pages.clients.find(interactions.client_of(interaction_id) or "")
        language = pages.pages.language()
        return pages.pages.show(
            "signin/bankid/back.html",
            language,
            wrong_browser=True,
            app=client.name_in(language) if client else None,
            start_url=client.start_address(pages.issuer) if client else None,
            app_url=None,
        )

    def _is_elsewhere(self, interaction_id: str) -> bool:
        secret = self.pages.cookies.read(request, Cookie.BROWSER)
        if secret is None:
            return True
        return self.pages.interactions.exists_elsewhere(interaction_id, digest(secret), self.pages.clock())


def _started(context: InteractionContext, step_name: str) -> BaseResponse:
    """A form that no script took over leads to the page without script, which looks again by itself."""
    if _wants_json():
        return jsonify({"state": "starting"})
    return redirect(f"{context.base}/{step_name}?{'='.join(WITHOUT_SCRIPT)}", code=303)


def _wants_json() -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
