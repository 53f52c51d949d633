"""The back channel: what we send to relying parties by ourselves (OpenID Connect Back-Channel Logout 1.0).

A client's file, or a registration, says the address, so it may point inside. No redirect is followed, no proxy or cookie
is used, and in production the address that was connected to is looked at before a byte is sent: a name that resolves
to something else the second time gains nothing (CWE-918). Nor does a client hold us by answering a byte at a time.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.cookiejar import DefaultCookiePolicy
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import Event, Timer
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.response import HTTPResponse

from idp.core.messages import Undelivered

_TIMEOUT_SECONDS = 3.0

Network = IPv4Network | IPv6Network
_ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


class BackChannelCalls:
    """The port `BackChannel`."""

    def __init__(self, *, ca: Path | None, public_only: bool, inside: Sequence[Network] = ()) -> None:
        """Trust `ca` alone, or the public web; with `public_only` no private address but those in `inside` is called."""
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(ca) if ca else True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(tuple(inside) if public_only else _ANYWHERE)
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


class _Adapter(HTTPAdapter):
    def __init__(self, inside: tuple[Network, ...]) -> None:
        self._inside = inside
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._inside)


def _pools(inside: tuple[Network, ...]) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections look at where they arrived before they say anything, and hang up on who answers for ever."""

    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket:
            return _public(super()._new_conn(), self, inside)

        def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3's own
            with _hung_up_in_time(self):
                return super().getresponse()

    class TlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket:
            return _public(super()._new_conn(), self, inside)

        def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3's own
            with _hung_up_in_time(self):
                return super().getresponse()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": PlainPool, "https": TlsPool}


@contextmanager
def _hung_up_in_time(connection: HTTPConnection) -> Iterator[None]:
    """End the connection when the answer's head takes too long in all: a socket's own timeout begins again at each byte.

    Raises TimeoutError then, also for a head that reads like a whole one because it was cut off.
    """
    late = Event()
    timer = Timer(_TIMEOUT_SECONDS, _hang_up, [connection.sock, late])
    timer.daemon = True
    timer.start()
    try:
        yield
    except OSError:
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError


def _hang_up(connected: socket, late: Event) -> None:
    late.set()
    with suppress(OSError):
        socket.shutdown(connected, SHUT_RDWR)


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
