"""Export file: sealed texts, one per line, and a sealed last line that says how many there are and what they are.

The format is described for an auditor in `idp/EVIDENCE.md`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from idp.core.evidence.bundle import canonical_json, read_canonical, written_time
from idp.core.evidence.seal import EXPORT_TYPE, SealBroken, SealKey
from idp.core.evidence.verify_evidence import Refused, Verified, VerifyEvidence

EXPORT_FORMAT: Final = "idp-evidence-export/1"
LONGEST_LINE: Final = 4_000_000
"""Bytes; BankID's signature and ours are far below."""
LAST_LINE: Final = "last line"


@dataclass(frozen=True, slots=True)
class Whole:
    """The file is as it was exported."""

    bundles: int


def export_lines(sealed: Iterable[str], seal_key: SealKey, issuer: str, now: datetime) -> Iterator[bytes]:
    """The lines of an export, the sealed last one included."""
    digest, count = hashlib.sha256(), 0
    for text in sealed:
        line = text.encode() + b"\n"
        digest.update(line)
        count += 1
        yield line
    members = {
        "format": EXPORT_FORMAT,
        "issuer": issuer,
        "made_at": written_time(now),
        "bundles": str(count),
        "sha256": digest.hexdigest(),
    }
    yield seal_key.seal(canonical_json(members), EXPORT_TYPE).encode() + b"\n"


def verify_export(lines: Iterable[bytes], verify: VerifyEvidence) -> Iterator[Verified | Refused | Whole]:
    """Verify line after line, and at last that none is missing, double or in another place."""
    digest, count, last = hashlib.sha256(), 0, b""
    for line in lines:
        if last:
            digest.update(last)
            count += 1
            yield verify(_text(last)) if last.endswith(b"\n") else Refused(reference="?", reason="a line is too long")
        last = line
    yield _verify_last(last, verify, count, digest.hexdigest())


def _verify_last(line: bytes, verify: VerifyEvidence, count: int, sha256: str) -> Whole | Refused:
    if not line.endswith(b"\n"):
        return Refused(reference=LAST_LINE, reason="the file is cut off")
    try:
        members = read_canonical(verify.unseal(_text(line), kind=EXPORT_TYPE).content)
    except (SealBroken, ValueError) as problem:
        return Refused(reference=LAST_LINE, reason=str(problem))
    if members.get("format") != EXPORT_FORMAT:
        return Refused(reference=LAST_LINE, reason="the format is unknown")
    if (members.get("bundles"), members.get("sha256")) != (str(count), sha256):
        return Refused(reference=LAST_LINE, reason="lines are missing, double or in another place")
    return Whole(bundles=count)


def _text(line: bytes) -> str:
    """What is no ASCII is no seal either."""
    return line.removesuffix(b"\n").decode("ascii", "replace")
