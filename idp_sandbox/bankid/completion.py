"""Completion: the completionData of an order that succeeded (BankID RP 6.0, collect)."""

from collections.abc import Mapping

from idp_sandbox.bankid.evidence import answer_ocsp, hardware_id, sign_order
from idp_sandbox.bankid.keystore import KeyStore
from idp_sandbox.bankid.order import Complete, Order


def completion_data(order: Order, complete: Complete, keys: KeyStore) -> object:
    """What a collect delivers: who, with which device, and the evidence; a script's merge patch is laid over it."""
    persona = complete.opened.persona
    bankid = keys.bankid(persona)
    signature = sign_order(order.request, order.relying_party, persona, bankid, keys.people)
    data: dict[str, object] = {
        "user": {
            "personalNumber": persona.person_number,
            "name": persona.name,
            "givenName": persona.given_name,
            "surname": persona.surname,
        },
        "device": {"ipAddress": complete.opened.device_ip, "uhi": hardware_id(persona)},
        "bankIdIssueDate": persona.bankid_issue_date(bankid.certificate.not_valid_before_utc),
        "signature": signature,
        "ocspResponse": answer_ocsp(signature, bankid, keys.people),
    }
    if order.request.requirement.mrtd:
        data["stepUp"] = {"mrtd": True}
    if order.request.return_risk:
        data["risk"] = persona.risk
    return merge_patch(data, order.completion_patch) if order.completion_patch is not None else data


def merge_patch(target: object, patch: object) -> object:
    """Lay a JSON merge patch over a JSON value (RFC 7396 2)."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
