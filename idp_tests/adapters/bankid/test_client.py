"""The client of BankID against a server on this machine that answers as told, over real mutual TLS."""

import itertools
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.bankid.answers import Environment
from idp.adapters.bankid.certificate import RelyingPartyCertificate
from idp.adapters.bankid.client import ANSWER_LIMIT, BankIdClient, Timeouts, make_tls_context
from idp.core.identification.bankid.api import (
    Answered,
    BankIdError,
    BankIdMisused,
    BankIdRefused,
    BankIdUnavailable,
    Failed,
    OrderGone,
    Pending,
)
from idp.core.identification.bankid.order_request import OrderRequest
from idp_tests.adapters.bankid.blocking_client import BlockingClient
from idp_tests.adapters.bankid.people import NOW, RP_SUBJECT, Issued, a_key, a_name, issue
from idp_tests.adapters.bankid.server import HANG_UP, Script, scripted_server, unused_port, write_pem

REF = "131daac9-16c6-4618-beb0-365768f37288"
STARTED = {"orderRef": REF, "autoStartToken": "auto", "qrStartToken": "qr", "qrStartSecret": "secret"}
PENDING = {"orderRef": REF, "status": "pending", "hintCode": "userSign"}
REQUEST = OrderRequest(end_user_ip="198.51.100.7", user_visible_data="Logga in")


def lasting(name: x509.Name, issuer: Issued | None = None, *, ca: bool = False, host: str | None = None) -> Issued:
    """A certificate that is valid whenever the tests run, since the handshake reads the real clock."""
    long_ago, far_away = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
    return issue(name, a_key(), issuer, ca=ca, host=host, valid_from=long_ago, valid_to=far_away)


@dataclass(frozen=True)
class Pki:
    """The authorities on both sides, and our certificate."""

    server_root: Issued
    client_root: Issued
    server_pem: Path
    ours: RelyingPartyCertificate
    strangers: RelyingPartyCertificate


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    directory = tmp_path_factory.mktemp("pki")
    server_root = lasting(a_name("Server root"), ca=True)
    client_root = lasting(a_name("Client root"), ca=True)
    server = lasting(a_name("localhost"), server_root, host="localhost")

    def client(file: str, root: Issued) -> RelyingPartyCertificate:
        path = write_pem(directory / file, lasting(RP_SUBJECT, root))
        return RelyingPartyCertificate.load(path, now=NOW)

    return Pki(
        server_root=server_root,
        client_root=client_root,
        server_pem=write_pem(directory / "server.pem", server),
        ours=client("ours.pem", client_root),
        strangers=client("strangers.pem", server_root),
    )


@pytest.fixture
def script(pki: Pki) -> Iterator[Script]:
    with scripted_server(pki.server_pem, pki.client_root) as script:
        yield script


def a_client(
    pki: Pki, url: str, *, root: Issued | None = None, ours: RelyingPartyCertificate | None = None
) -> BlockingClient:
    return BlockingClient(
        BankIdClient(
            url,
            certificate=ours or pki.ours,
            server_roots=[(root or pki.server_root).certificate],
            environment=Environment.TEST,
            timeouts=Timeouts(connect=2, read=2),
        )
    )


@pytest.fixture
def client(pki: Pki, script: Script) -> Iterator[BlockingClient]:
    with closing(a_client(pki, script.url)) as client:
        yield client


def error_of(client: BlockingClient, operation: str) -> BankIdError:
    calls = {
        "auth": lambda: client.auth(REQUEST),
        "collect": lambda: client.collect(REF),
        "cancel": lambda: client.cancel(REF),
        "ping": client.ping,
    }
    with pytest.raises(BankIdError) as error:
        calls[operation]()
    return error.value


# What is sent and read


def test_an_order_is_started(client: BlockingClient, script: Script) -> None:
    script.answer(200, STARTED | {"new": 1})
    started = client.auth(REQUEST)
    assert (started.order_ref, started.qr_start_secret) == (REF, "secret")
    heard = script.heard[0]
    assert (heard.method, heard.path) == ("POST", "/rp/v6.0/auth")
    assert heard.headers["Content-Type"] == "application/json"
    assert heard.body == {"endUserIp": "198.51.100.7", "userVisibleData": "TG9nZ2EgaW4=", "returnRisk": True}


