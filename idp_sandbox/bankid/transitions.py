"""Transitions: what a person or a script can do to an order; each is a pure function that returns the changed order."""

from dataclasses import replace
from datetime import datetime

from idp_sandbox.bankid.errors import PhoneError
from idp_sandbox.bankid.order import Approved, Failed, Opened, Opening, Order, Phase, Waiting, is_usable, opened_of
from idp_sandbox.bankid.personas import DEFAULT, Persona, Risk, Trait
from idp_sandbox.bankid.start_request import Operation


def open_order(order: Order, persona: Persona, opening: Opening, device_ip: str, now: datetime) -> Order:
    """Open a waiting order in an app; raises PhoneError when it is open already or over."""
    match order.phase:
        case Waiting():
            pass
        case Opened() | Approved():
            raise PhoneError("already_opened", "Begäran är redan öppnad i en BankID-app.")
        case _:
            raise PhoneError("order_over", "Begäran gäller inte längre.")
    confirmed = not order.request.operation.is_by_phone
    opened = Opened(at=now, persona=persona, opening=opening, device_ip=device_ip, call_confirmed=confirmed)
    if _app_is_too_old(order, persona):
        return replace(order, phase=Failed(now, "notSupportedByUserApp", opened))
    return replace(order, phase=opened)


def refuse_without_camera(persona: Persona) -> None:
    """Raise PhoneError for a BankID in a computer, which cannot scan."""
    if Trait.NO_CAMERA in persona.traits:
        raise PhoneError("no_camera", "Det här BankID:t finns inte i en mobil och kan inte skanna.")


def _app_is_too_old(order: Order, persona: Persona) -> bool:
    return Trait.OLD_APP in persona.traits or (
        Trait.NO_RETURN_URL in persona.traits and order.request.return_url is not None
    )


def _opened(order: Order) -> Opened:
    if not isinstance(order.phase, Opened):
        raise PhoneError("order_over", "Begäran gäller inte längre.")
    return order.phase


def approve(order: Order, now: datetime, persona: Persona | None = None) -> Order:
    """Approve an open order, perhaps as another person than the one who opened it; raises PhoneError."""
    opened = _opened(order)
    if persona is not None and persona != opened.persona:
        if opened.opening is Opening.QR:
            refuse_without_camera(persona)
        opened = replace(opened, persona=persona)
        if _app_is_too_old(order, persona):
            return replace(order, phase=Failed(now, "notSupportedByUserApp", opened), forced_hint=None)
    if not opened.call_confirmed:
        raise PhoneError("call_not_confirmed", "Bekräfta samtalet först.")
    if not is_usable(order, opened.persona):
        raise PhoneError("no_usable_bankid", "Det finns inget BankID i appen som tjänsten godtar.")
    hint = _obstacle(order, opened.persona)
    phase: Phase = Approved(now, opened) if hint is None else Failed(now, hint, opened)
    return replace(order, phase=phase, forced_hint=None)


def _obstacle(order: Order, persona: Persona) -> str | None:
    requirement = order.request.requirement
    if Trait.BLOCKED in persona.traits:
        return "certificateErr"
    if requirement.mrtd and Trait.NO_NFC in persona.traits:
        return "nfcNotSupportedByDevice"
    if requirement.mrtd and Trait.SEVERAL_BANKIDS in persona.traits:
        return "multipleBankIdsOnDevice"
    tolerated = requirement.risk if order.request.operation is Operation.PAYMENT else None
    ladder = list(Risk)
    if tolerated is not None and ladder.index(persona.risk) > ladder.index(Risk(tolerated)):
        return "transactionRiskBlocked"
    return None


def confirm_call(order: Order) -> Order:
    """Say that the call is real; raises PhoneError."""
    return replace(order, phase=replace(_opened(order), call_confirmed=True))


def decline(order: Order, now: datetime) -> Order:
    """Press Avbryt, or No to the call; raises PhoneError."""
    opened = _opened(order)
    return replace(order, phase=Failed(now, "userCancel" if opened.call_confirmed else "userDeclinedCall", opened))


def show_hint(order: Order, hint: str, now: datetime) -> Order:
    """Make a pending order answer with this hintCode; a hint that implies an app opens the order as well."""
    if isinstance(order.phase, Waiting) and hint not in {"outstandingTransaction", "noClient"}:
        order = open_order(order, DEFAULT, Opening.SCRIPT, order.request.end_user_ip or "127.0.0.1", now)
    return replace(order, forced_hint=hint)


def fail(order: Order, hint: str, now: datetime) -> Order:
    """End a pending order with this hintCode."""
    return replace(order, phase=Failed(now, hint, opened_of(order)))
