"""Proof: everything of a completed order that somebody needs to verify it years later, without our rows."""

import base64
from collections.abc import Mapping

from idp.core.identification.bankid.api import Completion
from idp.core.identification.bankid.order import Order
from idp.core.people.identity import SIGNATURE_EVIDENCE, Evidence


def proof_of(order: Order, completion: Completion, more: Mapping[str, str]) -> Evidence:
    """What BankID signed and told, and what it was asked; no address or browser, which prove nothing about who approved what.

    `more` is what the verification adds: the root and the policies, or why it is not proved.
    """
    request = order.request
    asked = {"visible": request.user_visible_data, "pin_code": "yes" if request.requirement.pin_code else "no"}
    if request.user_non_visible_data is not None:
        asked["hidden"] = base64.b64encode(request.user_non_visible_data).decode()
    if request.requirement.personal_number is not None:
        asked["required_number"] = request.requirement.personal_number
    if order.order_ref is not None:
        asked["order_ref"] = order.order_ref
    told = {
        "signature": completion.signature,
        "ocsp": completion.ocsp,
        "personal_number": completion.user.personal_number,
        "device_uhi": completion.device_uhi,
    }
    return Evidence(kind=SIGNATURE_EVIDENCE, parts=asked | told | dict(more))