def test_an_order_is_collected_and_cancelled(client: BlockingClient, script: Script) -> None:
    script.answer(200, PENDING)
    script.answer(200, {"orderRef": REF, "status": "failed", "hintCode": "userCancel"})
    script.answer(200)
    assert client.collect(REF) == Pending("userSign")
    told = client.collect(REF)
    assert isinstance(told, Answered)
    assert client.read(told.body, REF) == Failed("userCancel")
    client.cancel(REF)
    assert [(heard.path, heard.body) for heard in script.heard] == [
        ("/rp/v6.0/collect", {"orderRef": REF}),
        ("/rp/v6.0/collect", {"orderRef": REF}),
        ("/rp/v6.0/cancel", {"orderRef": REF}),
    ]


def test_one_connection_serves_many_calls(client: BlockingClient, script: Script) -> None:
    for _ in range(3):
        script.answer(200, PENDING)
        client.collect(REF)
    assert len({heard.connection for heard in script.heard}) == 1


def test_no_cookie_is_kept(client: BlockingClient, script: Script) -> None:
    script.answer(200, PENDING, Set_Cookie="tracking=1")
    script.answer(200, PENDING)
    client.collect(REF)
    client.collect(REF)
    assert "Cookie" not in script.heard[1].headers


def test_bankid_is_well_when_it_knows_that_there_is_no_such_order(client: BlockingClient, script: Script) -> None:
    script.answer(400, {"errorCode": "invalidParameters", "details": "No such order"})
    client.ping()
    assert (script.heard[0].method, script.heard[0].path) == ("POST", "/rp/v6.0/collect")


def test_bankid_says_what_time_it_is(client: BlockingClient, script: Script) -> None:
    no_order = {"errorCode": "invalidParameters", "details": "No such order"}
    script.answer(400, no_order, Date="Tue, 05 May 2026 12:00:00 GMT")
    script.answer(400, no_order, Date="yesterday")
    assert client.ping() == datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
    assert client.ping() is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, BankIdUnavailable), (403, BankIdMisused), (405, BankIdMisused), (503, BankIdUnavailable)],
)
def test_any_other_answer_to_the_health_check_is_an_error(
    client: BlockingClient, script: Script, status: int, kind: type[BankIdError]
) -> None:
    """A front that refuses what it does not know may stand before a BankID that is down."""
    script.answer(status, {"errorCode": "somethingNew"})
    assert type(error_of(client, "ping")) is kind


def test_an_order_that_is_over_is_cancelled_in_peace(client: BlockingClient, script: Script) -> None:
    script.answer(400, {"errorCode": "invalidParameters", "details": "No such order"})
    client.cancel(REF)


# Errors


@pytest.mark.parametrize(
    ("operation", "status", "code", "kind", "retryable", "message"),
    [
        ("auth", 400, "alreadyInProgress", BankIdRefused, False, "bankid.already_in_progress"),
        ("auth", 400, "invalidParameters", BankIdMisused, False, "bankid.our_fault"),
        ("auth", 400, "InvalidParameters", BankIdMisused, False, "bankid.our_fault"),
        ("auth", 400, "somethingNew", BankIdRefused, False, "bankid.unknown_failed"),
        ("collect", 400, "invalidParameters", OrderGone, False, "bankid.unknown_failed"),
        ("collect", 400, "somethingNew", BankIdRefused, False, "bankid.unknown_failed"),
        ("auth", 401, "unauthorized", BankIdMisused, False, "bankid.our_fault"),
        ("auth", 403, "unauthorized", BankIdMisused, False, "bankid.our_fault"),
        ("auth", 404, "notFound", BankIdMisused, False, "bankid.our_fault"),
        ("auth", 405, "methodNotAllowed", BankIdMisused, False, "bankid.our_fault"),
        ("auth", 415, "unsupportedMediaType", BankIdMisused, False, "bankid.our_fault"),
        ("auth", 408, "requestTimeout", BankIdUnavailable, False, "bankid.unavailable"),
        ("collect", 408, "requestTimeout", BankIdUnavailable, True, "bankid.unavailable"),
        ("auth", 429, "tooManyRequests", BankIdUnavailable, True, "bankid.unavailable"),
        ("collect", 429, "tooManyRequests", BankIdUnavailable, True, "bankid.unavailable"),
        ("auth", 500, "internalError", BankIdUnavailable, False, "bankid.unavailable"),
        ("collect", 500, "internalError", BankIdUnavailable, True, "bankid.unavailable"),
        ("auth", 503, "Maintenance", BankIdUnavailable, True, "bankid.maintenance"),
        ("collect", 503, "somethingNew", BankIdUnavailable, True, "bankid.unavailable"),
        ("auth", 502, "", BankIdUnavailable, False, "bankid.unavailable"),
        ("cancel", 500, "internalError", BankIdUnavailable, True, "bankid.unavailable"),
    ],
)
def test_errors_are_told_apart(
    client: BlockingClient,
    script: Script,
    operation: str,
    status: int,
    code: str,
    kind: type[BankIdError],
    retryable: bool,
    message: str,
) -> None:
    script.answer(status, {"errorCode": code, "details": "for the log"} if code else {})
    error = error_of(client, operation)
    assert type(error) is kind
    assert (error.retryable, error.message_key) == (retryable, message)
    assert error.code == (code or f"status{status}")
    assert len(script.heard) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "badRequest"),
        (401, "unauthorized"),
        (429, "tooManyRequests"),
        (500, "internalError"),
        (503, "maintenance"),
        (599, "status599"),
    ],
)
@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"[]", b'{"errorCode": 7, "details": {}}'])
def test_a_gateways_error_is_known_by_its_status(
    client: BlockingClient, script: Script, status: int, code: str, body: bytes
) -> None:
    script.answer(status, body)
    error = error_of(client, "auth")
    assert (error.code, error.details) == (code, "")


