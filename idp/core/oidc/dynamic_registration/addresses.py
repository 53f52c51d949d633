"""Registration addresses: which ones a client that registers itself may name.

No address of a client is ever fetched inside a request. Those that somebody will open later, a browser or the job that
tells of logouts, must be https on a host of the public web that belongs to the client as far as we can see.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from idp.core.oidc.clients import redirect_uri
from idp.core.oidc.dynamic_registration.members import refuse

_PUBLIC_HOST = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])", re.ASCII
)
"""A name with a dot whose last label is no number: neither an address in disguise nor a machine next door."""
_PRIVATE_SUFFIXES = frozenset(
    {"arpa", "corp", "home", "internal", "intranet", "invalid", "lan", "local", "localhost", "onion", "private"}
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SHOWN = ("client_uri", "policy_uri", "tos_uri", "initiate_login_uri")
"""Opened by people: on a host of the redirect addresses, or one above or below it (OpenID Connect Registration 9.1)."""
_CALLED = ("backchannel_logout_uri", "frontchannel_logout_uri")
"""Told about people: on exactly a host that receives their logins."""


def check_addresses(read: Mapping[str, Any], *, sandbox: bool) -> None:
    """Raise MetadataRefused for the first address that may not be registered."""
    native = read["application_type"] == "native"
    if not read["redirect_uris"]:
        refuse("redirect_uris", "must hold at least one address")
    for member in ("redirect_uris", "post_logout_redirect_uris"):
        for place, uri in enumerate(read.get(member, ()), 1):
            problem = _find_problem(uri, native=native, sandbox=sandbox)
            if problem:
                refuse(member, f"entry {place} {problem}")
    hosts = hosts_of(read["redirect_uris"], sandbox=sandbox)
    for member in (*_SHOWN, *_CALLED):
        if member in read:
            _check_address(member, read[member], hosts, sandbox=sandbox)


def hosts_of(uris: Iterable[str], *, sandbox: bool = False) -> set[str]:
    """The hosts of the https addresses among them; in the sandbox those of http as well."""
    schemes = ("https://", "http://") if sandbox else ("https://",)
    return {urlsplit(uri).hostname or "" for uri in uris if uri.startswith(schemes)}


def _check_address(member: str, uri: str, hosts: set[str], *, sandbox: bool) -> None:
    problem = _find_problem(uri, native=False, sandbox=sandbox)
    if problem:
        refuse(member, problem)
    if member == "initiate_login_uri" and not uri.startswith("https://"):
        refuse(member, "must be https")
    host = urlsplit(uri).hostname or ""
    if member in _CALLED and host not in hosts:
        refuse(member, "must be on a host of redirect_uris")
    if member in _SHOWN and hosts and not any(_is_related(host, other) for other in hosts):
        refuse(member, "must be on a host of redirect_uris, or on one above or below it")


def _is_related(host: str, other: str) -> bool:
    return host == other or host.endswith(f".{other}") or other.endswith(f".{host}")


def _find_problem(uri: str, *, native: bool, sandbox: bool) -> str | None:
    problem = redirect_uri.find_problem(uri, native=native, sandbox=sandbox)
    if problem is not None:
        return "must be https" if problem.startswith("must be https, not") else problem
    host = urlsplit(uri).hostname or ""
    if sandbox and host in _LOOPBACK:
        return None
    is_web = uri.startswith("https://")
    if is_web and (not _PUBLIC_HOST.fullmatch(host) or host.rpartition(".")[2] in _PRIVATE_SUFFIXES):
        return "must be on a host of the public web, by its name"
    return None
