import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from idp_sandbox.bankid.server import LATE, Server
from idp_sandbox.bankid.simulator import Settings, Simulator
from idp_tests.patience import PATIENCE


@pytest.fixture
def caller(key_directory: Path) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(key_directory / "server-ca.pem")
        session.cert = (str(key_directory / "rp-cert.pem"), str(key_directory / "rp-key.pem"))
        yield session


@pytest.fixture
def phone() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture(autouse=True)
def clean(running: Simulator) -> Iterator[None]:
    yield
    running.scenario.clear()
    running.orders.clear()
    running.clock.reset()


def test_a_caller_with_a_certificate_is_served(running: Simulator, caller: requests.Session) -> None:
    response = caller.post(f"{running.api_url}/auth", json={"endUserIp": "192.0.2.1"})
    assert response.status_code == 200
    assert running.orders.list_orders()[0].relying_party.name == "PreZero"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_server_certificate_holds_for_every_name(running: Simulator, caller: requests.Session, host: str) -> None:
    assert caller.get(running.api_url.replace("localhost", host) + "/auth").status_code == 405


def test_a_caller_without_a_certificate_is_turned_away(running: Simulator, caller: requests.Session) -> None:
    caller.cert = None
    with pytest.raises(requests.ConnectionError):
        caller.post(f"{running.api_url}/auth", json={"endUserIp": "192.0.2.1"})
    assert running.orders.list_orders() == []


def test_a_certificate_of_another_authority_is_turned_away(
    running: Simulator, caller: requests.Session, key_directory: Path
) -> None:
    inner = key_directory / "ca"
    caller.cert = (str(inner / "server.pem"), str(inner / "server-key.pem"))
    with pytest.raises(requests.ConnectionError):
        caller.get(f"{running.api_url}/auth")


def test_a_server_of_another_authority_is_not_trusted(
    running: Simulator, caller: requests.Session, key_directory: Path
) -> None:
    caller.verify = str(key_directory / "people-root.pem")
    with pytest.raises(requests.exceptions.SSLError):
        caller.get(f"{running.api_url}/auth")


def test_a_whole_login_over_tls(running: Simulator, caller: requests.Session, phone: requests.Session) -> None:
    order = caller.post(f"{running.api_url}/auth", json={"endUserIp": "192.0.2.1"}).json()
    opened = phone.post(f"{running.phone_url}/api/open", json={"autostarttoken": order["autoStartToken"]}).json()
    phone.post(f"{running.phone_url}/api/approve", json={"session": opened["session"]})
    phone.post(f"{running.phone_url}/api/clock", json={"shift_seconds": 2})
    answer = caller.post(f"{running.api_url}/collect", json={"orderRef": order["orderRef"]}).json()
    assert answer["completionData"]["user"]["name"] == "Anna Andersson"


def test_another_relying_partys_certificate_sees_nothing(
    running: Simulator, caller: requests.Session, key_directory: Path
) -> None:
    order = caller.post(f"{running.api_url}/auth", json={"endUserIp": "192.0.2.1"}).json()
    with requests.Session() as other:
        other.trust_env, other.verify = False, caller.verify
        other.cert = (str(key_directory / "other-rp-cert.pem"), str(key_directory / "other-rp-key.pem"))
        answer = other.post(f"{running.api_url}/collect", json={"orderRef": order["orderRef"]})
    assert answer.json()["errorCode"] == "invalidParameters"


def test_a_connection_is_kept_between_calls(running: Simulator, key_directory: Path) -> None:
    with secure_socket(running, key_directory) as connection:
        for _ in range(3):
            connection.sendall(b"GET /rp/v6.0/auth HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 405")
            assert b"Connection: close" not in answer


