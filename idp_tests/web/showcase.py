"""Every page in every interesting state: what the template tests render and the gallery photographs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from idp.core.identification.bankid.order import Launch, Order, OrderState
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.qr_encoder import WIDTH, modules, path
from idp.core.identification.bankid.screen import Place, State, screen_of, starting
from idp.core.languages import Language
from idp.core.signin.steps.consent import Asked
from idp.web.error_page import Offer, Way
from idp.web.frame import Frame, Service
from idp.web.language import Catalogs
from idp.web.pages import customer_service
from idp.web.personal_data import Told
from idp.web.signin.bankid.status import in_words

WEB = Path(__file__).parents[2] / "idp" / "web"
TEMPLATES = WEB / "templates"
STATIC = WEB / "static"
STARTED = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
_CATALOGS = Catalogs.load()
QR = "bankid.67df3917-fa0d-44e5-b327-edcc928297f8.7.d0f7a4c6a8f4b5c9b5b0f2a9a1b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1"
OPEN = "https://app.bankid.com/?autostarttoken=7c40b5c9-fa74-49cf-b98c-bfe651f9a7c6"
BASE = "/signin/4f1c"
HOME = "https://minasidor.example/"
TOLD = Told(
    name="Namn",
    answers=[("why", ["För att känna igen dig.", "För att nå dig."]), ("kept", ["Så länge du har ett konto."])],
    outlives_erasure=True,
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page in one state."""

    name: str
    template: str
    context: Mapping[str, object]


def frame(language: Language) -> Frame:
    return Frame(
        language=language,
        phone="020-12 34 56",
        phone_link="tel:+4620123456",
        help_url="/help",
        privacy_url="/privacy",
        accessibility_url="/accessibility",
        services=lambda: (Service("MinaSidor", HOME), Service("MittPreZero", "https://app.example/")),
        other_language_url=f"?lang={'en' if language == 'sv' else 'sv'}",
        test_mode=True,
    )


def environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


def render(page: Page, language: Language, catalogs: Catalogs, jinja: Environment) -> str:
    """Render as a view would: frame, t and the page's own context, and nothing else."""
    around = frame(language)
    support = customer_service(catalogs, language, around.phone or "", around.phone_link)
    t = catalogs.translator(language, organisation=around.organisation, customer_service=support)
    return jinja.get_template(page.template).render(frame=around, t=t, **page.context)


PLACES = {
    "computer": Place(first=Launch.QR, is_phone=False, here_offered=True, again=False),
    "phone": Place(first=Launch.SAME_DEVICE, is_phone=True, here_offered=True, again=False),
}


def status_of(device: str, order: Order | None = None, *, seconds: int = 3, **changes: object) -> dict[str, Any]:
    """What the provider says in Swedish of such an order, so many seconds after its start."""
    place = replace(PLACES[device], **changes)  # type: ignore[arg-type]
    shown = in_words(screen_of(order, place, STARTED + timedelta(seconds=seconds)), _say)
    shown |= {"code": "K7QM2XPA"} if shown["state"] == "failed" else {}
    shown |= {"open_url": OPEN} if shown["launch"] == "same_device" and _opens_app(order) else {}
    return shown | ({"next": BASE} if shown["state"] == "complete" else {})


def _opens_app(order: Order | None) -> bool:
    return order is not None and order.state is OrderState.PENDING and order.hint_code is None


def _say(key: str) -> str:
    support = customer_service(_CATALOGS, "sv", "020-12 34 56")
    return _CATALOGS.translate("sv", key, organisation="PreZero", customer_service=support)


def an_order_of(launch: str, state: OrderState, **changes: object) -> Order:
    members: dict[str, Any] = {
        "id": "o1",
        "identification_id": "4f1c",
        "launch": Launch(launch),
        "state": state,
        "request": OrderRequest(end_user_ip="192.0.2.1", user_visible_data="Logga in"),
        "wanted_at": STARTED,
        "restarts": 0,
        "started_at": STARTED,
        "qr_start_token": "67df3917-fa0d-44e5-b327-edcc928297f8",
        "qr_start_secret": "d28db9a7-4cde-429e-a983-359be676944c",
    }
    return Order(**members | changes)


