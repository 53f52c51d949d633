"""Request validation: turns the body of a start, collect or cancel request into typed values (BankID RP 6.0, auth and sign)."""

import ipaddress
from collections.abc import Mapping
from dataclasses import replace

from idp_sandbox.bankid.errors import InvalidParameters
from idp_sandbox.bankid.json_object import JsonObject
from idp_sandbox.bankid.start_request import Operation, Requirement, StartRequest, Transaction

_VISIBLE_LIMIT: Mapping[bool, int] = {True: 1_500, False: 40_000}
_NON_VISIBLE_LIMIT: Mapping[bool, int] = {True: 1_500, False: 200_000}
_SCHEME = r"(?i)[a-z][a-z0-9+.-]*:\S+"
_ORDER_REF = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_RISK_FLAGS = frozenset(
    [
        "newCard",
        "newCustomer",
        "newRecipient",
        "highRiskRecipient",
        "largeAmount",
        "foreignCurrency",
        "cryptoCurrencyPurchase",
        "moneyTransfer",
        "overseasTransaction",
        "recurringPayment",
        "suspiciousPaymentPattern",
        "other",
    ]
)


def read_start(operation: Operation, body: object) -> StartRequest:
    """Read the body of a request that starts an order; raises InvalidParameters."""
    fields = JsonObject(body)
    visible, visible_text = _visible(fields, operation)
    non_visible = fields.base64_bytes("userNonVisibleData", most=_NON_VISIBLE_LIMIT[operation.is_identification])
    markdown = fields.choice("userVisibleDataFormat", ("plaintext", "simpleMarkdownV1")) == "simpleMarkdownV1"
    requirement, warnings = _requirement(fields, operation)
    by_phone = operation.is_by_phone
    request = StartRequest(
        operation=operation,
        end_user_ip=None if by_phone else _end_user_ip(fields),
        visible=visible,
        visible_text=visible_text,
        is_markdown=markdown,
        non_visible=non_visible[0] if non_visible else None,
        requirement=requirement,
        return_url=None if by_phone else fields.text("returnUrl", most=512, shape=_SCHEME),
        return_risk=False if by_phone else fields.flag("returnRisk"),
        person_number=_person_number(fields, required=True) if by_phone else None,
        call_initiator=fields.choice("callInitiator", ("user", "RP"), required=True) if by_phone else None,
        transaction=_transaction(fields) if operation is Operation.PAYMENT else None,
        client=None if by_phone else _client(fields),
    )
    return _with_warnings(request, (*warnings, *fields.unread()))


def read_order_ref(body: object) -> str:
    """Read the body of a collect or a cancel; raises InvalidParameters."""
    return JsonObject(body).required_text("orderRef", most=36, shape=_ORDER_REF)


def _with_warnings(request: StartRequest, warnings: tuple[str, ...]) -> StartRequest:
    if request.client is None and not request.operation.is_by_phone:
        warnings = (*warnings, "neither app nor web was sent; BankID recommends it")
    return replace(request, warnings=warnings)


def _visible(fields: JsonObject, operation: Operation) -> tuple[str | None, str]:
    required = operation in {Operation.SIGN, Operation.PHONE_SIGN}
    found = fields.base64_bytes("userVisibleData", most=_VISIBLE_LIMIT[operation.is_identification], required=required)
    if found is None:
        return None, ""
    try:
        return found[0], found[1].decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidParameters("userVisibleData is not UTF-8") from None


def _end_user_ip(fields: JsonObject) -> str:
    value = fields.required_text("endUserIp", most=45)
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise InvalidParameters("endUserIp is not an IPv4 or IPv6 address") from None
    if "%" in value:
        raise InvalidParameters("endUserIp must not have a zone")
    return str(address)


def _client(fields: JsonObject) -> str | None:
    app, web = fields.find_object("app"), fields.find_object("web")
    if app is not None and web is not None:
        raise InvalidParameters("app and web exclude each other")
    if app is not None:
        found = [app.text(name, most=256) for name in ("appIdentifier", "deviceOS", "deviceModelName")]
        found.append(app.text("deviceIdentifier", most=64))
        return _named("app", found)
    if web is not None:
        found = [
            web.text("referringDomain", least=3, most=253, shape=r"[a-z0-9.-]+"),
            web.text("userAgent", most=256),
            web.text("deviceIdentifier", most=64),
        ]
        return _named("web", found)
    return None


def _named(kind: str, found: list[str | None]) -> str:
    if not any(found):
        raise InvalidParameters(f"{kind} must have at least one member")
    return kind


def _requirement(fields: JsonObject, operation: Operation) -> tuple[Requirement, tuple[str, ...]]:
    inner = fields.find_object("requirement")
    if inner is None:
        return Requirement(), ()
    risk = inner.choice("risk", ("low", "moderate"))
    ignored = risk is not None and operation is not Operation.PAYMENT
    requirement = Requirement(
        pin_code=inner.flag("pinCode"),
        mrtd=inner.flag("mrtd"),
        card_reader=inner.choice("cardReader", ("class1", "class2")),
        certificate_policies=tuple(_policy(each) for each in inner.texts("certificatePolicies")),
        person_number=None if operation.is_by_phone else _person_number(inner),
        risk=risk,
    )
    warnings = ("requirement.risk has no effect here; use returnRisk",) if ignored else ()
    return requirement, (*warnings, *inner.unread())


def _policy(text: str) -> str:
    """An object identifier, perhaps with one wildcard from the fifth position on."""
    body = text.replace("*", "", 1) if text.find("*") >= 4 else text
    if not body or body.strip("0123456789.") or not body[0].isdigit() or ".." in body:
        raise InvalidParameters(f"requirement.certificatePolicies has a malformed policy: {text[:40]}")
    return text


def _person_number(fields: JsonObject, *, required: bool = False) -> str | None:
    value = fields.text("personalNumber", least=12, most=12, shape="[0-9]{12}", required=required)
    if value is not None and not has_valid_checksum(value):
        raise InvalidParameters(f"{fields.path('personalNumber')} is not a personal number")
    return value


def has_valid_checksum(person_number: str) -> bool:
    """True when the last ten of the twelve digits pass the Luhn check."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(person_number[2:])]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _transaction(fields: JsonObject) -> Transaction:
    inner = fields.find_object("userVisibleTransaction", required=True)
    assert inner is not None
    kind = inner.choice("transactionType", ("card", "npa"), required=True)
    recipient = inner.find_object("recipient", required=True)
    money = inner.find_object("money", required=kind == "card")
    if kind == "npa" and money is not None:
        raise InvalidParameters("userVisibleTransaction.money is not allowed for npa")
    if unknown := [flag for flag in fields.texts("riskFlags") if flag not in _RISK_FLAGS]:
        raise InvalidParameters(f"riskFlags has an unknown flag: {unknown[0][:40]}")
    assert recipient is not None
    return Transaction(
        kind=str(kind),
        recipient=recipient.required_text("name", most=100),
        amount=money.required_text("amount", most=20, shape=r"[0-9]+(,[0-9]{1,2})?") if money else None,
        currency=money.required_text("currency", most=3, shape="[A-Z]{3}") if money else None,
        warning=inner.text("riskWarning", most=500),
    )
