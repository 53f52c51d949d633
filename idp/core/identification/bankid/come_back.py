"""Come back: the BankID app returns to a browser on the same device, which proves that app and browser share it."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.events import FixationSuspected
from idp.core.identification.bankid.ports import Orders
from idp.core.identification.bankid.start_order import nonce_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack:
    """Notes a return; it logs nobody in."""

    orders: Orders
    audit: Audit

    def here(self, identification_id: str, nonce: str, now: datetime) -> bool:
        """In the browser that began; False when the order has another nonce, or lives no more."""
        return self.orders.returned(identification_id, nonce_hash(nonce), now)

    def elsewhere(self, identification_id: str, nonce: str, now: datetime) -> None:
        """In another browser: the order is given up, for that is what the victim of a forwarded start link sees (CWE-384)."""
        if self.orders.strayed(identification_id, nonce_hash(nonce), now):
            self.audit.record(FixationSuspected(identification_id=identification_id), now)
