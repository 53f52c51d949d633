"""Redirect URI: which addresses a client may register, and whether one in a request is registered.

A request's address is never parsed or normalised: it is the very same text as a registered one, or it is refused. The
single exception is the port of a native client's loopback address (RFC 8252 7.3).
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from idp.core.oidc.clients.client import Client

MAX_LENGTH = 2_048
HIGHEST_PORT = 65_535

_ALLOWED = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+", re.ASCII)
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)", re.ASCII)
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:/(?!/).*", re.ASCII)
_RESPONSE_PARAMETERS = frozenset({"code", "state", "iss", "error", "error_description", "error_uri", "response"})
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def is_registered(client: Client, uri: str) -> bool:
    """True when the request's redirect URI is one of the client's, character by character (RFC 9700 2.1)."""
    if uri in client.redirect_uris:
        return True
    if not client.is_native or len(uri) > MAX_LENGTH:
        return False
    portless = _without_port(uri)
    return portless is not None and any(portless == _without_port(known) for known in client.redirect_uris)


def _without_port(uri: str) -> tuple[str, str] | None:
    match = _LOOPBACK.fullmatch(uri)
    if match is None or not _ALLOWED.fullmatch(uri) or int(match[2] or 0) > HIGHEST_PORT:
        return None
    return match[1], match[3]


def find_problem(uri: str, *, native: bool, sandbox: bool) -> str | None:
    """Why this address must not be registered as a redirect URI, or None when it may."""
    if len(uri) > MAX_LENGTH or not _ALLOWED.fullmatch(uri):
        return "holds a fragment, a wildcard-like or another character that has no place in a redirect URI"
    if "*" in uri:
        return "holds a wildcard; every address is registered by itself"
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "is not an address"
    if "@" in parts.netloc:
        return "holds a user name"
    if any(segment in {".", ".."} for segment in parts.path.split("/")):
        return "holds a dot segment"
    if _RESPONSE_PARAMETERS & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        return "has a query with a parameter of the authorization response"
    return _find_scheme_problem(uri, parts.scheme, parts.hostname, native=native, sandbox=sandbox)


def _find_scheme_problem(uri: str, scheme: str, host: str | None, *, native: bool, sandbox: bool) -> str | None:
    if uri.startswith("https://"):
        return None if host else "has no host"
    if uri.startswith("http://") and host:
        if native and _LOOPBACK.fullmatch(uri):
            return None
        if host in _LOOPBACK_HOSTS and sandbox:
            return None
        return "must be https" if host not in _LOOPBACK_HOSTS else "is a loopback address; only the sandbox has those"
    if native and _PRIVATE_SCHEME.fullmatch(uri):
        return None
    if native:
        return "must be https, a loopback address or a scheme with a dot and one slash, like se.prezero.app:/back"
    return f"must be https, not {scheme}" if scheme else "is not an address with https"


def origin(uri: str) -> str | None:
    """Scheme, host and port of a registered https or http address; None for a private-use scheme, which has none."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"https", "http"} else None


def sector(sector_identifier_uri: str | None, redirect_uris: Iterable[str], client_id: str) -> str | None:
    """What pairwise subjects are made for, or None when several hosts leave it open (OpenID Connect Core 8.1).

    An address on the person's own device belongs to no host: with one of those a client is a sector by itself.
    """
    if sector_identifier_uri is not None:
        return urlsplit(sector_identifier_uri).hostname
    hosts = {_host(uri) if uri.startswith("https://") else None for uri in redirect_uris}
    if len(hosts - {None}) > 1:
        return None
    return client_id if None in hosts else hosts.pop()


def _host(uri: str) -> str | None:
    try:
        return urlsplit(uri).hostname
    except ValueError:
        return None
