"""Bundle: one act of one person, and what proves who did it; as JSON there is exactly one way to write it.

The format is described for an auditor in `idp/EVIDENCE.md`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

FORMAT = "idp-evidence/1"

Fact = str | tuple[str, ...]


class ActKind(StrEnum):
    """What evidence is of; stored, and stays."""

    LOGIN = "login"
    REGISTRATION = "registration"
    LINK = "link"
    CONSENT = "consent"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done, when, and whom it concerns, by our ids."""

    kind: ActKind
    at: datetime
    person_id: str | None = None
    """None for a login of somebody who has no account yet."""
    customer_id: str | None = None
    client_id: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict, repr=False)
    """What else belongs to it, such as the scope that was allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """One identification by a method, with everything that a later verification of it needs."""

    method: str
    reference: str
    """The method's own name for it."""
    at: datetime
    kind: str
    """Says what the parts are, and who can verify them."""
    parts: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestsOn:
    """The evidence of the login in which an act happened."""

    reference: str
    sha256: str
    """Of its sealed text, in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Evidence before it is sealed: a login has its identification, another act the login that it rests on."""

    reference: str
    issuer: str
    """Who kept it."""
    act: Act
    identification: Identification | None = None
    rests_on: RestsOn | None = None

    def to_bytes(self) -> bytes:
        """Write it in the one form that it has (RFC 8785, of strings, arrays and objects alone)."""
        members = {
            "format": FORMAT,
            "reference": self.reference,
            "issuer": self.issuer,
            "act": _without_none(
                kind=self.act.kind.value,
                at=written_time(self.act.at),
                person_id=self.act.person_id,
                customer_id=self.act.customer_id,
                client_id=self.act.client_id,
                facts=dict(self.act.facts),
            ),
        }
        if self.identification is not None:
            found = self.identification
            members["identification"] = {
                "method": found.method,
                "reference": found.reference,
                "at": written_time(found.at),
                "kind": found.kind,
                "parts": dict(found.parts),
            }
        if self.rests_on is not None:
            members["rests_on"] = {"reference": self.rests_on.reference, "sha256": self.rests_on.sha256}
        return canonical_json(members)

    @classmethod
    def from_bytes(cls, written: bytes) -> "Bundle":
        """Read what `to_bytes` wrote. Raises ValueError for anything else, also for the same said in other bytes."""
        members = read_canonical(written)
        if members.pop("format", None) != FORMAT:
            raise ValueError("the format is unknown")
        try:
            act, found, rests_on = members["act"], members.get("identification"), members.get("rests_on")
            bundle = cls(
                **{
                    **members,
                    "act": Act(
                        **{**act, "kind": ActKind(act["kind"]), "at": read_time(act["at"]), "facts": _facts(act)}
                    ),
                    "identification": found and Identification(**{**found, "at": read_time(found["at"])}),
                    "rests_on": rests_on and RestsOn(**rests_on),
                }
            )
        except (TypeError, KeyError, AttributeError):
            raise ValueError("a member is missing, unknown or of another kind") from None
        if bundle.to_bytes() != written or (bundle.act.kind is ActKind.LOGIN) == (bundle.identification is None):
            raise ValueError("a login has its identification, and nothing else has one")
        return bundle


def canonical_json(members: Mapping[str, Any]) -> bytes:
    """The one way to write these members (RFC 8785)."""
    return json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def read_canonical(written: bytes) -> dict[str, Any]:
    """Read an object of strings, arrays and objects. Raises ValueError for other values and for other ways to write them."""
    try:
        members = json.loads(written)
        is_plain = isinstance(members, dict) and _is_plain(members) and canonical_json(members) == written
    except (UnicodeError, RecursionError):
        raise ValueError("is no JSON") from None
    if not is_plain:
        raise ValueError("is not in canonical form")
    return dict(members)


def written_time(at: datetime) -> str:
    """UTC to the microsecond, ending in Z (RFC 3339)."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_time(text: str) -> datetime:
    """Read what `written_time` wrote. Raises ValueError for anything else."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or written_time(at) != text:
        raise ValueError("a time is not in UTC to the microsecond")
    return at.astimezone(UTC)


def _is_plain(value: object) -> bool:
    match value:
        case str():
            return True
        case list():
            return all(map(_is_plain, value))
        case dict():
            return all(map(_is_plain, value.values()))
        case _:
            return False


def _facts(act: Mapping[str, Any]) -> dict[str, Fact]:
    return {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in act["facts"].items()}


def _without_none(**members: object) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}