def _bankid(name: str, device: str, order: Order | None, changes: Mapping[str, object]) -> Page:
    seconds = int(str(changes.get("seconds", 3)))
    status = status_of(device, order, seconds=seconds, again=bool(changes.get("again")))
    drawn = modules(status["qr"]) if "qr" in status else None
    context = _BANKID_PAGE | {
        "device": device,
        "status": status | {"release": "/static"},
        "starting": {
            launch.value: in_words(starting(launch, PLACES[device]), _say) | {"release": "/static"} for launch in Launch
        },
        "goes_on": State(status["state"]).goes_on,
        "qr_path": path(drawn) if drawn is not None else "",
        "auto_start": order is None,
    }
    context |= {key: value for key, value in changes.items() if key != "seconds"}
    return Page(name, "signin/bankid/log_in.html", context)


_FORM: dict[str, object] = {
    "base": BASE,
    "app": "MinaSidor",
    "csrf_token": "IjQ3.token",
    "seconds_left": 1800,
    "first_login": True,
}
_BANKID_PAGE: dict[str, object] = _FORM | {
    "again": False,
    "other_person": False,
    "qr_width": WIDTH,
    "embedded": False,
    "start_url": "https://a.example/go",
    "scripted": True,
    "reloading": True,
}
_COMPANY = SimpleNamespace(name="Städ & Fönster i Umeå AB", organisation_number="556016-0680")
_LINKED = SimpleNamespace(name=_COMPANY.name, number="104233")
_COMPANIES = [
    SimpleNamespace(
        id="c1", name=_COMPANY.name, organisation_number="556016-0680", city="Umeå", customer_number="104233"
    ),
    SimpleNamespace(id="c2", name="Brf Ekbacken", organisation_number="769601-1111", city=None, customer_number=None),
]


def pages() -> Iterator[Page]:
    """Every page, in the order a person may meet them."""
    yield from _bankid_pages()
    yield from _first_time_pages()
    yield from _ending_pages()
    yield from _error_pages()
    yield Page("home", "home.html", {})
    yield Page("personal_data", "personal_data.html", {"told": [TOLD, replace(TOLD, outlives_erasure=False)]})


def _bankid_pages() -> Iterator[Page]:
    def of(launch: str, state: OrderState, **changes: object) -> Order:
        return an_order_of(launch, state, **changes)

    pending, failed = OrderState.PENDING, OrderState.FAILED
    qr, same = of("qr", pending), of("same_device", pending)
    signing: dict[str, object] = {"hint_code": "userSign", "hint_since": STARTED}
    came_back: dict[str, object] = {"return_nonce_hash": "n", "completed_at": STARTED}
    alone: dict[str, object] = {"scripted": False, "auto_start": False}
    waits: dict[str, object] = {"other_person": True, "auto_start": False}
    states: Mapping[str, tuple[Order | None, Mapping[str, object]]] = {
        "computer-idle": (None, {}),
        "computer-qr": (qr, {}),
        "computer-starting": (of("qr", OrderState.WANTED), {}),
        "computer-renewing": (of("qr", OrderState.WANTED, restarts=1), {}),
        "computer-sign": (of("qr", pending, **signing), {}),
        "computer-failed": (of("qr", failed, hint_code="userCancel"), {}),
        "computer-not-here": (of("same_device", failed, hint_code="anotherDevice"), {}),
        "computer-paused": (of("qr", failed, hint_code="paused"), {}),
        "computer-complete": (of("qr", OrderState.COMPLETE, completed_at=STARTED), {}),
        "computer-alone-idle": (None, alone),
        "computer-alone-qr": (qr, alone),
        "computer-stopped": (qr, alone | {"reloading": False}),
        "phone-idle": (None, {}),
        "phone-open": (same, {}),
        "phone-sign": (of("same_device", pending, **signing), {}),
        "phone-returning": (of("same_device", OrderState.COMPLETE, **came_back), {}),
        "phone-not-returned": (of("same_device", OrderState.COMPLETE, **came_back), {"seconds": 6}),
        "phone-failed": (of("same_device", failed, hint_code="userCancel"), {}),
        "phone-strayed": (of("same_device", failed, hint_code="anotherBrowser"), {}),
        "phone-embedded": (None, {"embedded": True}),
        "phone-embedded-app": (None, {"embedded": True, "start_url": None}),
        "computer-other-person": (None, waits),
        "computer-other-person-nowhere": (None, waits | {"start_url": None}),
    }
    for name, (order, changes) in states.items():
        yield _bankid(f"bankid-{name}", name.split("-")[0], order, changes)
    for device in ("computer", "phone"):
        again = _bankid("", device, None, {"auto_start": device == "phone", "again": True}).context
        yield Page(
            f"again-{device}", "signin/bankid/sign_in_again.html", {k: v for k, v in again.items() if k != "again"}
        )


