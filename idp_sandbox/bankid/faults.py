"""Faults: what the API is to do wrong, in which call and how often, so that a client's handling of failures can be tested."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from idp_sandbox.bankid.errors import InvalidParameters
from idp_sandbox.bankid.json_object import JsonObject

OPERATIONS: Final = ("auth", "sign", "payment", "phone/auth", "phone/sign", "collect", "cancel")


class Kind(StrEnum):
    """The ways a call can go wrong."""

    HTTP = "http"
    """Answer with a status and an errorCode, without doing what was asked for."""
    GARBAGE = "garbage"
    """Answer with a gateway's HTML page instead of JSON, without doing what was asked for."""
    RESET = "reset"
    """Do what was asked for, then reset the connection instead of answering."""
    SLOW = "slow"
    """Do what was asked for, then wait before answering."""
    LOST_RESPONSE = "lost_response"
    """Wait for a terminal answer to a collect, use it up, then reset the connection instead of delivering it."""


_CODES: Final = {
    400: "invalidParameters",
    401: "unauthorized",
    403: "unauthorized",
    404: "notFound",
    408: "requestTimeout",
    429: "tooManyRequests",
    500: "internalError",
    503: "maintenance",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to do wrong, after `skip` good calls and then `times` times; no operation means any."""

    kind: Kind
    operation: str | None = None
    times: int = 1
    skip: int = 0
    status: int = 503
    error_code: str = "maintenance"
    seconds: float = 0.0
    processed: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def concerns(self, operation: str) -> bool:
        """True when the fault is about this operation."""
        return self.operation in {None, operation}


def read_fault(raw: object, where: str) -> Fault:
    """Read one fault from JSON; raises InvalidParameters."""
    fields = JsonObject(raw, where)
    kind = Kind(fields.choice("kind", Kind, required=True) or "")
    operation = fields.choice("operation", OPERATIONS)
    status = read_whole(fields, "status", 502 if kind is Kind.GARBAGE else 503)
    processed = fields.flag("processed") if fields.has("processed") else kind not in {Kind.HTTP, Kind.GARBAGE}
    seconds = fields.find("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | None) or not 0 <= (seconds or 0) <= 120:
        raise InvalidParameters(f"{where}.seconds must be a number, at most 120")
    fault = Fault(
        kind=kind,
        operation="collect" if kind is Kind.LOST_RESPONSE else operation,
        times=read_whole(fields, "times", 1),
        skip=read_whole(fields, "skip", 0),
        status=status,
        error_code=fields.text("errorCode", most=64) or _CODES.get(status, "internalError"),
        seconds=float(seconds or 0),
        processed=processed,
        headers={"RateLimit-Limit": "1", "RateLimit-Remaining": "0", "RateLimit-Reset": "1"} if status == 429 else {},
    )
    if fields.unread():
        raise InvalidParameters(", ".join(fields.unread()))
    return fault


def read_whole(fields: JsonObject, name: str, default: int) -> int:
    """A whole number, not negative; raises InvalidParameters."""
    value = fields.find(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidParameters(f"{fields.path(name)} must be a whole number")
    return value


def take(faults: tuple[Fault, ...], operation: str, *, terminal: bool) -> tuple[Fault | None, tuple[Fault, ...]]:
    """The fault for this call, if any, and the faults that remain; `terminal` is about lost responses only."""
    for index, fault in enumerate(faults):
        if not fault.concerns(operation) or (fault.kind is Kind.LOST_RESPONSE) != terminal:
            continue
        if fault.skip:
            return None, _swap(faults, index, replace(fault, skip=fault.skip - 1))
        rest = replace(fault, times=fault.times - 1) if fault.times > 1 else None
        return fault, _swap(faults, index, rest)
    return None, faults


def _swap(faults: tuple[Fault, ...], index: int, fault: Fault | None) -> tuple[Fault, ...]:
    return (*faults[:index], *((fault,) if fault else ()), *faults[index + 1 :])
