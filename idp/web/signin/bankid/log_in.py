"""The BankID page, for logging in and for logging in again; what its buttons and its script ask for is in `order`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.identification.bankid.address_probe import AddressProbe
from idp.core.identification.bankid.launch import Browser, comes_back
from idp.core.identification.bankid.method import find_present
from idp.core.identification.bankid.ports import Orders
from idp.core.identification.bankid.qr_encoder import WIDTH, modules, path
from idp.core.identification.bankid.screen import State
from idp.core.signin.identification import has_identified_another_person
from idp.web.cookies import Cookie, new_secret
from idp.web.headers import allow_connections
from idp.web.signin.bankid.status import BankIdStatus, present_browser
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward

STOPPED: Final = ("stop", "1")
OTHER_PERSON: Final = ("other", "1")
WITHOUT_SCRIPT: Final = ("script", "0")
_RELOAD_SECONDS: Final = 2
_SAID = (WITHOUT_SCRIPT, STOPPED, OTHER_PERSON)
"""What an address of the page may say, and the link to the other language keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdPage:
    """Pages A, B and F: the same but for their words; opening one starts no order."""

    pages: InteractionPages
    orders: Orders
    status: BankIdStatus
    launch_url: str
    probe: AddressProbe
    probes: Sequence[str]
    step_name: str
    is_first: bool
    """Nobody has logged in yet; else the person logs in again."""
    template: str

    def blueprint(self) -> Blueprint:
        routes = Blueprint(f"signin_{self.step_name}", __name__)
        routes.get(f"/signin/<interaction_id>/{self.step_name}")(self.page)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """The order as it is now, and the ways to start one."""
        context = self.pages.enter(interaction_id)
        order = find_present(self.orders, context.id)
        if not context.is_at(self.step_name) or (order is not None and order.is_ready):
            return onward(context)
        cookies, browser = self.pages.cookies, present_browser(self.pages.cookies)
        said = [(name, value) for name, value in _SAID if request.args.get(name) == value]
        shown = self.status(context, order)
        goes_on, scripted, reloading = State(shown["state"]).goes_on, WITHOUT_SCRIPT not in said, STOPPED not in said
        response = self.pages.show(
            self.template,
            context,
            same_page=said,
            device=browser.device_guess.value,
            status=shown,
            starting=self.status.starting(context),
            goes_on=goes_on,
            qr_path=path(modules(shown["qr"])) if "qr" in shown else "",
            qr_width=WIDTH,
            other_person=OTHER_PERSON in said or has_identified_another_person(context.journey),
            auto_start=order is None and not said and self.status.place(context, browser).starts_alone,
            embedded=not browser.can_start_bankid,
            start_url=self.pages.start_address(context),
            scripted=scripted,
            reloading=reloading,
            first_login=context.journey.is_first_login,
            **self._probe(context, browser),
            **({"again": False} if self.is_first else {}),
        )
        if goes_on and reloading and browser.can_start_bankid and not scripted:
            response.headers["Refresh"] = str(_RELOAD_SECONDS)  # its person can stop it, on the page
        if cookies.read(request, Cookie.DEVICE) is None:
            cookies.write(response, Cookie.DEVICE, new_secret())
        return response

    def _probe(self, context: InteractionContext, browser: Browser) -> dict[str, str]:
        """What the page asks the other host names, where an address will have to prove that app and browser are together."""
        if not self.probes or comes_back(browser, launch_url=self.launch_url):
            return {}
        allow_connections(self.probes)
        return {"probes": " ".join(self.probes), "question": self.probe.ask(context.id, context.now)}
