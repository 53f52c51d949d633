"""What BankID's orders need from the outside: each method one business verb, each atomic by itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.core.identification.bankid.api import Ended, Pending, StartedOrder
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_request import OrderRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOrder:
    """A fresh row for the collector to start."""

    id: str
    identification_id: str
    launch: Launch
    request: OrderRequest
    return_nonce_hash: str | None
    wanted_at: datetime
    restarts: int = 0


class Orders(Protocol):
    """BankID orders as a page meets them."""

    def want(self, order: WantedOrder, now: datetime) -> None:
        """Insert it and drop every other order of the identification, in one transaction (the collector cancels those)."""

    def current(self, identification_id: str) -> Order | None:
        """The newest order of the identification that is not dropped."""

    def watched(self, order: Order, now: datetime) -> None:
        """Note that the page looks; written at most every five seconds."""

    def returned(self, identification_id: str, nonce_hash: str, now: datetime) -> bool:
        """Note the app's return with the right nonce."""

    def strayed(self, identification_id: str, nonce_hash: str, now: datetime) -> bool:
        """The app returned to a browser that did not start the order: it fails as STRAYED (session fixation, CWE-384)."""

    def drop(self, identification_id: str, now: datetime) -> bool:
        """Give up the present order; False when there is none any more."""

    def use(self, order_id: str, now: datetime) -> None:
        """From complete to used, once; the completion is erased from the row. Raises Overtaken."""

    def reject(self, order_id: str, hint_code: str, now: datetime) -> None:
        """From complete to failed with a hint code of ours: the completion is erased and never believed. Raises Overtaken."""


@dataclass(frozen=True, slots=True)
class UnreadableOrder:
    """An order that no key of this node opens."""

    id: str
    asked_at: datetime


class OrderQueue(Protocol):
    """BankID orders as the collector meets them: it works under leases.

    What writes raises Overtaken when the lease was lost, or the order is not in that state any more.
    """

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[Order | UnreadableOrder]:
        """Orders to start, collect or cancel now, leased to this worker by one conditional statement each."""

    def release(self, node: str) -> int:
        """Free what a dead process of this node held; its workers are named `<node>.…`."""

    def give_back(self, order_id: str, worker: str) -> None:
        """End the lease, if it is still held."""

    def started(self, order_id: str, worker: str, started: StartedOrder, now: datetime, next_at: datetime) -> None:
        """Keep BankID's reference, also of an order that was dropped meanwhile: then it is due for its cancellation."""

    def start_failed(self, order_id: str, worker: str, code: str, now: datetime) -> None: ...
    def keep_leases(self, worker: str, until: datetime) -> Collection[str]:
        """Hold all that is leased to this worker for longer. Returns the orders; one that it lost, or that is over, is not among them."""

    def seen(self, order_id: str, worker: str, told: Pending, now: datetime) -> None:
        """Store how the person fares; the lease goes on. What was kept as it came is erased: it was not BankID's last word."""

    def answered(self, order_id: str, body: bytes) -> Order:
        """Keep what collect said as it came, before it is read; even if the lease was lost. Returns the order as it is now."""

    def ended(self, order_id: str, told: Ended, now: datetime) -> None:
        """Store how it ended, even if the lease was lost. What was kept as it came is erased, but for UNREADABLE."""

    def ask_again(self, order_id: str, worker: str, next_at: datetime) -> None:
        """BankID did not answer; look again."""

    def restart(self, order_id: str, worker: str, replacement: WantedOrder, now: datetime) -> None:
        """Drop an unopened QR order and want its successor, in one transaction."""

    def given_up(self, order_id: str, worker: str) -> None:
        """Nobody can open it any more."""

    def cancelled(self, order_id: str, worker: str, now: datetime) -> None:
        """BankID was told of a dropped order."""

    def overdue(self, now: datetime) -> int:
        """How many orders wait in vain for a collector; for alarms."""
