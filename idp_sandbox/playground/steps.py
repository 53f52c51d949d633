"""Steps: what went over the wire in one login, one request and its answer at a time."""

import base64
import binascii
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_JWS_PARTS, _JWE_PARTS = 3, 5


@dataclass(frozen=True, slots=True)
class Check:
    """One rule that an answer must satisfy."""

    passed: bool
    text: str
    reference: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A JSON Web Token, opened; nothing is said about its signature (RFC 7519 3)."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] | None
    """None when they are encrypted (RFC 7516)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One request or one answer."""

    line: str
    headers: Mapping[str, str] = field(default_factory=dict)
    members: Sequence[tuple[str, Any]] = ()
    """Parameters of a query or form, or members of a JSON object."""
    text: str = ""
    """The body, when it is neither a form nor a JSON object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request with its answer, what it is for, and what the answer was checked for."""

    title: str
    text: str
    reference: str
    request: Message
    answer: Message | None = None
    checks: Sequence[Check] = ()
    curl: str = ""

    @property
    def failed(self) -> bool:
        return any(not check.passed for check in self.checks)


def decode(value: object) -> Decoded | None:
    """Open a value that is a signed or encrypted JSON Web Token; None when it is something else."""
    if not isinstance(value, str) or value.count(".") not in {_JWS_PARTS - 1, _JWE_PARTS - 1}:
        return None
    parts = value.split(".")
    header = _json_part(parts[0])
    if header is None or "alg" not in header:
        return None
    return Decoded(header, _json_part(parts[1]) if len(parts) == _JWS_PARTS else None)


def _json_part(part: str) -> dict[str, Any] | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return None
    return found if isinstance(found, dict) else None


def curl_for(method: str, url: str, headers: Mapping[str, str], form: Iterable[tuple[str, str]]) -> str:
    """The same request for a terminal, one option a line."""
    options = [f"--header {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    options += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in form]
    start = f"curl --request {method} {shlex.quote(url)}"
    return " \\\n  ".join([start, *options])
