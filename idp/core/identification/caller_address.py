"""Caller address: the address that a person's device has for us, or the fact that nobody told it."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Ip = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, IPv4Network | IPv6Network]
"""What belongs to one caller, and what lies around it."""


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """The device's own address, or that of the network that it shares with others."""

    ip: Ip

    @property
    def nearest(self) -> Ip:
        return self.ip

    @property
    def networks(self) -> Networks:
        """A home or a phone has a whole IPv6 /64, and a customer of a provider often a /48: an address more costs nothing."""
        own, around = (32, 24) if isinstance(self.ip, IPv4Address) else (64, 48)
        return ip_network((self.ip, own), strict=False), ip_network((self.ip, around), strict=False)


@dataclass(frozen=True, slots=True)
class UnknownAddress:
    """A proxy stands between, and what it says of the device cannot be read.

    Such callers have nothing in common: no budget counts them together, and no comparison finds them alike.
    """

    nearest: Ip
    """The proxy's own address, for BankID must be told one."""
    said: str
    """What could not be read, as the proxy wrote it; empty when it said nothing."""

    @property
    def networks(self) -> None:
        """None: such callers must not use up one another's budgets."""


CallerAddress = KnownAddress | UnknownAddress
