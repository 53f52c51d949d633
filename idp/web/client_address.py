"""The address of the person's device, as far as it can be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from flask import request

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """The right-most address that is not a proxy of ours.

    `forwarded_for` has the values of X-Forwarded-For in order. Everything left of the first untrusted hop was written
    by that hop and may be a lie, so it is not looked at.
    """
    address = _parse(peer)
    if address is None:
        return "127.0.0.1"  # a Unix socket: the proxy on this very machine
    for hop in reversed([part.strip() for value in forwarded_for for part in value.split(",")]):
        if not _is_trusted(address, trusted):
            break
        said = _parse(hop)
        if said is None:
            break
        address = said
    return str(address)


def _parse(text: str) -> Address | None:
    """Without a zone, which means something on this machine only (RFC 4007 11.2)."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)


@dataclass(frozen=True, slots=True)
class CallerAddress:
    """Tells the address that the present request comes from."""

    trusted_proxies: Sequence[Network]

    def __call__(self) -> str:
        forwarded_for = request.headers.getlist("X-Forwarded-For")
        return client_address(request.remote_addr or "", forwarded_for, self.trusted_proxies)
