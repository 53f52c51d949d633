"""Anchors: where the chain stood, signed and kept in a place that the database's owner does not write to."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.core.audit_chain.signature import Signer, canonical


@dataclass(frozen=True, slots=True)
class Anchor:
    """The chain had this link at this position then."""

    at: datetime
    position: int
    chain_hash: bytes

    def line(self, signer: Signer) -> str:
        """As it is written, on one line without its end."""
        members = {"at": self.at.isoformat(), "position": self.position, "chain_hash": self.chain_hash.hex()}
        return canonical(signer.signed(members)).decode()


class UnreadableAnchor(ValueError):
    """A line is no anchor, or none that we signed."""


def read_anchor(line: str, signer: Signer) -> Anchor:
    """What was written. Raises UnreadableAnchor."""
    try:
        signed = json.loads(line)
        if not isinstance(signed, Mapping) or not signer.is_ours(signed):
            raise UnreadableAnchor
        return Anchor(datetime.fromisoformat(signed["at"]), signed["position"], bytes.fromhex(signed["chain_hash"]))
    except (KeyError, TypeError, ValueError):
        raise UnreadableAnchor from None


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a file of anchors says."""

    links: Mapping[int, bytes]
    """By position; empty bytes where two anchors contradict each other, which no link equals."""
    unreadable: Sequence[int]
    """The numbers of lines that are no anchors of ours."""
    last_at: datetime | None
    """When the youngest one was made."""


def read_anchors(lines: Iterable[str], signer: Signer) -> Anchors:
    """Read all of them; what cannot be read is counted, because somebody may have written it there."""
    links: dict[int, bytes] = {}
    unreadable: list[int] = []
    last_at: datetime | None = None
    for number, line in enumerate(lines, 1):
        try:
            anchor = read_anchor(line, signer)
        except UnreadableAnchor:
            unreadable.append(number)
            continue
        links[anchor.position] = (
            anchor.chain_hash if links.get(anchor.position, anchor.chain_hash) == anchor.chain_hash else b""
        )
        last_at = anchor.at if last_at is None else max(last_at, anchor.at)
    return Anchors(links, unreadable, last_at)


class AnchorFailed(Exception):
    """An anchor did not reach its place; the text says why."""


class AnchorPlace(Protocol):
    """A second place, to which anchors are only ever added."""

    @property
    def name(self) -> str:
        """For an operator."""

    def add(self, line: str) -> None:
        """Keep one line. Raises AnchorFailed."""


class AnchorFile(AnchorPlace, Protocol):
    """A second place that can be read again."""

    def lines(self) -> Sequence[str]:
        """Every anchor, the oldest first. Raises AnchorFailed."""
