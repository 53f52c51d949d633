"""Keep evidence: an act is written down, sealed and stored, and its digest goes to the audit log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.events import EvidenceSealed
from idp.core.evidence.bundle import Act, Bundle, Identification
from idp.core.evidence.ports import Kept, KeptEvidence
from idp.core.evidence.seal import SealKey, digest_of
from idp.core.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepEvidence:
    """The port `Evidence`. An act says of which login it is part by that login's digest, so that neither can be replaced."""

    kept: KeptEvidence
    seal_key: Callable[[], SealKey]
    """The newest, at each use."""
    audit: Audit
    issuer: str

    def keep_login(self, act: Act, identification: Identification, *, authentication_id: str, now: datetime) -> Kept:
        bundle = Bundle(reference=new_id(now), issuer=self.issuer, act=act, identification=identification)
        return self._keep(bundle, authentication_id, now)

    def keep_act(self, act: Act, *, authentication_id: str | None, now: datetime) -> Kept:
        rests_on = self.kept.login_of(authentication_id) if authentication_id is not None else None
        bundle = Bundle(reference=new_id(now), issuer=self.issuer, act=act, rests_on=rests_on)
        return self._keep(bundle, authentication_id, now)

    def _keep(self, bundle: Bundle, authentication_id: str | None, now: datetime) -> Kept:
        sealed = self.seal_key().seal(bundle.to_bytes())
        kept = Kept(
            reference=bundle.reference,
            act=bundle.act,
            authentication_id=authentication_id,
            sha256=digest_of(sealed),
            sealed=sealed,
        )
        self.kept.keep(kept)
        note = EvidenceSealed(
            person_id=bundle.act.person_id, reference=kept.reference, kind=bundle.act.kind.value, sha256=kept.sha256
        )
        self.audit.record(note, now)
        return kept
