"""Order limits: how many BankID orders one browser, address or network may start, because each may cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, ip_network

from idp.core.budgets import Budget
from idp.core.identification.caller_address import CallerAddress, KnownAddress

WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLimits:
    """So many starts in WINDOW; 0 is no limit."""

    per_browser: int
    per_address: int
    per_network: int

    def scopes(self, *, browser: str, address: CallerAddress) -> Mapping[str, Budget]:
        """What one start is counted in.

        A home or a phone has a whole IPv6 /64, and a customer of a provider often a /48: an address more costs nothing.
        Callers whose address is unknown are no place, and must not use up one another's starts.
        """
        limits = {f"order.browser {browser}": self.per_browser}
        if isinstance(address, KnownAddress):
            own, around = (32, 24) if isinstance(address.ip, IPv4Address) else (64, 48)
            limits[f"order.address {ip_network((address.ip, own), strict=False)}"] = self.per_address
            limits[f"order.network {ip_network((address.ip, around), strict=False)}"] = self.per_network
        return {scope: Budget(limit=limit, window=WINDOW) for scope, limit in limits.items() if limit}