def test_long_details_are_cut(client: BlockingClient, script: Script) -> None:
    script.answer(500, {"errorCode": "c" * 1000, "details": "d" * 1000})
    error = error_of(client, "collect")
    assert (len(error.code), len(error.details)) == (64, 300)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit_Reset": "7"}, 7),
        ({"Retry_After": "9"}, 9),
        ({"RateLimit_Reset": "7", "Retry_After": "9"}, 7),
        ({"RateLimit_Reset": "soon", "Retry_After": "9"}, 9),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"Retry_After": "999999"}, 300),
        ({"Retry_After": "-1"}, None),
        ({}, None),
    ],
)
def test_bankid_says_how_long_to_wait(
    client: BlockingClient, script: Script, headers: dict[str, str], seconds: int | None
) -> None:
    script.answer(429, {"errorCode": "tooManyRequests"}, **headers)
    assert error_of(client, "collect").retry_after == seconds


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(client: BlockingClient, script: Script, status: int) -> None:
    script.answer(status, Location=f"{script.url}/collect")
    assert error_of(client, "collect").code == f"status{status}"
    assert len(script.heard) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"orderRef": "other", "status": "pending"}',
        b'{"status": "pending", "status": "complete"}',
    ],
)
def test_an_answer_of_another_kind_is_given_as_it_came_and_not_believed(
    client: BlockingClient, script: Script, body: bytes
) -> None:
    script.answer(200, body)
    assert client.collect(REF) == Answered(body)
    with pytest.raises(ValueError):
        client.read(body, REF)
    script.answer(200, body)
    error = error_of(client, "auth")
    assert (type(error), error.code) == (BankIdUnavailable, "unreadableAnswer")


def test_an_answer_has_a_limit(client: BlockingClient, script: Script) -> None:
    script.answer(200, b" " * (ANSWER_LIMIT + 1))
    assert error_of(client, "collect").code == "unreadableAnswer"


def test_an_answer_may_fill_the_limit(client: BlockingClient, script: Script) -> None:
    plain = b'{"orderRef": "%s", "status": "pending"}' % REF.encode()
    script.answer(200, plain + b" " * (ANSWER_LIMIT - len(plain)))
    assert client.collect(REF) == Pending("")


# The network


def test_a_lost_answer_to_a_start_is_never_repeated(client: BlockingClient, script: Script) -> None:
    script.answer(HANG_UP)
    error = error_of(client, "auth")
    assert (type(error), error.code, error.retryable) == (BankIdUnavailable, "network", False)
    assert len(script.heard) == 1


def test_a_lost_answer_to_a_collect_may_be_asked_again(client: BlockingClient, script: Script) -> None:
    script.answer(HANG_UP)
    error = error_of(client, "collect")
    assert (error.code, error.retryable) == ("network", True)
    assert len(script.heard) == 1


def test_a_broken_off_answer_is_an_error(client: BlockingClient, script: Script) -> None:
    script.answer(200, PENDING, Transfer_Encoding="chunked")
    assert error_of(client, "collect").code == "network"


