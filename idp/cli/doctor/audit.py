"""The audit log's second place: without one, who owns the database can take its end away unseen."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from idp.assembly.audit import AuditProof
from idp.cli.doctor.finding import Finding, Grade
from idp.core.audit_chain.anchor import AnchorFailed

_UNSEEN = "who owns the database can cut the log's end off or restore an older one unseen"


def look_at_anchors(proof: AuditProof, now: datetime, *, is_sandbox: bool) -> Iterator[Finding]:
    """Warnings alone: before the first start there is no anchor."""
    named = proof.settings.audit
    if not proof.places:
        if not is_sandbox:
            remedy = "set audit.anchor_file to a file on another volume, or audit.anchor_syslog"
            yield Finding(Grade.WARN, "audit anchors", f"no place is named: {_UNSEEN}", remedy=remedy)
        return
    if named.anchor_file is None:
        yield Finding(
            Grade.OK, "audit anchors", f"go to {proof.places[0].name}, which cannot be asked for the last one"
        )
        return
    yield _judged(proof, named.anchor_every, now)


def _judged(proof: AuditProof, every: timedelta, now: datetime) -> Finding:
    remedy = "see that `idp serve` or `idp jobs` runs and may write there; its log says why it could not"
    try:
        last = proof.last_anchor()
    except AnchorFailed as failed:
        return Finding(Grade.WARN, "audit anchors", str(failed), remedy=remedy)
    if last is None:
        return Finding(
            Grade.WARN, "audit anchors", f"{proof.settings.audit.anchor_file} has none of ours", remedy=remedy
        )
    seen = f"the last one is of {last:%Y-%m-%d %H:%M} UTC"
    if now - last > 2 * every:
        return Finding(Grade.WARN, "audit anchors", f"{seen}, which is too old: {_UNSEEN}", remedy=remedy)
    return Finding(Grade.OK, "audit anchors", seen)
