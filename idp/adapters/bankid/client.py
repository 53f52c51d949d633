"""BankID's relying party interface over mutual TLS (BankID RP 6.0): start, collect, cancel, and a health check.

Only BankID's own root is trusted for its server; no proxy of the environment, no redirect and no cookie
is followed. A start is never repeated once a byte of it may have arrived, since every start may open an order.
"""

import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

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


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection and for each part of an answer."""

    connect: float = 3.05
    read: float = 10.0


class _PinnedAdapter(HTTPAdapter):
    """Uses our TLS context and leaves it as it is: requests would add the public web's roots to it."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)

    def cert_verify(self, conn: Any, *_: Any, **__: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class BankIdClient:
    """Speaks to BankID with one certificate; safe to use from several threads."""

    def __init__(
        self,
        api_url: str,
        *,
        certificate: RelyingPartyCertificate,
        server_roots: Sequence[x509.Certificate],
        environment: Environment,
        timeouts: Timeouts | None = None,
        connections: int = 10,
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
        self._session = _make_session(make_tls_context(certificate, server_roots), connections)

    def auth(self, request: OrderRequest) -> StartedOrder:
        """Start an identification; raises BankIdError. A failed connection is tried once more, nothing else is."""
        body = write_order_request(request, self.environment)
        try:
            answer = self._post("auth", body)
        except _NothingSent:
            answer = self._post("auth", body)
        return _understand(lambda given: read_started(read_object(given)), answer)

    def collect(self, order_ref: str) -> Pending | Answered:
        """Ask how the order fares; raises BankIdError, OrderGone among them."""
        body = self._post("collect", {"orderRef": order_ref})
        return find_pending(body, order_ref) or Answered(body)

    def read(self, body: bytes, order_ref: str) -> Ended:
        """Read how the order ended; raises ValueError."""
        return read_ended(body, order_ref)

    def cancel(self, order_ref: str) -> None:
        """Stop the order; one that is over already is left in peace; raises BankIdError."""
        try:
            self._post("cancel", {"orderRef": order_ref})
        except OrderGone:
            return

    def ping(self) -> datetime | None:
        """Ask for an order that nobody made; raises BankIdError.

        Only BankID itself knows that there is none: a refused GET could come from a front before one that is down.
        Returns what time it is there (RFC 9110 6.6.1).
        """
        body = json.dumps({"orderRef": NOBODYS_ORDER}).encode()
        status, answer, headers = self._exchange("POST", "collect", body)
        problem = _error("collect", status, answer, headers)
        if not isinstance(problem, OrderGone):
            raise problem
        return _read_date(headers.get("Date", ""))

    def close(self) -> None:
        """Let go of the kept connections."""
        self._session.close()

    def _post(self, operation: str, members: Mapping[str, Any]) -> bytes:
        status, body, headers = self._exchange("POST", operation, json.dumps(members).encode())
        if status != requests.codes.ok:
            raise _error(operation, status, body, headers)
        return body

    def _exchange(self, method: str, operation: str, body: bytes | None) -> tuple[int, bytes, Mapping[str, str]]:
        timeout = (self._timeouts.connect, self._timeouts.read)
        try:
            with self._session.request(
                method, f"{self._api_url}/{operation}", data=body, timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                return response.status_code, _read_limited(response), response.headers
        except (requests.RequestException, OSError) as problem:
            raise _network_error(operation, problem) from problem


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


def _make_session(context: ssl.SSLContext, connections: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.headers.update(
        {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": "idp",
        }
    )
    session.adapters.clear()
    session.mount("https://", _PinnedAdapter(context, connections))
    return session


def _read_limited(response: requests.Response) -> bytes:
    """Read an answer that may not be endless; raises BankIdUnavailable."""
    body: bytes = b""
    for part in response.iter_content(16_384):
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
    reason = getattr(problem.args[0], "reason", None) if problem.args else None
    if isinstance(problem, requests.exceptions.SSLError):
        return BankIdMisused("tls", str(reason or type(problem).__name__)[:DETAILS_LIMIT])
    if isinstance(problem, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return _NothingSent("connection", type(reason or problem).__name__, retryable=True)
    return BankIdUnavailable("network", type(reason or problem).__name__, retryable=operation != "auth")


def _error(operation: str, status: int, body: bytes, headers: Mapping[str, str]) -> BankIdError:
    """Map an answer that is no success, by its status and then by its errorCode (BankID RP 6.0, errors)."""
    code, details = _read_error(body)
    if status == requests.codes.bad_request:
        return _bad_request(operation, code or "badRequest", details)
    if status in _MISUSE_CODES:
        return BankIdMisused(code or _MISUSE_CODES[status], details)
    code = code or _UNAVAILABLE_CODES.get(status, f"status{status}")
    repeatable = operation != "auth" or status in {requests.codes.too_many_requests, requests.codes.unavailable}
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