def _approval_pages() -> Iterator[Page]:
    common = _FORM | {
        "company": "Exempelbolaget AB",
        "address": "bo@exempel.se",
        "known_address": None,
        "values": {},
        "errors": {},
    }
    for state in ("ask", "waiting", "refused"):
        yield Page(f"approval-{state}", "signin/approval.html", common | {"state": state})
    known = {"state": "ask", "known_address": "bo@exempel.se"}
    yield Page("approval-known", "signin/approval.html", common | known)
    wrong = {"state": "ask", "errors": {"email": "field.email.missing"}}
    yield Page("approval-wrong", "signin/approval.html", common | wrong)
    asked: dict[str, object] = {
        "csrf_token": "token",
        "approval_id": "0" * 32,
        "asker": "Bo Ek",
        "company": "Exempelbolaget AB",
        "number": "104233",
        "asked_at": "2026-05-05 14:03",
    }
    for state in ("log_in", "ask", "approved", "refused", "not_yours"):
        yield Page(f"answer-approval-{state}", "account/approval.html", asked | {"state": state})


def _invitation_pages() -> Iterator[Page]:
    yield Page("invitation-needed", "signin/invitation.html", _FORM | {"company": "Exempelbolaget AB"})
    given: dict[str, object] = {
        "csrf_token": "token",
        "company": "Exempelbolaget AB",
        "inviter": "Anna Svensson",
        "masked": "b•••@example.se",
        "proof": "s" * 43,
    }
    for state in ("ask", "done", "over"):
        yield Page(f"invitation-{state}", "account/invitation.html", given | {"state": state})
    yield Page("invitation-by-support", "account/invitation.html", given | {"state": "ask", "inviter": None})


def _contact_code_pages() -> Iterator[Page]:
    asked = _FORM | {
        "company": "Exempelbolaget AB",
        "masked": "i•••@exempelbolaget.se",
        "customer_number": "104233",
        "sent": False,
        "over": False,
        "until": None,
        "values": {},
        "errors": {},
        "error_values": {},
    }
    sent = asked | {"sent": True, "until": "14:03"}
    wrong = {"errors": {"code": "field.code.wrong"}, "error_values": {"n": 4}}
    over = {"errors": {"code": "field.code.over"}, "over": True}
    for name, context in {
        "ask": asked,
        "no-contact": asked | {"masked": None},
        "sent": sent,
        "sent-perhaps": sent | {"company": None, "masked": None},
        "wrong": sent | wrong,
        "over": sent | over,
    }.items():
        yield Page(f"contact-code-{name}", "signin/contact_code.html", context)


