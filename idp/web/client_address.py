"""The address of the person's device, as far as it can be believed: what proxies write about it, read in every spelling."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Lock
from typing import Final

import structlog
from flask import request
from prometheus_client import Counter

from idp.core.identification.caller_address import CallerAddress, Ip, KnownAddress, UnknownAddress

Network = IPv4Network | IPv6Network
FORWARDED: Final = "forwarded"
"""The one header with its own syntax (RFC 7239 4); in every other one addresses stand between commas."""
LOUD_EVERY: Final = timedelta(minutes=1)

_unknown = Counter(
    "idp_unknown_callers", "Requests whose caller's address the proxy did not say so that it can be read."
)

_log = structlog.get_logger("idp.web")
_LOOPBACK = ip_address("127.0.0.1")
_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?")
_IPV4_WITH_PORT = re.compile(r"([0-9.]+):(?:[0-9]{1,5}|_[A-Za-z0-9._-]+)")
_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*("[^"]*"|[^;"\s]*)\s*(?=;|$)', re.IGNORECASE)
_LONGEST_SAID = 60


def client_address(peer: str, header: str, values: Sequence[str], trusted: Sequence[Network]) -> CallerAddress:
    """The right-most address that is not a proxy of ours, in `values` of the header that is believed.

    Everything left of the first untrusted hop was written by that hop and may be a lie, so it is not looked at.
    """
    address = read_address(peer)
    nearest = address or _LOOPBACK  # a Unix socket: the proxy is on this very machine
    if address is not None and not _is_trusted(address, trusted):
        return KnownAddress(address)
    for hop in _hops(values):
        said = read_address(_node(hop) if header.lower() == FORWARDED else hop)
        if said is None:
            return UnknownAddress(nearest, hop[:_LONGEST_SAID])
        if not _is_trusted(said, trusted):
            return KnownAddress(said)
    return UnknownAddress(nearest, "")


def _hops(values: Sequence[str]) -> Iterator[str]:
    """From the right; empty elements of a list mean nothing (RFC 9110 5.6.1.2)."""
    for value in reversed(values):
        yield from filter(None, map(str.strip, _elements_from_the_right(value)))


def _elements_from_the_right(value: str) -> Iterator[str]:
    """Split at commas outside of quotation marks.

    From the right, because our proxy wrote the end: a quotation mark that a caller left open cannot swallow the proxy's word.
    """
    end, quoted = len(value), False
    for at in range(len(value) - 1, -1, -1):
        if value[at] == '"':
            quoted = not quoted
        elif value[at] == "," and not quoted:
            yield value[at + 1 : end]
            end = at
    yield value[:end]


def _node(element: str) -> str:
    """Who sent the request to the proxy (RFC 7239 5.2); empty when the element does not say so exactly once."""
    nodes = _FOR.findall(element)
    return nodes[0] if len(nodes) == 1 else ""


def read_address(text: str) -> Ip | None:
    """An address with or without quotation marks, brackets and port (RFC 7239 6); None for what is none.

    Without a zone, which means something on this machine only (RFC 4007 11.2).
    """
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1].strip()
    spelled = _BRACKETED.fullmatch(bare) or _IPV4_WITH_PORT.fullmatch(bare)
    try:
        address = ip_address((spelled[1] if spelled else bare).partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_trusted(address: Ip, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)


@dataclass(slots=True)
class Alarm:
    """Says in the log that addresses cannot be read: at most once a minute, with how many there have been."""

    count: int = 0
    said_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def raise_for(self, address: UnknownAddress, header: str, now: datetime) -> None:
        _unknown.inc()
        with self._lock:
            self.count += 1
            if self.said_at is not None and now - self.said_at < LOUD_EVERY:
                return
            self.said_at = now
            count = self.count
        _log.error(
            "caller's address unknown",
            proxy=str(address.nearest),
            header=header,
            said=address.said,
            count=count,
            remedy="see `idp doctor`; server.client_address_header names the header that the proxy writes",
        )


@dataclass(frozen=True, slots=True)
class ReadCallerAddress:
    """Tells the address that the present request comes from, and is loud where the proxy's word cannot be read."""

    trusted_proxies: Sequence[Network]
    header: str
    clock: Callable[[], datetime]
    alarm: Alarm = field(default_factory=Alarm)

    def __call__(self) -> CallerAddress:
        values = request.headers.getlist(self.header)
        address = client_address(request.remote_addr or "", self.header, values, self.trusted_proxies)
        if isinstance(address, UnknownAddress):
            self.alarm.raise_for(address, self.header, self.clock())
        return address
