"""Callers' addresses: whether the proxy's word about them can be read, and whether they can be compared with BankID's."""

import socket
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from idp.cli.doctor.finding import Finding, Grade
from idp.settings import Settings

_INSIDE: Final = tuple(
    map(
        ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
            *("::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)


def look_at_callers_address(
    settings: Settings, question: str, ask: Callable[[str, str], Mapping[str, Any]]
) -> Iterator[Finding]:
    """Ask ourselves, under every host name, by which address we come."""
    for host in (settings.issuer, *settings.bankid.address_probes):
        try:
            told = ask(host, question)
        except (OSError, ValueError) as problem:
            said = str(problem) if isinstance(problem, ValueError) else type(problem).__name__
            yield Finding(Grade.WARN, "callers' addresses", f"{host} could not be asked: {said}")
            continue
        yield _judge(host, told["address"], told.get("said"), settings.server.client_address_header)


def _judge(host: str, address: object, said: object, header: str) -> Finding:
    if address:
        seen = f"{host} sees this machine at {address}"
        if not _is_inside(str(address)) or _is_inside(urlsplit(host).hostname or ""):
            return Finding(Grade.OK, "callers' addresses", seen)
        return Finding(
            Grade.WARN,
            "callers' addresses",
            f"{seen}, which is no address of the public network",
            remedy="if that is a proxy, name it in server.trusted_proxies: all people seem to come from it, and share one limit",
        )
    wrote = f"writes {said!r} in {header}, which is no address" if said else f"names nobody in {header}"
    return Finding(
        Grade.FAIL,
        "callers' addresses",
        f"{host}: the proxy {wrote}; callers are unknown, no limit counts them and no computer is believed by its address",
        remedy="name the header in which it writes the caller's address in server.client_address_header",
    )


def _is_inside(host: str) -> bool:
    """Whether it is an address, or the name, of this machine or of a network that the public one cannot reach."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return any(address.version == network.version and address in network for network in _INSIDE)


def look_at_address_families(settings: Settings) -> Iterator[Finding]:
    """Whether a computer's address can be compared with the one that BankID sees."""
    bankid = settings.bankid
    if not bankid.same_address_suffices:
        return
    if not bankid.address_probes and socket.AF_INET6 in families(settings.issuer):
        yield Finding(
            Grade.WARN,
            "address probes",
            "none, but the login host answers on IPv6: computers that BankID sees by IPv4 must use a QR code",
            remedy="name a host with an IPv4 address alone in bankid.address_probes",
        )
    for probe in bankid.address_probes:
        if len(families(probe)) > 1:
            yield Finding(
                Grade.WARN,
                "address probes",
                f"{probe} has addresses of both kinds, so browsers choose one",
                remedy="give it one kind of DNS record",
            )


def families(origin: str) -> set[int]:
    """Which kinds of address the host of this origin has; none when its name cannot be resolved."""
    host = urlsplit(origin).hostname or ""
    try:
        return {int(found[0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return set()
