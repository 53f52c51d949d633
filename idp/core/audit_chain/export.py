"""The export of the log for an auditor: JSON lines in UTF-8, each ended by a line feed, that are signed as a whole.

1. `{"format": "idp audit export 1", "issuer": …, "made_at": …, "key": {JWK}}`
2. one line per sealed row, in the order of the chain: `position`, `id`, `at` (ISO 8601, UTC), `event`, `person_id` (a pseudonym, or null) and `facts`
3. `{"rows": …, "first": …, "last": …, "sha256": …, "findings": […], "signature": …}`

`sha256` is the hash in hexadecimal of every byte before the last line. `findings` is what the verification in the same moment found; it is empty for a
log that is as it was written. `signature` is that of `signature.py`, by the key of the first line, whose thumbprint `idp audit key` prints:
the auditor asks for it on another way than the file came.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from idp.core.audit_chain.inspection import Inspected, Seal
from idp.core.audit_chain.signature import Signer, canonical

FORMAT: Final = "idp audit export 1"


@dataclass(slots=True)
class Export:
    """Writes one export; `write` takes bytes."""

    signer: Signer
    write: Callable[[bytes], object]
    as_text: Callable[[int], str]
    """A stored time as ISO 8601."""
    _hash: Any = field(default_factory=hashlib.sha256)
    count: int = 0
    """How many rows were written."""
    _first: int | None = None
    _last: int | None = None

    def begin(self, issuer: str, now: datetime) -> None:
        """The first line."""
        self._line({"format": FORMAT, "issuer": issuer, "made_at": now.isoformat(), "key": self.signer.jwk})

    def rows(self, seals: Iterable[Seal]) -> None:
        """The next rows; one that is gone is left out, and is a finding."""
        for seal in seals:
            if seal.entry is None:
                continue
            entry = seal.entry
            line = {
                "position": seal.position,
                "id": entry.id,
                "at": self.as_text(entry.at),
                "event": entry.event,
                "person_id": entry.person_id,
                "facts": _facts(entry.facts),
            }
            self._line(line)
            self.count += 1
            self._first, self._last = self._first or seal.position, seal.position

    def end(self, found: Inspected) -> None:
        """The last line."""
        told = [{"what": each.damage.value, "position": each.position, "row": each.row_id} for each in found.findings]
        last = {
            "rows": self.count,
            "first": self._first,
            "last": self._last,
            "sha256": self._hash.hexdigest(),
            "findings": told,
        }
        self.write(canonical(self.signer.signed(last)) + b"\n")

    def _line(self, members: Any) -> None:
        line = canonical(members) + b"\n"
        self._hash.update(line)
        self.write(line)


def _facts(text: str) -> Any:
    """What somebody changed may be no JSON; it is shown as it stands."""
    try:
        return json.loads(text)
    except ValueError:
        return text
