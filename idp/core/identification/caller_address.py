"""Caller address: the address that a person's device has for us, or the fact that nobody told it."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

Ip = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """The device's own address, or that of the network that it shares with others."""

    ip: Ip

    @property
    def nearest(self) -> Ip:
        return self.ip


@dataclass(frozen=True, slots=True)
class UnknownAddress:
    """A proxy stands between, and what it says of the device cannot be read.

    Such callers have nothing in common: no budget counts them together, and no comparison finds them alike.
    """

    nearest: Ip
    """The proxy's own address, for BankID must be told one."""
    said: str
    """What could not be read, as the proxy wrote it; empty when it said nothing."""


CallerAddress = KnownAddress | UnknownAddress
