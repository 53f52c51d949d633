"""Archive: what an operator does with kept evidence; every look is in the audit log."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.evidence.bundle import ActKind, written_time
from idp.core.evidence.export_file import export_lines
from idp.core.evidence.ports import EvidenceArchive, Kept, Selection
from idp.core.evidence.seal import SealKey
from idp.core.evidence.verify_evidence import Refused, Verified, VerifyEvidence
from idp.core.operator_events import EvidenceExported, EvidenceShown, EvidenceVerified

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowEvidence:
    """Finds evidence by its reference, or all of one login, and verifies it."""

    archive: EvidenceArchive
    verifier: Callable[[], VerifyEvidence]
    audit: Audit

    def __call__(self, reference: str, now: datetime, *, operator: str, unmasked: bool) -> Sequence[Verified | Refused]:
        verify, found = self.verifier(), self.archive.find(reference)
        for login in self._logins(found):
            verify(login.sealed)
        for kept in found:
            shown = EvidenceShown(
                person_id=kept.act.person_id, reference=kept.reference, operator=operator, unmasked=unmasked
            )
            self.audit.record(shown, now)
        return [examine(kept, verify) for kept in found]

    def _logins(self, found: Sequence[Kept]) -> Iterator[Kept]:
        """Which the acts rest on, where they are not among what was found."""
        if any(kept.act.kind is ActKind.LOGIN for kept in found):
            return
        for authentication_id in {kept.authentication_id for kept in found} - {None}:
            yield from (kept for kept in self.archive.find(str(authentication_id)) if kept.act.kind is ActKind.LOGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyArchive:
    """Verifies everything that is kept."""

    archive: EvidenceArchive
    verifier: Callable[[], VerifyEvidence]
    audit: Audit

    def __call__(self, now: datetime, *, operator: str, progress: Progress) -> tuple[int, Sequence[Refused]]:
        """How many there are, and those that do not hold."""
        everything, verify, refused, done = Selection(), self.verifier(), list[Refused](), 0
        in_all = self.archive.count(everything)
        for kept in self.archive.select(everything):
            found = examine(kept, verify)
            refused += [found] if isinstance(found, Refused) else []
            done += 1
            progress(done, in_all)
        self.audit.record(EvidenceVerified(operator=operator, bundles=done, refused=len(refused)), now)
        return done, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEvidence:
    """Writes evidence down as lines that verify without us."""

    archive: EvidenceArchive
    seal_key: Callable[[], SealKey]
    audit: Audit
    issuer: str

    def note(self, selection: Selection, now: datetime, *, operator: str) -> int:
        """Say in the audit log who takes how many out; first, so that nothing leaves unseen."""
        count = self.archive.count(selection)
        exported = EvidenceExported(
            operator=operator,
            bundles=count,
            person_id=selection.person_id,
            customer_id=selection.customer_id,
            since=written_time(selection.since) if selection.since is not None else None,
        )
        self.audit.record(exported, now)
        return count

    def lines(self, selection: Selection, now: datetime) -> Iterator[bytes]:
        """Of the file, the sealed last one included."""
        sealed = (kept.sealed for kept in self.archive.select(selection))
        return export_lines(sealed, self.seal_key(), self.issuer, now)


def examine(kept: Kept, verify: VerifyEvidence) -> Verified | Refused:
    """Verify what lies in a row, and that the row is about that: it decides who finds it and how long it stays."""
    found = verify(kept.sealed)
    match found:
        case Refused():
            return replace(found, reference=kept.reference)
        case Verified(bundle=bundle):
            told, act = kept.act, bundle.act
            as_told = (told.kind, told.at, told.customer_id, told.client_id)
            is_same = as_told == (act.kind, act.at, act.customer_id, act.client_id)
            is_theirs = act.person_id in {None, told.person_id}
            if (bundle.reference, found.sha256) != (kept.reference, kept.sha256) or not is_same or not is_theirs:
                return Refused(reference=kept.reference, reason="the row is about something else than what was sealed")
            return found