def _first_time_pages() -> Iterator[Page]:
    link = _FORM | {
        "first_name": "Åsa",
        "values": {},
        "errors": {},
        "error_values": {"least": 4, "most": 10},
        "attempts_left": None,
        "whole_number": False,
        "second_proof": False,
        "adds_to": None,
        "accepted": None,
    }
    typed = {"values": {"customer_number": "104233", "last_four": "0681"}}
    yield Page("link", "signin/link_customer.html", link)
    yield Page("link-unnamed", "signin/link_customer.html", link | {"first_name": None})
    missing = {"customer_number": "field.customer_number.missing", "last_four": "field.last_four.malformed"}
    lengths = {"customer_number": "field.customer_number.lengths"}
    yield Page("link-lengths", "signin/link_customer.html", link | {"errors": lengths})
    yield Page("link-missing", "signin/link_customer.html", link | {"errors": missing})
    mismatch = link | typed | {"errors": {"pair": "field.pair.mismatch"}}
    yield Page("link-mismatch", "signin/link_customer.html", mismatch | {"attempts_left": 2})
    yield Page("link-mismatch-last", "signin/link_customer.html", mismatch | {"attempts_left": 1})
    needed = link | typed | {"whole_number": True, "errors": {"whole_number": "field.whole_number.needed"}}
    yield Page("link-whole-number", "signin/link_customer.html", needed)
    yield Page("link-second-proof", "signin/link_customer.html", link | {"whole_number": True, "second_proof": True})
    yield Page("link-one-more", "signin/link_customer.html", link | {"first_login": False, "adds_to": _LINKED.name})
    yield Page("link-accepted", "signin/link_customer.html", link | {"accepted": _COMPANY})
    yield from _contact_code_pages()
    yield from _approval_pages()
    yield from _invitation_pages()
    register = _FORM | {"customer": _COMPANY, "values": {"name": "Åsa Öberg"}, "errors": {}}
    yield Page("register", "signin/register.html", register)
    yield Page("register-no-customer", "signin/register.html", register | {"customer": None, "first_login": False})
    wrong = {"name": "field.name.missing", "phone": "field.phone.malformed", "email": "field.email.missing"}
    yield Page("register-wrong", "signin/register.html", register | {"values": {"phone": "12"}, "errors": wrong})
    choose = _FORM | {"customers": _COMPANIES, "selected": "c1", "remember": False, "taken_back": {}, "errors": {}}
    yield Page("choose-one", "signin/choose_customer.html", choose | {"customers": _COMPANIES[:1]})
    yield Page("choose-linked-now", "signin/choose_customer.html", choose | {"taken_back": {"c1": _LINKED.name}})
    yield Page("choose", "signin/choose_customer.html", choose)
    unchosen = {"selected": None, "errors": {"customer": "field.customer.missing"}}
    yield Page("choose-wrong", "signin/choose_customer.html", choose | unchosen)
    items = [
        "identity",
        "name",
        "birthdate",
        "email",
        "email_once_confirmed",
        "phone",
        "customer",
        "personal_number",
        "signature",
        "device",
        "offline",
    ]
    asked = Asked(
        host="partner.example",
        policy_uri="https://partner.example/policy",
        tos_uri="https://partner.example/terms",
        items=tuple(items),
        details={
            "email": "anna@exempelbolaget.se",
            "email_once_confirmed": "anna@exempelbolaget.se",
            "customer": f"{_LINKED.name}, {_LINKED.number}",
        },
    )
    yield Page(
        "consent",
        "signin/consent.html",
        _FORM | {"asked": asked, "taken_back": {}},
    )
    yield Page(
        "consent-linked-now", "signin/consent.html", _FORM | {"asked": asked, "taken_back": {"c1": _LINKED.name}}
    )


def _ending_pages() -> Iterator[Page]:
    yield Page(
        "return_to_app",
        "signin/return_to_app.html",
        {"app": "MittPreZero", "url": "se.prezero.mittprezero:/oauth2redirect?code=abc&state=x"},
    )
    yield Page(
        "already",
        "signin/already_signed_in.html",
        {"app": "MinaSidor", "continue_url": "https://minasidor.example/start"},
    )
    yield Page("already-unknown", "signin/already_signed_in.html", {"app": None, "continue_url": None})
    back = {"app": "MittPreZero", "wrong_browser": False, "start_url": None, "app_url": "se.prezero.mittprezero:/back"}
    yield Page("back", "signin/bankid/back.html", back)
    yield Page("back-wrong-browser", "signin/bankid/back.html", back | {"wrong_browser": True, "start_url": HOME})
    yield Page("back-wrong-browser-app", "signin/bankid/back.html", back | {"wrong_browser": True})
    cancelled = _FORM | {"over": False, "start_url": None, "back_url": None}
    yield Page("cancelled", "signin/cancelled.html", cancelled)
    over = cancelled | {"over": True}
    yield Page("cancelled-over-nowhere", "signin/cancelled.html", over)
    yield Page("cancelled-over-back", "signin/cancelled.html", over | dict.fromkeys(("start_url", "back_url"), HOME))
    ways = {"start_url": "https://a.example/go", "back_url": HOME}
    yield Page("cancelled-over", "signin/cancelled.html", over | ways)
    fields = [("code", "abc"), ("state", "x"), ("iss", "https://login.prezero.se")]
    yield Page(
        "form-post", "form_post.html", {"app": "MinaSidor", "action": "https://minasidor.example/cb", "fields": fields}
    )
    leaving = {"csrf_token": "token", "action": "/logout", "hidden": {"state": "x"}}
    yield Page("logout", "logout.html", leaving | {"apps": ["MinaSidor", "MittPreZero"]})
    yield Page("logout-one", "logout.html", leaving | {"apps": ["MinaSidor"]})
    yield Page("logout-none", "logout.html", leaving | {"apps": []})
    gone: dict[str, object] = {
        "app": "MinaSidor",
        "continue_url": "https://minasidor.example/",
        "auto_continue": False,
        "sign_in_url": "https://minasidor.example/login",
    }
    yield Page(
        "logged-out",
        "logged_out.html",
        gone | {"frames": ["https://minasidor.example/front"]},
    )
    nowhere: dict[str, object] = {
        "app": None,
        "continue_url": None,
        "auto_continue": False,
        "sign_in_url": None,
        "frames": [],
    }
    yield Page("logged-out-nowhere", "logged_out.html", nowhere)
    for state in ("ask", "done", "over"):
        asked = {
            "state": state,
            "csrf_token": "token",
            "address": "anna@example.se",
            "name": "Anna Svensson",
            "proof": "em_x",
        }
        yield Page(f"confirm-email-{state}", "account/confirm_email.html", asked)
    for state in ("ask", "done", "used", "over"):
        disowned = {"state": state, "csrf_token": "token", "proof": "dv_x", "case_id": "K7Q2ABCD"}
        yield Page(f"disown-login-{state}", "account/disown_login.html", disowned)
    for state in ("ask", "done", "before", "gone", "late"):
        facts = {"person": "Anna Svensson", "company": "Exempelbolaget AB", "at": "2026-05-05 14:00"}
        of_state = {"ask": facts, "done": {"reference": "K7Q2M9XA"}, "before": {"reference": "K7Q2M9XA"}}
        frozen = {"state": state, "csrf_token": "token", "proof": "s" * 32, "shown": of_state.get(state, {})}
        yield Page(f"freeze-{state}", "account/freeze_link.html", frozen)


