"""Retention: how long each kind of row lives, in one table, with lawful defaults (GDPR 5.1 e)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, model_validator

from idp.settings_fields import Table

_DAY: Final = timedelta(days=1)
_TEN_YEARS: Final = timedelta(days=3653)
_LONG: Final = timedelta(days=20 * 366)

Short = Annotated[timedelta, Field(ge=timedelta(hours=1), le=timedelta(days=7))]
Weeks = Annotated[timedelta, Field(ge=timedelta(days=1), le=timedelta(days=366))]
Months = Annotated[timedelta, Field(ge=timedelta(days=31), le=timedelta(days=1100))]
Years = Annotated[timedelta, Field(ge=timedelta(days=183), le=_LONG)]


class Retention(Table):
    """How long what is stored stays; the sweeper deletes it afterwards. A lawyer says whether shorter times are due."""

    login_under_way: Short = timedelta(hours=24)
    """Logins that were begun: so long after their end, and BankID orders after their beginning."""
    session: Weeks = timedelta(days=7)
    """Sessions, grants with their tokens, invitations and questions to colleagues: so long after their end, for questions."""
    login: Months = timedelta(days=90)
    """That somebody logged in, when and how; from which address. Of the last login the address goes, and the rest stays."""
    login_evidence: Months = timedelta(days=90)
    """What proves a login on which nothing else rests."""
    registration_evidence: Years = _TEN_YEARS
    """What proves a registration, while the account stands and at least so long (preskriptionslagen 2 §)."""
    link: Years = _TEN_YEARS
    """A link to a company that has ended, and what proves it: so long after its end."""
    consent_evidence: Years = _TEN_YEARS
    """What proves a consent, while it stands and at least so long."""
    freeze_evidence: Years = _TEN_YEARS
    """What proves that a link was frozen."""
    attempt: Months = timedelta(days=90)
    """Who tried at which customer number, by pseudonyms and keyed hashes."""
    freeze_notice: Weeks = timedelta(days=60)
    """That a link in a notice of a new user was used or is over: so long after its end, to say so to whoever opens it."""
    audit: Months = timedelta(days=365)
    """The audit log."""
    incident: Weeks = timedelta(days=90)
    """What is behind an error code on somebody's screen."""
    message: Weeks = timedelta(days=30)
    """That a message was delivered or given up; its content goes at once."""
    initial_token: Weeks = timedelta(days=90)
    """Permissions for clients to register themselves: so long after their end, to see whose clients are whose."""
    unused_account: Years = timedelta(days=730)
    """An account that nobody has logged in to for so long is erased, after a warning by e-mail."""
    unused_account_warning: Weeks = timedelta(days=30)
    """The e-mail comes so long before."""
    customer_left: Years = timedelta(days=730)
    """A company closed for so long: links to it end and its contact on file goes; the rest goes with its last link."""

    @model_validator(mode="after")
    def _warned_in_time(self) -> "Retention":
        if self.unused_account_warning < timedelta(days=14):
            raise ValueError("unused_account_warning: must be at least 14 days")
        return self


@dataclass(frozen=True, slots=True)
class Rule:
    """How the rows of one table end."""

    end: str
    """When, in words; or why they stay."""
    settings: tuple[str, ...] = ()
    """Members of `Retention` that decide; none where a row has its own end or stays."""
    kept: bool = False
    """For ever, for the reason that `end` says."""


RULES: Final[Mapping[str, Rule]] = {
    "seen_ids": Rule("when what was used once would have ended"),
    "pushed_requests": Rule("when they end"),
    "budgets": Rule("when their window is over"),
    "bankid_orders": Rule("after their beginning", ("login_under_way",)),
    "interactions": Rule("after their end", ("login_under_way",)),
    "grants": Rule("after their end", ("session",)),
    "sessions": Rule("after their end", ("session",)),
    "known_devices": Rule("when no login with the browser has been seen for as long as it is known"),
    "consents": Rule("when they end (sign_in.consent_lifetime)"),
    "initial_tokens": Rule("after their end", ("initial_token",)),
    "evidence": Rule(
        "after the act, and not while it stands",
        ("login_evidence", "registration_evidence", "link", "consent_evidence", "freeze_evidence"),
    ),
    "authentications": Rule("after the login; the last one with the account", ("login", "unused_account")),
    "outbox": Rule("after delivery", ("message",)),
    "incidents": Rule("after they happened", ("incident",)),
    "collector_heartbeats": Rule("a day after the last one; they are about no person"),
    "audit": Rule("after it happened, from the beginning of the chain", ("audit",)),
    "audit_seals": Rule("with the row that they seal", ("audit",)),
    "audit_ends": Rule("they say where the audit log begins and ends", kept=True),
    "invitations": Rule("after their end", ("session",)),
    "approvals": Rule("after their end", ("session",)),
    "link_attempts": Rule("after the try", ("attempt",)),
    "freeze_secrets": Rule("after their end", ("freeze_notice",)),
    "link_unlocks": Rule("when the second person's time is over"),
    "links": Rule("after their end", ("link", "customer_left")),
    "customers": Rule("after they were closed, with their last link", ("customer_left", "link")),
    "customer_numbers": Rule("with their customer", ("customer_left", "link")),
    "people": Rule(
        "emptied when the account is erased; id and subject stay, so that nobody ever gets them again",
        ("unused_account",),
        kept=True,
    ),
    "identities": Rule("when the account is erased", ("unused_account",)),
    "person_keys": Rule("when the account is erased", ("unused_account",)),
    "registered_clients": Rule("when the client or an operator deletes it", kept=True),
    "supported_programs": Rule("it is about the schema", kept=True),
    "secret_canaries": Rule("they are about secrets, and say nothing of what these closed", kept=True),
}
"""Every table, by its name."""
