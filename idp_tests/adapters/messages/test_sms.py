"""Text messages: what a gateway is asked, and what its answers mean."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.messages.sms import FolderSmsSender, GatewaySender, NoSmsSender, make_sms_sender
from idp.adapters.secret_file import SecretFileProblem
from idp.core.messages import OutgoingSms, Undelivered
from idp.settings import Sms

SMS = OutgoingSms(id="01a2", to="+46701740605", text="PreZero: Anna fick tillgång")


@dataclass
class Gateway:
    status: int = 202
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with _serving(Gateway()) as served:
        yield served


@contextmanager
def _serving(gateway: Gateway) -> Iterator[Gateway]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            gateway.heard.append((self.command, dict(self.headers), body))
            self.send_response(gateway.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_HEAD = _answer  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    gateway.address = f"http://127.0.0.1:{server.server_port}/sms"
    yield gateway
    server.shutdown()
    thread.join()
    server.server_close()


def _sender(gateway: Gateway, tmp_path: Path) -> GatewaySender:
    secret = tmp_path / "secret.txt"
    secret.write_text("a-long-secret\n", encoding="utf-8")
    return GatewaySender(Sms(gateway=gateway.address, secret_file=secret, sender="PreZero"))


def test_a_gateway_is_told_from_whom_to_whom_and_what_with_the_secret_and_an_id_that_stays(
    gateway: Gateway, tmp_path: Path
) -> None:
    _sender(gateway, tmp_path).send(SMS)
    [(method, headers, body)] = gateway.heard
    assert (method, headers["Authorization"], headers["Idempotency-Key"]) == ("POST", "Bearer a-long-secret", "01a2")
    assert json.loads(body) == {"id": "01a2", "from": "PreZero", "to": "+46701740605", "text": SMS.text}


@pytest.mark.parametrize(
    ("status", "final"), [(400, True), (422, True), (401, False), (429, False), (302, False), (503, False)]
)
def test_what_a_gateway_refuses_is_tried_again_unless_the_message_is_malformed(
    gateway: Gateway, tmp_path: Path, status: int, *, final: bool
) -> None:
    gateway.status = status
    with pytest.raises(Undelivered) as refused:
        _sender(gateway, tmp_path).send(SMS)
    assert (refused.value.reason, refused.value.final) == (f"status_{status}", final)
    assert len(gateway.heard) == 1, "a redirect would take the secret along"


def test_a_gateway_that_is_away_and_a_secret_that_cannot_be_read_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Undelivered, match="ConnectionError"):
        GatewaySender(Sms(gateway="http://127.0.0.1:1/sms")).send(SMS)
    with pytest.raises(Undelivered, match="secret_unreadable"):
        GatewaySender(Sms(gateway="http://127.0.0.1:1/sms", secret_file=tmp_path / "none")).send(SMS)


@pytest.mark.parametrize(
    ("status", "fine"), [(200, True), (404, True), (405, True), (401, False), (403, False), (500, False)]
)
def test_a_check_writes_to_nobody_and_sees_whether_the_secret_is_taken(
    gateway: Gateway, tmp_path: Path, status: int, *, fine: bool
) -> None:
    gateway.status = status
    sender = _sender(gateway, tmp_path)
    if fine:
        sender.check()
    else:
        with pytest.raises(Undelivered):
            sender.check()
    assert [method for method, _, _ in gateway.heard] == ["HEAD"]


def test_the_sandbox_writes_into_a_folder(tmp_path: Path) -> None:
    sender = FolderSmsSender(tmp_path / "sms")
    sender.check()
    sender.send(SMS)
    assert (tmp_path / "sms" / "01a2.txt").read_text(encoding="utf-8") == f"To: +46701740605\n\n{SMS.text}\n"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "sms").write_text("", encoding="utf-8")
    sender = FolderSmsSender(tmp_path / "sms")
    for act in (sender.check, lambda: sender.send(SMS)):
        with pytest.raises(Undelivered):
            act()


def test_nothing_leaves_where_nobody_said_how() -> None:
    for act in (NoSmsSender().check, lambda: NoSmsSender().send(SMS)):
        with pytest.raises(Undelivered, match="sms_not_configured"):
            act()


def test_the_settings_choose_the_way(tmp_path: Path) -> None:
    assert isinstance(make_sms_sender(Sms()), NoSmsSender)
    assert isinstance(make_sms_sender(Sms(folder=tmp_path)), FolderSmsSender)
    assert isinstance(make_sms_sender(Sms(gateway="https://sms.example/send")), GatewaySender)
    with pytest.raises(SecretFileProblem):
        make_sms_sender(Sms(gateway="https://sms.example/send", secret_file=tmp_path / "none"))
