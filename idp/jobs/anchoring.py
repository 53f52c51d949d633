"""Anchoring: says each hour, in a second place, where the audit log stands; and notices when it no longer stands where it was."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Gauge

from idp.core.audit_chain.anchor import Anchor, AnchorFailed, AnchorPlace
from idp.core.audit_log import AuditChain
from idp.jobs.trouble import Trouble

_log = structlog.get_logger("idp.anchoring")

AGAIN: Final = timedelta(minutes=1)
"""After so long what failed is tried again."""

_contradicted = Gauge(
    "idp_audit_contradicted",
    "1 while the audit log is not the one that this process anchored last: rows were cut off or exchanged.",
    multiprocess_mode="livemostrecent",
)


@dataclass(kw_only=True)
class Anchoring:
    """One per process that runs jobs; several at once do no harm."""

    chain: AuditChain
    write: Callable[[Anchor], str]
    """The signed line of an anchor."""
    places: Sequence[AnchorPlace]
    every: timedelta
    unit_of_work: Callable[[], AbstractContextManager[object]]
    outages: tuple[type[Exception], ...]
    """What it raises while the database is away."""
    clock: Callable[[], datetime]
    _last: Anchor | None = None

    def run(self, stop: threading.Event) -> None:
        """Anchor at once and then again and again until `stop` is set."""
        trouble = Trouble(work="anchoring", outages=self.outages)
        while not stop.is_set():
            try:
                done = self.beat()
            except Exception as error:  # noqa: BLE001 - a broken chain or an absent database must not end the anchors
                trouble.note(error)
                done = False
            else:
                trouble.is_over()
            stop.wait((self.every if done else min(self.every, AGAIN)).total_seconds())

    def beat(self) -> bool:
        """Say in every place where the chain ends. Returns whether all of them took it."""
        with self.unit_of_work():
            contradicted = self._last is not None and not self.chain.holds(self._last)
            anchor = self.chain.anchor(self.clock())
        _contradicted.set(contradicted)
        if contradicted:
            _log.error("audit log was changed since its last anchor", remedy="run `idp audit verify`")
            return False  # what is there now is not vouched for
        line = self.write(anchor)
        taken = [self._reaches(place, line) for place in self.places]
        self._last = anchor
        return all(taken)

    def _reaches(self, place: AnchorPlace, line: str) -> bool:
        try:
            place.add(line)
        except AnchorFailed as failed:
            _log.error("audit log not anchored", reason=str(failed))
            return False
        return True
