"""Order: our row about one BankID order, from the request to start it to its once-only answer.

The page asks for an order by inserting a row in state `wanted`; only the collector speaks to BankID. So a browser
never waits for BankID, and a completed order is committed before anybody is told.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from idp.core.identification.bankid.api import Completion
from idp.core.identification.bankid.order_request import OrderRequest

PAUSED: Final = "paused"
"""Hint code of ours: nobody looked at the page any more, so no further order was started."""
UNREADABLE: Final = "answerUnreadable"
"""Hint code of ours: BankID told how the order ended, and we could not read it; the answer is kept."""
LOST: Final = "answerLost"
"""Hint code of ours: BankID told how the order ended, once, and it was lost on its way or before it was kept."""
STRAYED: Final = "anotherBrowser"
"""Hint code of ours: the app came back, but to another browser than the one that began."""


class Launch(StrEnum):
    """How the BankID app gets hold of the order; fixed when the order is made."""

    QR = "qr"
    SAME_DEVICE = "same_device"


class OrderState(StrEnum):
    """wanted → pending → complete → used, or failed at any time; `dropped` when we gave it up."""

    WANTED = "wanted"
    PENDING = "pending"
    COMPLETE = "complete"
    USED = "used"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A row of `bankid_orders`; secrets are decrypted values here, encrypted columns there."""

    id: str
    identification_id: str
    launch: Launch
    state: OrderState
    request: OrderRequest
    """What the collector starts it with; encrypted at rest."""
    wanted_at: datetime
    """Of the chain: silent restarts keep it, so that the chain can be capped."""
    restarts: int
    asked_at: datetime | None = None
    """When this very order was asked for; BankID's short stops are waited out from here."""
    started_at: datetime | None = None
    """The moment BankID's answer arrived: t = 0 of the QR."""
    order_ref: str | None = None
    auto_start_token: str | None = None
    qr_start_token: str | None = None
    qr_start_secret: str | None = None
    hint_code: str | None = None
    """Last hint, or the failing hint code or error code."""
    hint_since: datetime | None = None
    return_nonce_hash: str | None = None
    returned_at: datetime | None = None
    polled_at: datetime | None = None
    """When the page last looked; a QR chain is continued only for somebody who watches."""
    answer: bytes | None = field(default=None, repr=False)
    """What BankID said last and is not read yet, or cannot be read."""
    completion: Completion | None = None
    completed_at: datetime | None = None

    @property
    def is_ready(self) -> bool:
        """Complete, and back where it began if it has a way back: now its browser may go on with it."""
        return self.state is OrderState.COMPLETE and not self.must_return

    @property
    def must_return(self) -> bool:
        """The app has yet to come back to the browser that began; until then this may be a victim's approval (CWE-384)."""
        return self.return_nonce_hash is not None and self.returned_at is None

    def __repr__(self) -> str:
        return f"Order({self.id} {self.launch} {self.state} {self.hint_code})"
