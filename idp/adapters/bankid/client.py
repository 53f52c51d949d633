"""BankID's relying party interface over mutual TLS (BankID RP 6.0): start, collect, cancel, and a health check.

Only BankID's own root is trusted for its server; no proxy of the environment, no redirect and no cookie
is followed. A start is never repeated once a byte of it may have arrived, since every start may open an order.

Calls are coroutines, because thousands of people may wait for theirs at once.
"""

import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.bankid.answers import (
    Environment,
    find_pending,
    read_ended,
    read_object,
    read_started,
    write_order_request,
)
from idp.adapters.bankid.certificate import RelyingPartyCertificate
from idp.core.identification.bankid.api import (
    Answered,
    BankIdError,
    BankIdMisused,
    BankIdRefused,
    BankIdUnavailable,
    Ended,
    OrderGone,
    Pending,
    StartedOrder,
)
from idp.core.identification.bankid.messages import UNKNOWN_FAILED, error_message
from idp.core.identification.bankid.order_request import OrderRequest

NOBODYS_ORDER = "00000000-0000-4000-8000-000000000000"
"""An order reference that BankID never gave to anybody."""
ANSWER_LIMIT = 262_144
"""Bytes; a completed order is about 20 000."""
DETAILS_LIMIT = 300
RETRY_AFTER_LIMIT = 300
"""Seconds; a longer pause than an order lives is told by nobody in earnest."""

_Given = TypeVar("_Given")
_Read = TypeVar("_Read")
_MISUSE_CODES = {
    401: "unauthorized",
    403: "unauthorized",
    404: "notFound",
    405: "methodNotAllowed",
    415: "unsupportedMediaType",
}
_UNAVAILABLE_CODES = {408: "requestTimeout", 429: "tooManyRequests", 500: "internalError", 503: "maintenance"}


_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "idp",
}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection and for each part of an answer."""

    connect: float = 3.0
    read: float = 5.0


class BankIdClient:
    """Speaks to BankID with one certificate, in one event loop at a time."""

    def __init__(
        self,
        api_url: str,
        *,
        certificate: RelyingPartyCertificate,
        server_roots: Sequence[x509.Certificate],
        environment: Environment,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Prepare the connection without making one.

        `api_url` ends with the version, `/rp/v6.0`. Raises ValueError unless it is https and roots are given, and
        CertificateProblem when TLS does not accept the certificate.
        """
        if not api_url.startswith("https://"):
            raise ValueError("BankID is spoken to over https only")
        self.certificate = certificate
        self.environment = environment
        self._api_url = api_url.rstrip("/")
        self._timeouts = timeouts or Timeouts()
        self._context = make_tls_context(certificate, server_roots)
        self._kept: aiohttp.ClientSession | None = None

    async def auth(self, request: OrderRequest) -> StartedOrder:
        """Start an identification; raises BankIdError. A failed connection is tried once more, nothing else is."""
        body = write_order_request(request, self.environment)
        try:
            answer = await self._post("auth", body)
        except _NothingSent:
            answer = await self._post("auth", body)
        return _understand(lambda given: read_started(read_object(given)), answer)

    async def collect(self, order_ref: str) -> Pending | Answered:
        """Ask how the order fares; raises BankIdError, OrderGone among them."""
        body = await self._post("collect", {"orderRef": order_ref})
        return find_pending(body, order_ref) or Answered(body)

    def read(self, body: bytes, order_ref: str) -> Ended:
        """Read how the order ended; raises ValueError."""
        return read_ended(body, order_ref)

    async def cancel(self, order_ref: str) -> None:
        """Stop the order; one that is over already is left in peace; raises BankIdError."""
        try:
            await self._post("cancel", {"orderRef": order_ref})
        except OrderGone:
            return

    async def ping(self) -> datetime | None:
        """Ask for an order that nobody made; raises BankIdError.

        Only BankID itself knows that there is none: a refused GET could come from a front before one that is down.
        Returns what time it is there (RFC 9110 6.6.1).
        """
        status, answer, headers = await self._exchange("collect", {"orderRef": NOBODYS_ORDER})
        problem = _error("collect", status, answer, headers)
        if not isinstance(problem, OrderGone):
            raise problem
        return _read_date(headers.get("Date", ""))

    async def close(self) -> None:
        """Let go of the kept connections; the next call makes new ones, in whatever loop it runs."""
        kept, self._kept = self._kept, None
        if kept is not None:
            await kept.close()

    async def _post(self, operation: str, members: Mapping[str, Any]) -> bytes:
        status, body, headers = await self._exchange(operation, members)
        if status != HTTPStatus.OK:
            raise _error(operation, status, body, headers)
        return body

    async def _exchange(self, operation: str, members: Mapping[str, Any]) -> tuple[int, bytes, Mapping[str, str]]:
        sent = json.dumps(members).encode()
        try:
            async with self._session.post(f"{self._api_url}/{operation}", data=sent, allow_redirects=False) as response:
                return response.status, await _read_limited(response), response.headers
        except (aiohttp.ClientError, OSError) as problem:
            raise _network_error(operation, problem) from problem

    @property
    def _session(self) -> aiohttp.ClientSession:
        """Made in the loop that calls. Every call has a connection of its own, which is kept for the next."""
        if self._kept is None:
            self._kept = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._context, limit=0),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._timeouts.connect, sock_read=self._timeouts.read
                ),
                headers=_HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._kept


