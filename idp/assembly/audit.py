"""What proves the audit log to others: its anchors, its signature, its export."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from idp.adapters.audit_anchors.file import AnchorsInFile
from idp.adapters.audit_anchors.syslog import AnchorsToSyslog
from idp.adapters.database.columns import moment
from idp.core.audit_chain.anchor import Anchor, AnchorPlace, Anchors, read_anchors
from idp.core.audit_chain.export import Export
from idp.core.audit_chain.marks import MarkKeys
from idp.core.audit_chain.signature import Signer, key_id
from idp.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditProof:
    """Signs with the audit secret, and knows the places where anchors lie."""

    keys: Callable[[], MarkKeys]
    settings: Settings

    @property
    def signer(self) -> Signer:
        """As the secret is now."""
        return Signer(self.keys())

    @property
    def key_id(self) -> str:
        """The thumbprint of the key that signs now."""
        return key_id(self.signer.jwk)

    @property
    def places(self) -> Sequence[AnchorPlace]:
        """Every second place that the settings name."""
        named = self.settings.audit
        file = [AnchorsInFile(named.anchor_file)] if named.anchor_file is not None else []
        return [*file, *([AnchorsToSyslog(named.anchor_syslog)] if named.anchor_syslog else [])]

    def line(self, anchor: Anchor) -> str:
        """An anchor with its signature."""
        return anchor.line(self.signer)

    def anchors(self, path: Path | None) -> Anchors:
        """Those of a file, or of the file in the settings; none where there is neither. Raises AnchorFailed."""
        path = path or self.settings.audit.anchor_file
        return read_anchors(AnchorsInFile(path).lines() if path is not None else (), self.signer)

    def last_anchor(self) -> datetime | None:
        """When the last anchor of the file in the settings was made. Raises AnchorFailed."""
        return self.anchors(None).last_at

    def export(self, write: Callable[[bytes], object]) -> Export:
        """One export."""
        return Export(self.signer, write, lambda stored: moment(stored).isoformat())
