"""Invitation: somebody who is linked, or customer service, lets one person in by an e-mail with a link.

It holds for seven days and for the first person who takes it with BankID; one that somebody linked gave ends with that link.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from idp.core.audit_log import Audit
from idp.core.budgets import Budget, Budgets, Exhausted
from idp.core.ids import new_id
from idp.core.link_events import PersonInvited
from idp.core.linking.limits import DAY
from idp.core.linking.ports import Contacts
from idp.core.messages import INVITATION_KIND, Outbox
from idp.core.people.contact import Email
from idp.core.people.customer import LinkAssurance
from idp.core.people.identity import Identity
from idp.core.people.person import Person

LIVES: Final = timedelta(days=7)
FINISHED_WITHIN: Final = timedelta(hours=1)
"""Who took it and left the login may take it again so long."""
PERSON_PER_DAY: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What the invited person reads, and what taking it proves."""

    id: str
    customer_id: str
    number: str
    customer_name: str
    email: str = field(repr=False)
    """Where it was sent."""
    inviter_id: str | None
    """None: customer service."""
    inviter_name: str | None = field(repr=False)
    invited_at: datetime
    expires_at: datetime

    @property
    def assurance(self) -> LinkAssurance:
        return LinkAssurance.SUPPORT_VERIFIED if self.inviter_id is None else LinkAssurance.OWNER_APPROVED


class Invitations(Protocol):
    """Invitations that have not expired; each method one business verb and atomic. They are found by their secret."""

    def put(self, invitation: Invitation, secret: str) -> None: ...
    def find(self, secret: str, now: datetime) -> Invitation | None:
        """One that can be taken by somebody: not taken, and its inviter is still linked."""

    def take(self, invitation_id: str, identity: Identity, now: datetime) -> bool:
        """True for the first person, and for the same one again within the hour; never for who invited."""

    def taken_by(self, secret: str, identity: Identity, now: datetime) -> Invitation | None:
        """One that this person took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An e-mail is on its way."""

    customer_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchCompany:
    """No active customer has the number, or the person is not linked to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyInvitations:
    """Nothing was sent: the person has invited too many today."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Sends an invitation; the secret stands in the e-mail and nowhere else, but for its hash."""

    invitations: Invitations
    contacts: Contacts
    budgets: Budgets
    outbox: Outbox
    audit: Audit

    def for_support(
        self, number: str, email: Email, now: datetime, *, operator: str, case_id: str
    ) -> Invited | NoSuchCompany:
        """An operator's word, after the case in which the caller was verified."""
        company = self.contacts.on_file(number)
        if company is None:
            return NoSuchCompany()
        invitation = _invitation(company.customer_id, number, company.customer_name, email, None, now)
        self._send(invitation, now)
        self.audit.record(
            PersonInvited(
                person_id=None,
                customer_id=company.customer_id,
                invitation_id=invitation.id,
                operator=operator,
                case_id=case_id,
            ),
            now,
        )
        return Invited(customer_name=company.customer_name)

    def by_person(
        self, inviter: Person, customer_id: str, email: Email, now: datetime
    ) -> Invited | NoSuchCompany | TooManyInvitations:
        """The word of somebody who is linked to the customer."""
        link = inviter.link_to(customer_id)
        if link is None:
            return NoSuchCompany()
        charged = self.budgets.charge(invitation_scopes(inviter.id), now)
        if isinstance(charged, Exhausted):
            return TooManyInvitations(until=charged.until)
        invitation = _invitation(customer_id, link.number.value, link.name, email, inviter, now)
        self._send(invitation, now)
        event = PersonInvited(person_id=inviter.id, customer_id=customer_id, invitation_id=invitation.id)
        self.audit.record(event, now)
        return Invited(customer_name=link.name)

    def _send(self, invitation: Invitation, now: datetime) -> None:
        secret = secrets.token_urlsafe(32)
        self.invitations.put(invitation, secret)
        payload = {
            "to": invitation.email,
            "secret": secret,
            "customer_name": invitation.customer_name,
            "inviter_name": invitation.inviter_name,
            "expires_at": invitation.expires_at.isoformat(),
        }
        self.outbox.put(INVITATION_KIND, f"{INVITATION_KIND}:{invitation.id}", payload, now)


def invitation_scopes(person_id: str) -> Mapping[str, Budget]:
    """What a person's invitations are counted in."""
    return {f"linking.invitation.person_day {person_id}": Budget(limit=PERSON_PER_DAY, window=DAY)}


def _invitation(
    customer_id: str, number: str, name: str, email: Email, inviter: Person | None, now: datetime
) -> Invitation:
    return Invitation(
        id=new_id(now),
        customer_id=customer_id,
        number=number,
        customer_name=name,
        email=email.address,
        inviter_id=inviter.id if inviter is not None else None,
        inviter_name=inviter.name if inviter is not None else None,
        invited_at=now,
        expires_at=now + LIVES,
    )