def test_nobody_listening_is_tried_twice_for_a_start(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(a_client(pki, f"https://localhost:{unused_port()}/rp/v6.0")) as client:
        tries = itertools.count()
        real = client.client._exchange

        async def counted(operation: str, members: Any) -> Any:
            next(tries)
            return await real(operation, members)

        monkeypatch.setattr(client.client, "_exchange", counted)
        error = error_of(client, "auth")
        assert isinstance(error, BankIdUnavailable)
        assert (error.code, error.retryable) == ("connection", True)
        assert next(tries) == 2
        assert error_of(client, "collect").code == "connection"
        assert next(tries) == 4


def test_a_start_succeeds_when_only_the_first_connection_fails(
    client: BlockingClient, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.answer(200, STARTED)
    real = client.client._exchange
    addresses = iter([f"https://localhost:{unused_port()}/rp/v6.0", script.url])

    async def elsewhere_first(operation: str, members: Any) -> Any:
        client.client._api_url = next(addresses)
        return await real(operation, members)

    monkeypatch.setattr(client.client, "_exchange", elsewhere_first)
    assert client.auth(REQUEST).order_ref == REF
    assert len(script.heard) == 1


# Trust


def test_a_server_of_another_root_is_not_spoken_to(pki: Pki, script: Script) -> None:
    with closing(a_client(pki, script.url, root=pki.client_root)) as client:
        error = error_of(client, "auth")
    assert (type(error), error.code, error.message_key) == (BankIdMisused, "tls", "bankid.our_fault")
    assert script.heard == []


def test_a_server_of_another_name_is_not_spoken_to(pki: Pki) -> None:
    with (
        scripted_server(pki.server_pem, pki.client_root, host="127.0.0.1") as script,
        closing(a_client(pki, script.url)) as client,
    ):
        assert error_of(client, "auth").code == "tls"
        assert script.heard == []


def test_an_expired_server_is_not_spoken_to(pki: Pki, tmp_path: Path) -> None:
    past = datetime(2021, 1, 1, tzinfo=UTC)
    expired = issue(
        a_name("localhost"),
        a_key(),
        pki.server_root,
        host="localhost",
        valid_from=past,
        valid_to=past + timedelta(days=9),
    )
    with (
        scripted_server(write_pem(tmp_path / "server.pem", expired), pki.client_root) as script,
        closing(a_client(pki, script.url)) as client,
    ):
        assert error_of(client, "auth").code == "tls"


def test_a_certificate_that_bankid_does_not_know_is_our_fault(pki: Pki, script: Script) -> None:
    with closing(a_client(pki, script.url, ours=pki.strangers)) as client:
        error = error_of(client, "auth")
    assert error.code in {"tls", "network"}, (
        "TLS 1.3 refuses after the handshake, and its word may be lost with the connection"
    )
    assert script.heard == []


def test_only_the_configured_root_is_ever_trusted(pki: Pki, client: BlockingClient, script: Script) -> None:
    """The HTTP library adds the public web's authorities to a context unless it is kept from it."""
    script.answer(200, PENDING)
    client.collect(REF)
    connector: Any = client.client._session.connector
    trusted = connector._ssl.get_ca_certs(binary_form=True)
    assert trusted == [pki.server_root.certificate.public_bytes(Encoding.DER)]


def test_old_versions_of_tls_are_not_spoken(pki: Pki) -> None:
    context = make_tls_context(pki.ours, [pki.server_root.certificate])
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_client_without_roots_is_not_made(pki: Pki) -> None:
    with pytest.raises(ValueError, match="root"):
        BankIdClient("https://localhost/rp", certificate=pki.ours, server_roots=[], environment=Environment.TEST)


def test_bankid_is_never_spoken_to_in_clear(pki: Pki) -> None:
    with pytest.raises(ValueError, match="https"):
        a_client(pki, "http://localhost/rp/v6.0")


def test_no_proxy_of_the_environment_is_used(pki: Pki, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = f"http://127.0.0.1:{unused_port()}"
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
    script.answer(200, PENDING)
    with closing(a_client(pki, script.url)) as client:
        assert client.collect(REF) == Pending("userSign")


def test_no_error_shows_the_order(client: BlockingClient, script: Script) -> None:
    script.answer(400, {"errorCode": "invalidParameters", "details": "No such order"})
    error = error_of(client, "collect")
    assert REF not in f"{error!r} {error} {error.details}"
