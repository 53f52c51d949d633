"""The state of a BankID order as its page shows it, the same for script and template."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import structlog
from flask import request

from idp.core.identification.bankid.launch import Browser, open_link, read_browser
from idp.core.identification.bankid.order import Launch, Order, OrderState
from idp.core.identification.bankid.qr_encoder import SIZE, modules
from idp.core.identification.bankid.screen import Place, Screen, State, place_of, refused, screen_of, starting
from idp.core.identification.bankid.start_order import OrderPolicy
from idp.core.languages import Language
from idp.core.signin.ports import Incidents
from idp.core.signin.steps.sign_in_again import SignInAgain
from idp.web.cookies import Cookie, Cookies
from idp.web.error_code import code_of
from idp.web.pages import Pages
from idp.web.signin.interaction_pages import InteractionContext

_log = structlog.get_logger("idp.web")

_HEX_DIGITS: Final = -(-SIZE * SIZE // 4)


class BankIdStatus:
    """Says what the page shows this second: a row of the table of screens, in the person's language."""

    def __init__(self, *, pages: Pages, cookies: Cookies, policy: OrderPolicy, incidents: Incidents) -> None:
        self._pages = pages
        self._incidents = incidents
        self._cookies = cookies
        self._policy = policy

    def __call__(self, context: InteractionContext, order: Order | None) -> dict[str, Any]:
        browser = present_browser(self._cookies)
        screen = screen_of(order, self.place(context, browser), context.now)
        shown = self._in_words(screen, context.language)
        if order is None:
            return shown
        shown["order"] = order.id[-8:]
        if screen.opens_app:
            shown["open_url"] = open_link(browser, order.auto_start_token or "", launch_url=self._policy.launch_url)
        if screen.state is State.COMPLETE:
            shown["next"] = context.base
        if screen.state is State.FAILED:
            shown["code"] = self._note_failure(context, order, screen)
        return shown

    def _note_failure(self, context: InteractionContext, order: Order, screen: Screen) -> str:
        """The code that support is told, the same however often the page is looked at."""
        if order.state is OrderState.WANTED:
            _warn_of_no_start(order.id)
        code = code_of(order.id)
        facts = {
            "page": "bankid",
            "message": screen.message,
            "hint_code": order.hint_code or "",
            "launch": order.launch.value,
            "client_id": context.client.client_id,
            "interaction_id": context.id,
        }
        self._incidents.note(code, context.now, facts)
        return code

    def starting(self, context: InteractionContext) -> dict[str, dict[str, Any]]:
        """What is shown from the press of a button until BankID's answer, for each way to start."""
        place = self.place(context, present_browser(self._cookies))
        return {launch.value: self._in_words(starting(launch, place), context.language) for launch in Launch}

    def refused(self, context: InteractionContext, message: str) -> dict[str, Any]:
        """A start that was one too many."""
        screen = refused(self.place(context, present_browser(self._cookies)))
        return self._in_words(screen, context.language) | {"message": message}

    def place(self, context: InteractionContext, browser: Browser) -> Place:
        """Where the page is."""
        hint, again = context.request.launch_hint, context.is_at(SignInAgain.name)
        return place_of(browser, self._policy, hint=hint, again=again)

    def _in_words(self, screen: Screen, language: Language) -> dict[str, Any]:
        return in_words(screen, lambda key: self._pages.say(language, key)) | {"release": self._pages.static}


def in_words(screen: Screen, say: Callable[[str], str]) -> dict[str, Any]:
    """A row of the table as JSON, for template and script; what is not there is left out."""
    shown: dict[str, Any] = {
        "state": screen.state.value,
        "launch": screen.launch.value,
        "message": say(screen.message) if screen.message else "",
    }
    if screen.frame is not None:
        shown["qr"] = screen.frame
        shown["modules"] = f"{modules(screen.frame):0{_HEX_DIGITS}x}"
        shown["seconds_left"] = screen.seconds_left
    for name, button in (("start", screen.start), ("other", screen.other)):
        if button is not None:
            shown[name] = {"label": say(button.label), "launch": button.launch.value}
    stands = {
        "panel": screen.has_panel,
        "busy": screen.is_busy,
        "renewing": screen.is_renewing,
        "offers_link": screen.offers_link,
    }
    return shown | {name: True for name, is_so in stands.items() if is_so}


def present_browser(cookies: Cookies) -> Browser:
    """What can be known of the browser that sends this request."""
    return read_browser(request.user_agent.string, touch_points=touch_points(cookies))


def touch_points(cookies: Cookies) -> int:
    """navigator.maxTouchPoints, sent with the start by the page's script and remembered; 0 when nobody told."""
    told = request.form.get("touch_points") or cookies.read(request, Cookie.TOUCH) or ""
    return int(told) if told in {"0", "1", "2", "3", "4", "5", "10"} else 0


@lru_cache(maxsize=1000)
def _warn_of_no_start(order_id: str) -> None:
    """Say it once per order and process, however often the page asks."""
    _log.warning("order not started", order_id=order_id, remedy="see whether `idp jobs` runs")
