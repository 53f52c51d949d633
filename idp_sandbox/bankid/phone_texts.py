"""The texts of the virtual phone about an order, in Swedish."""

from collections.abc import Mapping
from typing import Final

from idp_sandbox.bankid.markdown import markdown_html, plain_html
from idp_sandbox.bankid.order import Approved, Complete, Failed, Gone, Opened, Order
from idp_sandbox.bankid.start_request import Operation

_FAILURES: Final[Mapping[str, str]] = {
    "startFailed": "Begäran öppnades inte i tid. Börja om i tjänsten.",
    "expiredTransaction": "Tiden gick ut. Börja om i tjänsten.",
    "userCancel": "Du avbröt.",
    "userDeclinedCall": "Du svarade att samtalet inte stämmer.",
    "certificateErr": "Ditt BankID är spärrat eller för gammalt.",
    "notSupportedByUserApp": "Appen är för gammal för den här begäran. Uppdatera den.",
    "nfcNotSupportedByDevice": "Telefonen kan inte läsa pass eller nationellt id-kort.",
    "multipleBankIdsOnDevice": "Det finns flera BankID i telefonen.",
    "transactionRiskBlocked": "Stoppad av säkerhetsskäl.",
    "cancelled": "Begäran avbröts från annat håll.",
}


def heading(order: Order) -> str:
    """The heading of the page that asks for approval."""
    match order.request.operation:
        case Operation.AUTH | Operation.PHONE_AUTH:
            return "Identifiera dig"
        case Operation.PAYMENT:
            return "Godkänn betalning"
        case _:
            return "Skriv under"


def approval_word(order: Order) -> str:
    """The text of the approving button."""
    return "Identifiera" if order.request.operation.is_identification else "Skriv under"


def intention_html(order: Order) -> str:
    """The relying party's text to the person, escaped; markdown if it said so."""
    text = order.request.visible_text
    return markdown_html(text) if order.request.is_markdown else plain_html(text)


def call_question(order: Order) -> str:
    """The question of a phone order about who called whom."""
    if order.request.call_initiator == "user":
        return f"Har du ringt till {order.relying_party.name}?"
    return f"Har {order.relying_party.name} ringt till dig?"


def result_text(order: Order) -> str:
    """How the order ended, or what it waits for."""
    match order.phase:
        case Approved() | Complete() | Gone(last=Complete()):
            return "Klart! Gå tillbaka till tjänsten."
        case Failed(hint=hint) | Gone(last=Failed(hint=hint)):
            return _FAILURES.get(hint, "Något gick fel.")
        case Gone():
            return "Tjänsten avbröt begäran."
        case Opened():
            return "Väntar på dig."
        case _:
            return "Väntar på att öppnas."


def has_succeeded(order: Order) -> bool:
    """True when the person has approved and nothing went wrong."""
    return isinstance(order.phase, Approved | Complete) or (
        isinstance(order.phase, Gone) and isinstance(order.phase.last, Complete)
    )
