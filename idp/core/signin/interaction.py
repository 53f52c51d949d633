"""Interaction: one authorization request on its way through the pages, and what has been proved so far.

The id stands in URLs and proves nothing; the browser's cookie does (its hash is in the row). A person without an
account lives only here, encrypted, never in the people table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from idp.core.identification.verdict import Verdict
from idp.core.linking.contact_code import ContactCode
from idp.core.linking.second_person import SecondPerson
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.people.customer import LinkAssurance
from idp.core.people.person import PendingIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """It is known who this is: a known person, or a pending identity; exactly one of the two."""

    at: datetime
    authentication_id: str
    person_id: str | None
    pending: PendingIdentity | None
    verdict: Verdict
    """What that identification is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedNumber:
    """The old customer number was proved, for this pending identity or person, in this interaction only."""

    at: datetime
    customer_id: str
    number: str
    assurance: LinkAssurance = LinkAssurance.LEGACY_KNOWLEDGE
    waits_for: SecondPerson | None = None
    """The policy that asks for more than this proof; None when it suffices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionLifetime:
    """How long an interaction waits for its person."""

    idle: timedelta
    absolute: timedelta

    def first_end(self, arrived_at: datetime) -> datetime:
        """When an interaction ends that nobody touches."""
        return arrived_at + self.idle

    def next_end(self, interaction: "Interaction", now: datetime) -> datetime:
        """When it ends after the person did something now."""
        return min(now + self.idle, interaction.arrived_at + self.absolute)


class Outcome(StrEnum):
    """How an interaction ended."""

    FINISHED = "finished"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """A row of `interactions`."""

    id: str
    client_id: str
    request: AuthorizationRequest
    language: str
    arrived_at: datetime
    """When the request arrived; max_age and prompt=login are measured here, not now."""
    acted_at: datetime
    expires_at: datetime
    version: int
    identified: Identified | None = None
    linked: ProvedNumber | None = None
    contact_code: ContactCode | None = None
    """Asked for by this person in this interaction."""
    registered_at: datetime | None = None
    chosen_customer_id: str | None = None
    passed: Mapping[str, datetime] = field(default_factory=dict)
    """When the person did what a step asks for, by the step's name; ask `Journey.has_passed`."""
    session_id: str | None = None
    """The session that counts for this interaction: the one it started, or the one it met."""
    outcome: Outcome | None = None
    finished_at: datetime | None = None
    grant_id: str | None = None
