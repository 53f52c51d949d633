"""The JSON of BankID's relying party interface: requests written, answers read strictly, unknown members ignored (BankID RP 6.0)."""

import base64
import hmac
import json
import re
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from idp.core.identification.bankid.api import (
    Complete,
    Completion,
    Ended,
    Failed,
    Pending,
    Risk,
    StartedOrder,
    User,
)
from idp.core.identification.bankid.order_request import BankIdKind, OrderRequest, Requirement, WebDevice
from idp.core.people.personal_number import PersonalNumber

_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)


class Environment(Enum):
    """Which certificate policies mean which kind of BankID; the value maps each kind to its number."""

    PRODUCTION = {  # noqa: RUF012 - an enumeration's value, not a shared default
        BankIdKind.FILE: "1.2.752.78.1.1",
        BankIdKind.CARD: "1.2.752.78.1.2",
        BankIdKind.MOBILE: "1.2.752.78.1.5",
    }
    TEST = {  # noqa: RUF012 - see above
        BankIdKind.FILE: "1.2.3.4.5",
        BankIdKind.CARD: "1.2.3.4.10",
        BankIdKind.MOBILE: "1.2.3.4.25",
    }

    def policy_oids(self, kinds: frozenset[BankIdKind]) -> frozenset[str]:
        """The certificate policies of these kinds as dotted numbers."""
        return frozenset(self.value[kind] for kind in kinds)


def write_order_request(request: OrderRequest, environment: Environment) -> dict[str, Any]:
    """The body of a start; what is not wanted is left out, since BankID refuses nulls and empty texts."""
    body: dict[str, Any] = {
        "endUserIp": request.end_user_ip,
        "userVisibleData": _base64(request.user_visible_data.encode()),
    }
    if request.user_non_visible_data is not None:
        body["userNonVisibleData"] = _base64(request.user_non_visible_data)
    if requirement := _write_requirement(request.requirement, environment):
        body["requirement"] = requirement
    if request.return_url is not None:
        body["returnUrl"] = request.return_url
    if request.return_risk:
        body["returnRisk"] = True
    if request.web is not None:
        body["web"] = _write_web(request.web)
    return body


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _write_requirement(requirement: Requirement, environment: Environment) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if requirement.pin_code:
        written["pinCode"] = True
    if requirement.kinds:
        written["certificatePolicies"] = sorted(environment.policy_oids(requirement.kinds))
    if requirement.personal_number is not None:
        written["personalNumber"] = requirement.personal_number
    return written


def _write_web(web: WebDevice) -> dict[str, Any]:
    written = {"referringDomain": web.referring_domain, "deviceIdentifier": web.device_identifier}
    return written | ({"userAgent": web.user_agent} if web.user_agent else {})


def read_object(body: bytes) -> Mapping[str, Any]:
    """Read one JSON object; raises ValueError, also for a member that occurs twice."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("the answer is no JSON object")  # noqa: TRY004 - malformed data
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member occurs twice")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def read_started(answer: Mapping[str, Any]) -> StartedOrder:
    """Read the answer to a start; raises ValueError."""
    return StartedOrder(
        order_ref=_reference(answer, "orderRef"),
        auto_start_token=_reference(answer, "autoStartToken"),
        qr_start_token=_reference(answer, "qrStartToken"),
        qr_start_secret=_reference(answer, "qrStartSecret"),
    )


def find_pending(body: bytes, order_ref: str) -> Pending | None:
    """The hint of an order that goes on; None for every other answer to a collect, whatever it is."""
    try:
        answer = _about(order_ref, read_object(body))
    except ValueError:
        return None
    return Pending(_hint(answer)) if answer.get("status") == "pending" else None


def read_ended(body: bytes, order_ref: str) -> Ended:
    """Read the answer to a collect of an order that is over; raises ValueError, also when it is about another order."""
    answer = _about(order_ref, read_object(body))
    match answer.get("status"):
        case "failed":
            return Failed(_hint(answer))
        case "complete":
            return Complete(_read_completion(_object(answer, "completionData")))
        case _:
            raise ValueError("the status is unknown")


def _about(order_ref: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if not hmac.compare_digest(_text(answer, "orderRef").encode(), order_ref.encode()):
        raise ValueError("the answer is about another order")
    return answer


def _read_completion(data: Mapping[str, Any]) -> Completion:
    """Twelve digits and a signature are needed; everything else one may or may not have, and its absence is judged elsewhere."""
    user, device = _object(data, "user"), data.get("device")
    device = device if isinstance(device, dict) else {}
    given_name, surname = _text_or_nothing(user, "givenName"), _text_or_nothing(user, "surname")
    return Completion(
        user=User(
            personal_number=PersonalNumber(_text(user, "personalNumber")).digits,
            name=_text_or_nothing(user, "name") or f"{given_name} {surname}".strip(),
            given_name=given_name,
            surname=surname,
        ),
        device_ip=_text_or_nothing(device, "ipAddress"),
        device_uhi=_text_or_nothing(device, "uhi"),
        issue_date=_issue_date(data.get("bankIdIssueDate")),
        signature=_text(data, "signature"),
        ocsp=_text_or_nothing(data, "ocspResponse"),
        risk=_risk(data.get("risk")),
    )


def _issue_date(value: object) -> date | None:
    """The first ten characters are the date; an offset follows, which says nothing about a date."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _risk(value: object) -> Risk | None:
    """A risk of an unknown name is taken for moderate: it is more than nothing, and blocks nobody by itself."""
    if not isinstance(value, str):
        return None
    try:
        return Risk(value.lower())
    except ValueError:
        return Risk.MODERATE


def _hint(answer: Mapping[str, Any]) -> str:
    hint = answer.get("hintCode")
    return hint if isinstance(hint, str) else ""


def _object(container: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = container.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"{name} is missing")  # noqa: TRY004 - malformed data
    return value


def _text(container: Mapping[str, Any], name: str) -> str:
    value = container.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _text_or_nothing(container: Mapping[str, Any], name: str) -> str:
    value = container.get(name)
    return value if isinstance(value, str) else ""


def _reference(container: Mapping[str, Any], name: str) -> str:
    value = _text(container, name)
    if not _REFERENCE.fullmatch(value):
        raise ValueError(f"{name} has other characters than a reference")
    return value
