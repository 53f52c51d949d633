"""E-mail: plain text to people, by SMTP or into a folder.

An e-mail has no markup, nothing a stranger wrote in its headers, and the same Message-ID however often it is tried, so
that a mail server that took it twice can see so.
"""

import smtplib
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from idp import settings
from idp.adapters.secret_file import SecretFileProblem, read_secret
from idp.core.messages import EmailSender, OutgoingEmail, Undelivered
from idp.core.people.one_line import one_line

_TIMEOUT_SECONDS = 10.0
_OK = 250
_LONGEST_SUBJECT = 150


class SmtpSender:
    """Sends by the organisation's mail server."""

    def __init__(self, mail: settings.Mail, sender_name: str) -> None:
        self._mail = mail
        self._sender_name = sender_name

    def send(self, email: OutgoingEmail) -> None:
        """Raises Undelivered; an address that the server refuses for good is final."""
        message = write(email, sender=self._mail.sender, sender_name=self._sender_name)
        with self._connected() as server:
            server.send_message(message)

    def check(self) -> None:
        """Say everything up to our own address, and take it back. Raises Undelivered."""
        with self._connected() as server:
            server.ehlo_or_helo_if_needed()
            code, said = server.mail(self._mail.sender)
            if code != _OK:
                raise smtplib.SMTPSenderRefused(code, said, self._mail.sender)
            server.rset()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Whatever goes wrong with the server in the block is Undelivered."""
        mail = self._mail
        try:
            with smtplib.SMTP(mail.smtp_host, mail.smtp_port, timeout=_TIMEOUT_SECONDS) as server:
                if mail.starttls:
                    server.starttls(context=ssl.create_default_context())
                if mail.user and mail.password_file is not None:
                    server.login(mail.user, _read_password(mail.password_file))
                yield server
        except smtplib.SMTPRecipientsRefused as refused:
            codes = {code for code, _ in refused.recipients.values()}
            raise Undelivered("recipient_refused", final=all(code >= 500 for code in codes)) from None
        except SecretFileProblem:
            raise Undelivered("password_unreadable") from None
        except (smtplib.SMTPException, OSError) as problem:
            raise Undelivered(type(problem).__name__) from None


class FolderSender:
    """Writes each e-mail into a folder as `<id>.eml`, for the sandbox."""

    def __init__(self, folder: Path, sender: str, sender_name: str) -> None:
        self._folder = folder
        self._sender = sender
        self._sender_name = sender_name

    def send(self, email: OutgoingEmail) -> None:
        """Raises Undelivered when the folder cannot be written."""
        message = write(email, sender=self._sender, sender_name=self._sender_name)
        unfinished = self._folder / f".{email.id}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(message.as_bytes())
            unfinished.replace(self._folder / f"{email.id}.eml")
        except OSError as problem:
            raise Undelivered(type(problem).__name__) from None

    def check(self) -> None:
        """Raises Undelivered when the folder cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                pass
        except OSError as problem:
            raise Undelivered(type(problem).__name__) from None


class NoSender:
    """Takes nothing, because nobody said how."""

    def send(self, email: OutgoingEmail) -> None:  # noqa: ARG002
        """Raises Undelivered."""
        raise Undelivered("mail_not_configured")

    def check(self) -> None:
        """Raises Undelivered."""
        raise Undelivered("mail_not_configured")


def make_email_sender(mail: settings.Mail, sender_name: str) -> EmailSender:
    """The way of sending that the settings say. Raises SecretFileProblem."""
    if mail.folder is not None:
        return FolderSender(mail.folder, mail.sender, sender_name)
    if mail.password_file is not None:
        _read_password(mail.password_file)  # it is read again with each e-mail, so that a new one needs no restart
    return SmtpSender(mail, sender_name) if mail.smtp_host else NoSender()


def _read_password(path: Path) -> str:
    """Raises SecretFileProblem, also for what Python's SMTP client cannot say."""
    password = read_secret(path)
    if not password.isascii():
        raise SecretFileProblem(path, "has letters beyond ASCII, which mail servers understand in different ways")
    return password


def write(email: OutgoingEmail, *, sender: str, sender_name: str) -> EmailMessage:
    """The e-mail as a message. Raises Undelivered for an address that is none."""
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = Address(addr_spec=email.to)
    except (ValueError, IndexError):
        raise Undelivered("malformed_address", final=True) from None
    user, _, domain = sender.rpartition("@")
    message["From"] = Address(display_name=_header(sender_name), username=user, domain=domain)
    message["Subject"] = _header(email.subject)
    message["Date"] = format_datetime(email.written_at)
    message["Message-ID"] = f"<{email.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(email.text)
    return message


def _header(text: str) -> str:
    """One line: a line break would begin another header (CWE-93). Raises Undelivered."""
    try:
        return one_line(text, longest=_LONGEST_SUBJECT)
    except ValueError:
        raise Undelivered("malformed_header", final=True) from None
