"""The back channel: what we send to relying parties by ourselves (OpenID Connect Back-Channel Logout 1.0).

A client's file, or a registration, says the address, so it may point inside. No redirect is followed, no proxy or cookie
is used, and in production the address that was connected to is looked at before a byte is sent: a name that resolves
to something else the second time gains nothing (CWE-918).
"""

from collections.abc import Sequence
from http.cookiejar import DefaultCookiePolicy
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from idp.core.messages import Undelivered

_TIMEOUT_SECONDS = 3.0

Network = IPv4Network | IPv6Network


class BackChannelCalls:
    """The port `BackChannel`."""

    def __init__(self, *, ca: Path | None, public_only: bool, inside: Sequence[Network] = ()) -> None:
        """Trust `ca` alone, or the public web; with `public_only` no private address but those in `inside` is called."""
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(ca) if ca else True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if public_only:
            adapter = _PublicAdapter(tuple(inside))
            self._session.mount("https://", adapter)
            self._session.mount("http://", adapter)

    def post_logout_token(self, uri: str, logout_token: str) -> None:
        """Post it as a form (2.5). Raises Undelivered unless the answer is a success (2.8)."""
        try:
            with self._session.post(
                uri,
                data={"logout_token": logout_token},
                headers={"Accept": "application/json", "Cache-Control": "no-store"},
                timeout=(_TIMEOUT_SECONDS, _TIMEOUT_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
        except (requests.RequestException, OSError) as problem:
            reason = getattr(problem.args[0], "reason", None) if problem.args else None
            raise Undelivered(type(reason or problem).__name__) from None
        if not requests.codes.ok <= status < requests.codes.multiple_choices:
            raise Undelivered(f"status_{status}")


class AddressInside(NewConnectionError):
    """The name leads to an address that clients may not make us call."""


class _PublicAdapter(HTTPAdapter):
    def __init__(self, inside: tuple[Network, ...]) -> None:
        self._inside = inside
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._inside)


def _pools(inside: tuple[Network, ...]) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections look at where they arrived before they say anything."""

    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket:
            return _public(super()._new_conn(), self, inside)

    class TlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket:
            return _public(super()._new_conn(), self, inside)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": PlainPool, "https": TlsPool}


def _public(connected: socket, connection: HTTPConnection, inside: tuple[Network, ...]) -> socket:
    if may_be_called(connected.getpeername()[0], inside):
        return connected
    connected.close()
    raise AddressInside(connection, "the address is not public")


def may_be_called(address: str, inside: Sequence[Network]) -> bool:
    """Whether an address is public, or in a network that the operator opened."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    opened = any(found.version == network.version and found in network for network in inside)
    return opened or (found.is_global and not found.is_multicast)
