"""What keeps evidence, and what an operator and an auditor do with it."""

from dataclasses import dataclass

from idp.adapters.bankid.proof_verifier import BankIdProofVerifier
from idp.adapters.keys.files import KeyFiles
from idp.assembly.store import Store
from idp.core.evidence.archive import ExportEvidence, ShowEvidence, VerifyArchive
from idp.core.evidence.keep_evidence import KeepEvidence
from idp.core.evidence.ports import EvidenceArchive
from idp.core.evidence.seal import SealKey
from idp.core.evidence.verify_evidence import Pins, VerifyEvidence
from idp.core.people.identity import SIGNATURE_EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Keeps evidence, and what an operator does with it."""

    keep: KeepEvidence
    evidence: EvidenceArchive
    show: ShowEvidence
    verify: VerifyArchive
    export: ExportEvidence
    keys: KeyFiles

    def thumbprints(self) -> list[str]:
        """Of the keys that seal, the newest first."""
        return [SealKey.of(secret.value).thumbprint for secret in self.keys.secrets.evidence]


def make_archive(store: Store, keys: KeyFiles, issuer: str) -> Archive:
    """Make every use case; what was sealed by a key that is none of ours is refused."""

    def verifier() -> VerifyEvidence:
        ours = frozenset(SealKey.of(secret.value).thumbprint for secret in keys.secrets.evidence)
        return make_verifier(Pins(seals=ours))

    kept, audit = store.evidence, store.audit
    return Archive(
        keep=KeepEvidence(kept=kept, seal_key=lambda: _newest(keys), audit=audit, issuer=issuer),
        evidence=kept,
        show=ShowEvidence(archive=kept, verifier=verifier, audit=audit),
        verify=VerifyArchive(archive=kept, verifier=verifier, audit=audit),
        export=ExportEvidence(archive=kept, seal_key=lambda: _newest(keys), audit=audit, issuer=issuer),
        keys=keys,
    )


def make_verifier(pins: Pins) -> VerifyEvidence:
    """Make what verifies evidence from its text alone: it needs no settings, no keys and no database."""
    return VerifyEvidence({SIGNATURE_EVIDENCE: BankIdProofVerifier()}, pins)


def _newest(keys: KeyFiles) -> SealKey:
    return SealKey.of(keys.secrets.evidence[0].value)
