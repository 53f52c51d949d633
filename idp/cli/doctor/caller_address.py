"""Callers' addresses: whether the proxy's word about them can be read, and whether they can be compared with BankID's."""

import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from idp.cli.doctor.finding import Finding, Grade
from idp.settings import Settings


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
        return Finding(Grade.OK, "callers' addresses", f"{host} sees this machine at {address}")
    wrote = f"writes {said!r} in {header}, which is no address" if said else f"names nobody in {header}"
    return Finding(
        Grade.FAIL,
        "callers' addresses",
        f"{host}: the proxy {wrote}; callers are unknown, no limit counts them and no computer is believed by its address",
        remedy="name the header in which it writes the caller's address in server.client_address_header",
    )


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
