"""Order scripts: what happens to an order without a person, and when; the autopilot is one of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from idp_sandbox.bankid.errors import InvalidParameters, PhoneError
from idp_sandbox.bankid.json_object import JsonObject
from idp_sandbox.bankid.order import Opened, Opening, Order, Step, Waiting
from idp_sandbox.bankid.personas import DEFAULT, Persona, find_persona
from idp_sandbox.bankid.transitions import approve, confirm_call, decline, fail, open_order, show_hint

PENDING: Final = frozenset(
    [
        "outstandingTransaction",
        "noClient",
        "started",
        "userMrtd",
        "userFace",
        "userStepUp",
        "userCallConfirm",
        "userSign",
        "processing",
    ]
)
FAILED: Final = frozenset(
    [
        "expiredTransaction",
        "certificateErr",
        "userCancel",
        "cancelled",
        "startFailed",
        "userDeclinedCall",
        "notSupportedByUserApp",
        "transactionRiskBlocked",
        "mrtdVerificationFailed",
        "facialRecognitionFailed",
        "nfcNotSupportedByDevice",
        "multipleBankIdsOnDevice",
        "stepUpFailed",
    ]
)
Transition = Callable[[Order, datetime], Order]


def autopilot(persona: Persona) -> tuple[Step, ...]:
    """Open and approve an order within about a second, however it was launched."""
    return (Step(after_seconds=0.2, do=opening_by(persona)), Step(after_seconds=0.5, do=approving_by(persona)))


def opening_by(persona: Persona) -> Transition:
    """Open the order if nobody has."""

    def happen(order: Order, at: datetime) -> Order:
        if not isinstance(order.phase, Waiting):
            return order
        return open_order(order, persona, Opening.SCRIPT, order.request.end_user_ip or "127.0.0.1", at)

    return happen


def approving_by(persona: Persona | None) -> Transition:
    """Approve the order, opening it and confirming a call first; an unusable BankID leaves it as it is."""

    def happen(order: Order, at: datetime) -> Order:
        order = opening_by(persona or DEFAULT)(order, at)
        if not isinstance(order.phase, Opened):
            return order
        try:
            return approve(confirm_call(order), at, persona)
        except PhoneError:
            return order

    return happen


def _cancelling(order: Order, at: datetime) -> Order:
    return decline(opening_by(DEFAULT)(order, at), at) if isinstance(order.phase, Waiting | Opened) else order


def read_script(raw: Sequence[object]) -> tuple[Step, ...]:
    """Read a scripted sequence from JSON; raises InvalidParameters."""
    return tuple(_read_step(JsonObject(each, f"script[{index}]")) for index, each in enumerate(raw))


def _read_step(fields: JsonObject) -> Step:
    seconds, collects = fields.find("after_seconds"), fields.find("after_collects")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | None):
        raise InvalidParameters("after_seconds must be a number")
    if isinstance(collects, bool) or not isinstance(collects, int | None):
        raise InvalidParameters("after_collects must be a whole number")
    step = Step(after_seconds=seconds, after_collects=collects, do=_read_transition(fields))
    if fields.unread():
        raise InvalidParameters(", ".join(fields.unread()))
    return step


def _read_transition(fields: JsonObject) -> Transition:
    persona = read_persona(fields)
    hint = fields.text("hint", most=64)
    status = fields.choice("status", ("pending", "failed"))
    if hint is not None:
        return _read_hint(hint, status)
    match fields.choice("do", ("open", "approve", "cancel"), required=True):
        case "open":
            return opening_by(persona or DEFAULT)
        case "approve":
            return approving_by(persona)
        case _:
            return _cancelling


def _read_hint(hint: str, status: str | None) -> Transition:
    known = "pending" if hint in PENDING else "failed" if hint in FAILED else None
    if status is None and known is None:
        raise InvalidParameters("an unknown hint needs a status, pending or failed")
    if (status or known) == "failed":
        return lambda order, at: fail(order, hint, at)
    return lambda order, at: show_hint(order, hint, at)


def read_persona(fields: JsonObject, *, required: bool = False) -> Persona | None:
    """Read the member `persona`, a short id; raises InvalidParameters."""
    persona_id = fields.text("persona", most=40, required=required)
    if persona_id is None:
        return None
    persona = find_persona(persona_id)
    if persona is None:
        raise InvalidParameters("there is no such persona; see GET /api/personas")
    return persona
