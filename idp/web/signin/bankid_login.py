"""The BankID page, for logging in and for logging in again; what its buttons and its script ask for is in `bankid_order`."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.identification.bankid.launch import Browser, DeviceGuess, comes_back
from idp.core.identification.bankid.order import Launch, Order, OrderState
from idp.core.identification.bankid.ports import Orders
from idp.core.identification.bankid.start_order import OrderPolicy, is_offered
from idp.core.signin.address_probe import AddressProbe
from idp.core.signin.steps.bankid_login import BankIdLogin
from idp.web.cookies import Cookie, new_secret
from idp.web.headers import allow_connections
from idp.web.signin.bankid_status import BankIdStatus, present_browser
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdPage:
    """Pages A, B and F: the same but for their words; opening one starts no order."""

    pages: InteractionPages
    orders: Orders
    status: BankIdStatus
    policy: OrderPolicy
    probe: AddressProbe
    probes: Sequence[str]
    step_name: str
    template: str

    def blueprint(self) -> Blueprint:
        routes = Blueprint(f"signin_{self.step_name}", __name__)
        routes.get(f"/signin/<interaction_id>/{self.step_name}")(self.page)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """The order as it is now, and the ways to start one."""
        context = self.pages.enter(interaction_id)
        order = current_order(self.orders, context)
        if not context.is_at(self.step_name) or (order is not None and order.is_ready):
            return onward(context)
        cookies, browser = self.pages.cookies, present_browser(self.pages.cookies)
        said = [name for name in ("stop", "other") if request.args.get(name) == "1"]
        is_first = self.step_name == BankIdLogin.name
        response = self.pages.show(
            self.template,
            context,
            same_page=[(name, "1") for name in said],
            device=_first_device(context, browser.device_guess),
            status=self.status(context, order),
            other_person="other" in said or _other_person_was_meant(context),
            auto_start=is_first and order is None and "stop" not in said,
            embedded=not browser.can_start_bankid,
            page_url=f"{self.pages.issuer}{context.base}/bankid",
            start_url=self.pages.start_address(context),
            here_offered=is_offered(Launch.SAME_DEVICE, browser, self.policy),
            **self._probe(context, browser),
            reloading="stop" not in said,
            **({"again": False} if is_first else {}),
        )
        if cookies.read(request, Cookie.DEVICE) is None:
            cookies.write(response, Cookie.DEVICE, new_secret())
        return response

    def _probe(self, context: InteractionContext, browser: Browser) -> dict[str, str]:
        """What the page asks the other host names, where an address will have to prove that app and browser are together."""
        if not self.probes or comes_back(browser, launch_url=self.policy.launch_url):
            return {}
        allow_connections(self.probes)
        return {"probes": " ".join(self.probes), "question": self.probe.ask(context.id, context.now)}


def current_order(orders: Orders, context: InteractionContext) -> Order | None:
    """The order that the page is about; one that has been used up belongs to an identification before."""
    order = orders.current(context.id)
    return None if order is not None and order.state is OrderState.USED else order


def _first_device(context: InteractionContext, guess: DeviceGuess) -> str:
    hint = context.request.launch_hint
    if hint == "qr":
        return "computer"
    return "phone" if hint == "same_device" or guess is DeviceGuess.PHONE else "computer"


def _other_person_was_meant(context: InteractionContext) -> bool:
    subject, hinted = context.journey.subject, context.request.hinted_sub
    return context.interaction.identified is not None and hinted is not None and subject not in {None, hinted}