ERRORS: Mapping[str, Mapping[str, object]] = {
    "expired": {},
    "no_cookie": {},
    "bad_request": {},
    "codes_used_up": {"wait": "60 minuter"},
    "requests_used_up": {"wait": "20 timmar"},
    "locked": {"wait": "24 timmar"},
    "company_locked": {"wait": "300 dygn"},
    "blocked": {},
    "number_moved": {},
    "not_found": {},
    "too_many": {"wait": "20 sekunder"},
    "server": {},
    "maintenance": {"until": "klockan 06:00"},
    "unavailable": {},
    "method": {},
    "forbidden": {},
}


def _error_pages() -> Iterator[Page]:
    back = Way("continue", "frame.back_to_app", HOME)
    common: dict[str, object] = {
        "error_code": "K7QM2XPA",
        "time": "2025-05-05 14:03",
        "app": "MinaSidor",
        "ways": [back],
        "offer": None,
        "csrf_token": "token",
        "form_again": None,
        "detail": None,
    }
    detail = {
        "error": "invalid_request",
        "description": "redirect_uri is not registered for this client",
        "detail": "https://minasidor.example/other",
    }
    for key, values in ERRORS.items():
        yield Page(f"error-{key}", "error.html", common | {"error_key": key, "error_values": values})
    lost: dict[str, object] = {"app": None, "ways": [], "error_key": "no_cookie", "error_values": {}}
    yield Page("error-lost", "error.html", common | lost)
    bare: dict[str, object] = {"app": None, "ways": [], "error_key": "bad_request", "error_values": {}}
    yield Page("error-developer", "error.html", common | bare | {"detail": detail})
    restart = {"ways": [Way("restart", "error.start_over", "/resume"), back], "error_key": "expired"}
    yield Page("error-restart", "error.html", common | restart | {"error_values": {}})
    call = {"ways": [Way("call", "frame.call", "tel:+4620123456"), back], "error_key": "blocked"}
    yield Page("error-call", "error.html", common | call | {"error_values": {}})
    code = Offer("error.code_instead", f"{BASE}/contact_code/send", {"customer_number": "104233"})
    paused = {"error_key": "company_locked", "error_values": {"wait": "30 dygn"}, "offer": code}
    yield Page("error-offer", "error.html", common | paused | {"ways": [*call["ways"]]})
    typed = [("csrf_token", "IjQ3.token"), ("name", "Åsa Öberg"), ("phone", "070-123 45 67")]
    again = {"ways": [], "error_key": "unavailable", "error_values": {}, "form_again": typed}
    yield Page("error-form-again", "error.html", common | again)