def test_a_chunked_body_is_read(running: Simulator, caller: requests.Session) -> None:
    response = caller.post(
        f"{running.api_url}/auth",
        data=iter([b'{"endUserIp":', b'"192.0.2.1"}']),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 200


def test_a_reset_connection_loses_the_answer_but_not_the_order(running: Simulator, caller: requests.Session) -> None:
    running.scenario.set_up({"faults": [{"kind": "reset", "operation": "auth"}]})
    with pytest.raises(requests.ConnectionError):
        caller.post(f"{running.api_url}/auth", json={"endUserIp": "192.0.2.1"})
    assert len(running.orders.list_orders()) == 1
    assert caller.get(f"{running.api_url}/auth").status_code == 405


def test_a_caller_that_says_nothing_does_not_stop_the_others(running: Simulator, caller: requests.Session) -> None:
    port = int(running.api_url.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)):
        assert caller.get(f"{running.api_url}/auth", timeout=PATIENCE).status_code == 405


def test_the_phone_says_it_is_well(running: Simulator, phone: requests.Session) -> None:
    health = phone.get(f"{running.phone_url}/health").json()
    assert health == {"status": "ok", "simulator": True, "phone": running.phone_url, "api": running.api_url}


def test_the_phones_pages_and_style_are_served(running: Simulator, phone: requests.Session) -> None:
    assert "SIMULATOR" in phone.get(f"{running.phone_url}/").text
    assert phone.get(f"{running.phone_url}/static/phone.css").headers["Content-Type"].startswith("text/css")


def secure_socket(running: Simulator, key_directory: Path) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(key_directory / "server-ca.pem")
    context.load_cert_chain(key_directory / "rp-cert.pem", key_directory / "rp-key.pem")
    port = int(running.api_url.split(":")[2].split("/")[0])
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost")


def echo(environment: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"late" if environment[LATE] else environment["wsgi.input"].read()]


@pytest.fixture
def plain_port() -> Iterator[int]:
    server = Server(echo, "127.0.0.1", 0, body_seconds=0.05)
    server.start()
    yield server.port
    server.stop()


def talk(port: int, *sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        for each in sent:
            connection.sendall(each)
        return connection.recv(4096)


def test_a_body_that_does_not_come_is_marked_late(plain_port: int) -> None:
    answer = talk(plain_port, b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
    assert answer.endswith(b"late")
    assert b"Connection: close" in answer


def test_a_broken_chunk_ends_the_connection(plain_port: int) -> None:
    assert talk(plain_port, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") == b""


def test_a_body_beyond_all_limits_is_not_read(plain_port: int) -> None:
    answer = talk(plain_port, b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n")
    assert b"Connection: close" in answer


def test_a_port_in_use_is_an_error(plain_port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(echo, "127.0.0.1", plain_port)


def test_a_caller_that_hangs_up_is_no_trouble(plain_port: int) -> None:
    rude = socket.create_connection(("127.0.0.1", plain_port))
    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    rude.sendall(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
    rude.close()
    assert talk(plain_port, b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi").endswith(b"hi")


def test_many_callers_are_served_at_once(running: Simulator, caller: requests.Session) -> None:
    running.scenario.set_up({"faults": [{"kind": "slow", "seconds": 0.3, "operation": "auth"}]})
    slow = threading.Thread(target=caller.post, args=[f"{running.api_url}/auth"], kwargs={"json": {"endUserIp": "::1"}})
    slow.start()
    with requests.Session() as other:
        other.trust_env, other.verify, other.cert = False, caller.verify, caller.cert
        assert other.get(f"{running.api_url}/auth").status_code == 405
    slow.join()
    assert len(running.orders.list_orders()) == 1


def test_the_phone_can_be_served_over_https(key_directory: Path, phone: requests.Session) -> None:
    inner = key_directory / "ca"
    settings = Settings(
        data=key_directory, api_port=0, phone_port=0, phone_tls=(inner / "server.pem", inner / "server-key.pem")
    )
    simulator = Simulator(settings)
    simulator.start()
    phone.verify = str(key_directory / "server-ca.pem")
    try:
        assert simulator.phone_url.startswith("https://")
        assert phone.get(f"{simulator.phone_url}/health").json()["status"] == "ok"
        assert "SIMULATOR" in phone.get(f"{simulator.phone_url}/").text
    finally:
        simulator.stop()
