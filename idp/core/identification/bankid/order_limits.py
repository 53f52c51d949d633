"""Order limits: how many BankID orders one browser, address or network may start, because each may cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from idp.core.budgets import Budget
from idp.core.identification.caller_address import CallerAddress

WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLimits:
    """So many starts in WINDOW; 0 is no limit."""

    per_browser: int
    per_address: int
    per_network: int

    def scopes(self, *, browser: str, address: CallerAddress) -> Mapping[str, Budget]:
        """What one start is counted in."""
        limits = {f"order.browser {browser}": self.per_browser}
        if address.networks:
            own, around = address.networks
            limits |= {f"order.address {own}": self.per_address, f"order.network {around}": self.per_network}
        return {scope: Budget(limit=limit, window=WINDOW) for scope, limit in limits.items() if limit}