class _NothingSent(BankIdUnavailable):
    """No connection came about, so BankID cannot have seen the request."""


def make_tls_context(certificate: RelyingPartyCertificate, roots: Sequence[x509.Certificate]) -> ssl.SSLContext:
    """TLS 1.2 or newer that trusts these roots alone, checks the host's name and shows our certificate.

    Raises ValueError without roots: an empty list must never come to mean "whatever the system trusts".
    """
    if not roots:
        raise ValueError("a root for BankID's server is needed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=b"".join(root.public_bytes(Encoding.DER) for root in roots))
    certificate.load_into(context)
    return context


async def _read_limited(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer that may not be endless; raises BankIdUnavailable."""
    body: bytes = b""
    async for part in response.content.iter_chunked(16_384):
        body += part
        if len(body) > ANSWER_LIMIT:
            raise BankIdUnavailable("unreadableAnswer", f"more than {ANSWER_LIMIT} bytes")
    return body


def _understand(read: Callable[[_Given], _Read], given: _Given) -> _Read:
    """Read what BankID answered; raises BankIdUnavailable for what is not of the interface."""
    try:
        return read(given)
    except ValueError as problem:
        raise BankIdUnavailable("unreadableAnswer", str(problem)[:DETAILS_LIMIT]) from None


def _network_error(operation: str, problem: Exception) -> BankIdError:
    """Tell apart: TLS refused (ours to mend), no connection (nothing sent), and an unknown outcome."""
    match problem:
        case aiohttp.ClientSSLError():
            return BankIdMisused("tls", str(problem)[:DETAILS_LIMIT])
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return _NothingSent("connection", type(problem).__name__, retryable=True)
        case _:
            return BankIdUnavailable("network", type(problem).__name__, retryable=operation != "auth")


def _error(operation: str, status: int, body: bytes, headers: Mapping[str, str]) -> BankIdError:
    """Map an answer that is no success, by its status and then by its errorCode (BankID RP 6.0, errors)."""
    code, details = _read_error(body)
    if status == HTTPStatus.BAD_REQUEST:
        return _bad_request(operation, code or "badRequest", details)
    if status in _MISUSE_CODES:
        return BankIdMisused(code or _MISUSE_CODES[status], details)
    code = code or _UNAVAILABLE_CODES.get(status, f"status{status}")
    repeatable = operation != "auth" or status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    return BankIdUnavailable(
        code, details, retryable=repeatable, message_key=_message_key(code), retry_after=_retry_after(headers)
    )


def _bad_request(operation: str, code: str, details: str) -> BankIdError:
    if code.lower() != "invalidparameters":
        return BankIdRefused(code, details, message_key=error_message(code))
    if operation in {"collect", "cancel"}:
        return OrderGone(code, details)
    return BankIdMisused(code, details)


def _message_key(code: str) -> str | None:
    key = error_message(code)
    return None if key == UNKNOWN_FAILED else key


def _read_error(body: bytes) -> tuple[str, str]:
    """The errorCode and details; a gateway's answer has neither."""
    try:
        members = read_object(body)
    except ValueError:
        return "", ""
    code, details = members.get("errorCode"), members.get("details")
    return (code if isinstance(code, str) else "")[:64], (details if isinstance(details, str) else "")[:DETAILS_LIMIT]


def _read_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date.astimezone(UTC) if date.tzinfo is not None else None


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds until another try makes sense, when BankID says so."""
    for name in ("RateLimit-Reset", "Retry-After"):
        value = headers.get(name, "")
        if value.isascii() and value.isdigit():
            return min(int(value), RETRY_AFTER_LIMIT)
    return None
