"""Messages to others: what is put into the outbox, who takes it, and what keeps it from arriving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

ACCESS_ENDED_KIND: Final = "mail.access_ended"
"""A link ended. Payload: to, recipient (`person`, `contact_on_file`), customer_name, customer_number, ended_at."""
APPROVAL_ASKED_KIND: Final = "mail.approval_asked"
"""Payload: to, approval_id, person_name, customer_name, customer_number, asked_at."""
APPROVAL_ANSWERED_KIND: Final = "mail.approval_answered"
"""To who asked. Payload: to, approved, customer_name."""
INVITATION_KIND: Final = "mail.invitation"
"""Payload: to, secret, customer_name, inviter_name (None: customer service), expires_at."""
CONTACT_CODE_KIND: Final = "mail.contact_code"
"""Payload: to (None where nobody can be reached, for the asker must not notice), code, customer_name, customer_number,
person_name, expires_at."""
ACCOUNT_UNUSED_KIND: Final = "mail.account_unused"
"""Nobody has logged in for long, and the account will be erased. Payload: to, used_at, erased_at."""
CONFIRM_EMAIL_KIND: Final = "mail.confirm_email"
"""Payload: to, name, person_id, registered_at."""
LOGIN_KIND: Final = "mail.login"
"""A login that its person should know of. Payload: to, reason (`new_device`, `unusual`), device_id, browser, logged_in_at."""
NEW_USER_KIND: Final = "mail.new_user"
"""Payload: to, recipient (`contact_on_file`, `linked_user`), customer_name, customer_number, person_name, linked_at,
freeze (a secret), freeze_until."""
TRIES_GIVEN_BACK_KIND: Final = "mail.tries_given_back"
"""Customer service gave a company's people another try. Payload: to, customer_name, at."""
NEW_USER_SMS_KIND: Final = "sms.new_user"
"""The same, to a telephone."""
LINK_FROZEN_KIND: Final = "mail.link_frozen"
"""To the person whose link was frozen. Payload: to, customer_name, frozen_at, reference."""
USER_LEFT_KIND: Final = "mail.user_left"
"""Payload: to, customer_name, customer_number, person_name, left_at."""
MAIL_KINDS: Final = (
    ACCESS_ENDED_KIND,
    ACCOUNT_UNUSED_KIND,
    APPROVAL_ANSWERED_KIND,
    APPROVAL_ASKED_KIND,
    CONFIRM_EMAIL_KIND,
    CONTACT_CODE_KIND,
    INVITATION_KIND,
    LINK_FROZEN_KIND,
    LOGIN_KIND,
    NEW_USER_KIND,
    TRIES_GIVEN_BACK_KIND,
    USER_LEFT_KIND,
)
"""Every kind that leaves as e-mail."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVEN_UP_AFTER: Final = timedelta(hours=24)


class Outbox(Protocol):
    """Messages to others, written in the transaction of their cause and delivered by a job with retries."""

    def put(self, kind: str, key: str, payload: Mapping[str, Any], now: datetime) -> None:
        """`key` makes delivery exactly once; `payload` is stored encrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to deliver; `tries` counts the failed ones."""

    id: str
    kind: str
    key: str
    payload: Mapping[str, Any] = field(repr=False)
    created_at: datetime
    tries: int
    readable: bool = True
    """Whether a key of this node opens the payload, which is empty otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many messages wait, between two tries too, and for how long the oldest of them."""

    count: int
    oldest: timedelta


class MessageQueue(Protocol):
    """The outbox as the job that delivers it meets it; each worker holds leases, and a write without one raises Overtaken."""

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[Message]:
        """Messages to deliver now, the longest due first; two workers never get the same one."""

    def release(self, holders: str) -> int:
        """Free what workers hold whose names begin so. Returns how many messages."""

    def give_back(self, message_id: str, worker: str) -> None:
        """End the lease, if it is still held."""

    def delivered(self, message_id: str, worker: str, now: datetime) -> None:
        """The payload is erased; the key stays, so that the same message is never sent again."""

    def failed(self, message_id: str, worker: str, error: str, next_at: datetime) -> None:
        """Count a failed try; `error` is a word for operators."""

    def given_up(self, message_id: str, worker: str, error: str, now: datetime) -> None:
        """Count the last try, and erase the payload."""

    def waiting(self, now: datetime) -> Backlog:
        """Everything that is neither delivered nor given up; for alarms."""


class Undelivered(Exception):
    """Not this time; `reason` is a word for operators, and with `final` there is no other time."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


@dataclass(frozen=True, slots=True)
class TriedAgain:
    """Another try follows."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No other try follows."""


def after_failure(message: Message, problem: Undelivered, now: datetime) -> TriedAgain | GivenUp:
    """What becomes of a message whose try has just failed."""
    if problem.final or now - message.created_at >= GIVEN_UP_AFTER:
        return GivenUp()
    return TriedAgain(now + pause_after(message.tries))


def pause_after(tries: int) -> timedelta:
    """How long to wait after this many failed tries before this one: doubling, to an hour at most."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(tries, 20)
    return min(doubled, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OutgoingEmail:
    """A plain-text e-mail to one person; `id` makes its Message-ID."""

    id: str
    to: str
    subject: str
    text: str
    written_at: datetime


class EmailSender(Protocol):
    """The way by which e-mail leaves."""

    def send(self, email: OutgoingEmail) -> None:
        """Hand it over. Raises Undelivered."""

    def check(self) -> None:
        """See that one would be taken now, without writing to anybody. Raises Undelivered."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OutgoingSms:
    """A text message to one telephone (E.164)."""

    id: str
    to: str
    text: str


class SmsSender(Protocol):
    """The way by which text messages leave."""

    def send(self, sms: OutgoingSms) -> None:
        """Hand it over. Raises Undelivered."""

    def check(self) -> None:
        """See that one would be taken now, without writing to anybody. Raises Undelivered."""


class BackChannel(Protocol):
    """Calls to relying parties (OpenID Connect Back-Channel Logout 1.0)."""

    def post_logout_token(self, uri: str, logout_token: str) -> None:
        """Post it as a form (2.5). Raises Undelivered unless the answer is a success (2.8)."""
