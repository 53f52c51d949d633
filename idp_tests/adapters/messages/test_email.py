"""Mail: plain text, safe headers, the same Message-ID at every try, and a mail server's answers told apart."""

import email
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from idp.adapters.messages.email import (
    FolderSender,
    NoSender,
    SmtpSender,
    make_email_sender,
    write,
)
from idp.adapters.secret_file import SecretFileProblem
from idp.core.messages import OutgoingEmail, Undelivered
from idp.settings import Mail

NOW = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)


def an_email(**changes: object) -> OutgoingEmail:
    members: dict[str, object] = {
        "id": "01a2",
        "to": "anna@example.se",
        "subject": "Ditt användarkonto",
        "text": "Hej!\n",
        "written_at": NOW,
    }
    return OutgoingEmail(**members | changes)  # type: ignore[arg-type]


def written(outgoing: OutgoingEmail) -> EmailMessage:
    return write(outgoing, sender="no-reply@example.se", sender_name="PreZero")


class _Smtp(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321 for one message."""

    server: "MailServer"

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            match line.split(":")[0].split()[0].upper():
                case "EHLO":
                    self._say(*self.server.extensions)
                case "RCPT":
                    self._say(self.server.recipient)
                case "DATA":
                    self._say("354 go on")
                    self._read_message()
                case "MAIL":
                    self._say(self.server.sender)
                case "AUTH":
                    self._say(self.server.login)
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 ok")

    def _read_message(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.messages.append(b"".join(lines))
        self._say("250 taken")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class MailServer(socketserver.ThreadingTCPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.messages: list[bytes] = []
        self.recipient = self.sender = "250 ok"
        self.login = "235 welcome"
        self.extensions = ("250-test", "250 SIZE 1000000")

    @property
    def port(self) -> int:
        return self.server_address[1]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def smtp(server: MailServer, **changes: object) -> SmtpSender:
    members: dict[str, object] = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "starttls": False}
    return SmtpSender(Mail.model_validate(members | changes), "PreZero")


def test_an_email_reaches_the_mail_server_whole(server: MailServer) -> None:
    smtp(server).send(an_email())
    message = email.message_from_bytes(server.messages[0], policy=default)
    assert message["To"] == "anna@example.se"
    assert message["Subject"] == "Ditt användarkonto"
    body = message.get_body()
    assert body is not None
    assert body.get_content_type() == "text/plain"
    assert body.get_content().strip() == "Hej!"


def test_the_same_email_has_the_same_id_at_every_try(server: MailServer) -> None:
    smtp(server).send(an_email())
    smtp(server).send(an_email())
    ids = {email.message_from_bytes(message, policy=default)["Message-ID"] for message in server.messages}
    assert ids == {"<01a2@localhost>"}


@pytest.mark.parametrize(("answer", "final"), [("550 no such user", True), ("450 try later", False)])
def test_a_refused_recipient_is_tried_again_only_when_the_server_says_so(
    server: MailServer, answer: str, final: bool
) -> None:
    server.recipient = answer
    with pytest.raises(Undelivered) as problem:
        smtp(server).send(an_email())
    assert (problem.value.reason, problem.value.final) == ("recipient_refused", final)


def test_a_server_without_starttls_gets_nothing_when_it_is_demanded(server: MailServer) -> None:
    with pytest.raises(Undelivered) as problem:
        smtp(server, starttls=True).send(an_email())
    assert not problem.value.final
    assert server.messages == []


def test_a_server_that_is_gone_is_tried_again() -> None:
    mail = Mail(smtp_host="127.0.0.1", smtp_port=1, starttls=False)
    with pytest.raises(Undelivered) as problem:
        SmtpSender(mail, "PreZero").send(an_email())
    assert (problem.value.reason, problem.value.final) == ("ConnectionRefusedError", False)


@pytest.mark.parametrize(
    "breaking", ["\r\nBcc: evil@example.com", "\nBcc: evil@example.com", "\rBcc: x", "\u2028Bcc: x"]
)
def test_no_text_becomes_a_header(breaking: str) -> None:
    for outgoing in (an_email(subject=f"Hej{breaking}"), an_email(to=f"anna@example.se{breaking}")):
        with pytest.raises(Undelivered) as problem:
            written(outgoing)
        assert problem.value.final


@pytest.mark.parametrize("address", ["", "anna", "a@b.se, c@d.se", "Anna <a@b.se>", "a@b.se\x00"])
def test_only_one_bare_address_is_written_to(address: str) -> None:
    with pytest.raises(Undelivered):
        written(an_email(to=address))


def test_no_machine_answers_to_it() -> None:
    assert written(an_email())["Auto-Submitted"] == "auto-generated"


def test_an_email_is_not_shown_in_a_log() -> None:
    assert "anna" not in repr(an_email())


def test_the_sandbox_writes_each_email_into_its_folder_once(tmp_path: Path) -> None:
    post = FolderSender(tmp_path / "mail", "no-reply@example.se", "PreZero")
    post.send(an_email())
    post.send(an_email())
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["01a2.eml"]


def test_a_server_that_would_take_an_email_passes_the_check_and_gets_none(server: MailServer) -> None:
    smtp(server).check()
    assert server.messages == []


def test_a_server_that_is_gone_does_not_pass() -> None:
    with pytest.raises(Undelivered, match="ConnectionRefusedError"):
        SmtpSender(Mail(smtp_host="127.0.0.1", smtp_port=1, starttls=False), "PreZero").check()


def test_a_server_that_refuses_our_address_does_not_pass(server: MailServer) -> None:
    server.sender = "550 not from you"
    with pytest.raises(Undelivered, match="SMTPSenderRefused"):
        smtp(server).check()


def test_a_server_without_starttls_does_not_pass_when_it_is_demanded(server: MailServer) -> None:
    with pytest.raises(Undelivered, match="SMTPNotSupportedError"):
        smtp(server, starttls=True).check()


def test_a_folder_passes_when_it_can_be_written(tmp_path: Path) -> None:
    FolderSender(tmp_path / "mail", "no-reply@example.se", "PreZero").check()
    assert list((tmp_path / "mail").iterdir()) == []
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Undelivered):
        FolderSender(tmp_path / "file", "no-reply@example.se", "PreZero").check()


def test_without_a_way_nothing_passes() -> None:
    with pytest.raises(Undelivered, match="mail_not_configured"):
        NoSender().check()


def with_password(tmp_path: Path, content: bytes) -> Mail:
    (tmp_path / "password.txt").write_bytes(content)
    return Mail(smtp_host="smtp.example", user="u", password_file=tmp_path / "password.txt")


@pytest.mark.parametrize(("content", "reason"), [(b"l\xf6sen", "is not UTF-8"), ("lösen".encode(), "beyond ASCII")])
def test_a_password_that_cannot_be_said_is_refused_by_name_before_the_start(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(SecretFileProblem, match=reason):
        make_email_sender(with_password(tmp_path, content), "PreZero")


def test_a_password_that_breaks_later_lets_emails_wait(tmp_path: Path, server: MailServer) -> None:
    mail = with_password(tmp_path, b"right\n").model_copy(
        update={"smtp_host": "127.0.0.1", "smtp_port": server.port, "starttls": False}
    )
    sender = make_email_sender(mail, "PreZero")
    (tmp_path / "password.txt").write_bytes(b"")
    with pytest.raises(Undelivered, match="password_unreadable") as problem:
        sender.send(an_email())
    assert not problem.value.final


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file", encoding="utf-8")
    with pytest.raises(Undelivered) as problem:
        FolderSender(tmp_path / "mail", "no-reply@example.se", "PreZero").send(an_email())
    assert not problem.value.final


def test_the_settings_choose_the_way(tmp_path: Path) -> None:
    assert isinstance(make_email_sender(Mail(), "PreZero"), NoSender)
    assert isinstance(make_email_sender(Mail(folder=tmp_path), "PreZero"), FolderSender)
    assert isinstance(make_email_sender(Mail(smtp_host="smtp.example"), "PreZero"), SmtpSender)


def test_without_a_way_an_email_waits() -> None:
    with pytest.raises(Undelivered) as problem:
        NoSender().send(an_email())
    assert (problem.value.reason, problem.value.final) == ("mail_not_configured", False)
