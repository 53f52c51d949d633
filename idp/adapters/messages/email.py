"""Mail: plain-text messages to people, by SMTP or into a folder.

A message has no markup, nothing a stranger wrote in its headers, and the same Message-ID however often it is tried, so
that a mail server that took it twice can see so.
"""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

from idp import settings
from idp.core.people.one_line import one_line

_TIMEOUT_SECONDS = 10.0
_LONGEST_SUBJECT = 150


class MailProblem(Exception):
    """The message was not taken; `reason` is a word for operators, `final` says that another try is in vain."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Letter:
    """A message to one person; `id` makes its Message-ID."""

    id: str
    to: str
    subject: str
    text: str
    written_at: datetime


class Post(Protocol):
    """Takes letters."""

    def send(self, letter: Letter) -> None:
        """Hand a letter over. Raises MailProblem."""


class SmtpPost:
    """Sends by the organisation's mail server."""

    def __init__(self, mail: settings.Mail, sender_name: str) -> None:
        self._mail = mail
        self._sender_name = sender_name

    def send(self, letter: Letter) -> None:
        """Raises MailProblem; an address that the server refuses for good is final."""
        message = write(letter, sender=self._mail.sender, sender_name=self._sender_name)
        try:
            with smtplib.SMTP(self._mail.smtp_host, self._mail.smtp_port, timeout=_TIMEOUT_SECONDS) as server:
                if self._mail.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self._mail.user:
                    server.login(self._mail.user, self._password())
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = {code for code, _ in refused.recipients.values()}
            raise MailProblem("recipient_refused", final=all(code >= 500 for code in codes)) from None
        except (smtplib.SMTPException, OSError) as problem:
            raise MailProblem(type(problem).__name__) from None

    def _password(self) -> str:
        return self._mail.password_file.read_text(encoding="utf-8").strip() if self._mail.password_file else ""


class FolderPost:
    """Writes each letter into a folder as `<id>.eml`, for the sandbox."""

    def __init__(self, folder: Path, sender: str, sender_name: str) -> None:
        self._folder = folder
        self._sender = sender
        self._sender_name = sender_name

    def send(self, letter: Letter) -> None:
        """Raises MailProblem when the folder cannot be written."""
        message = write(letter, sender=self._sender, sender_name=self._sender_name)
        unfinished = self._folder / f".{letter.id}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(message.as_bytes())
            unfinished.replace(self._folder / f"{letter.id}.eml")
        except OSError as problem:
            raise MailProblem(type(problem).__name__) from None


class NoPost:
    """Takes nothing, because nobody said how."""

    def send(self, letter: Letter) -> None:  # noqa: ARG002
        """Raises MailProblem."""
        raise MailProblem("mail_not_configured")


def post_office(mail: settings.Mail, sender_name: str) -> Post:
    """The way of sending that the settings say."""
    if mail.folder is not None:
        return FolderPost(mail.folder, mail.sender, sender_name)
    return SmtpPost(mail, sender_name) if mail.smtp_host else NoPost()


def write(letter: Letter, *, sender: str, sender_name: str) -> EmailMessage:
    """The letter as a message. Raises MailProblem for an address that is none."""
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = Address(addr_spec=letter.to)
    except (ValueError, IndexError):
        raise MailProblem("malformed_address", final=True) from None
    user, _, domain = sender.rpartition("@")
    message["From"] = Address(display_name=_header(sender_name), username=user, domain=domain)
    message["Subject"] = _header(letter.subject)
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _header(text: str) -> str:
    """One line: a line break would begin a header of its own (CWE-93). Raises MailProblem."""
    try:
        return one_line(text, longest=_LONGEST_SUBJECT)
    except ValueError:
        raise MailProblem("malformed_header", final=True) from None
