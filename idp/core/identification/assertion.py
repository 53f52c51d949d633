"""Assertion: what a method of identification vouches for, in words that are the same for every method."""

from dataclasses import dataclass, field
from datetime import datetime

from idp.core.identification.method import MethodFacts
from idp.core.people.identity import Evidence, Identity
from idp.core.people.person import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One person was identified, once; valid only together with the conditional statement that uses it up."""

    method: MethodFacts
    identity: Identity
    profile: Profile
    at: datetime
    amr: tuple[str, ...]
    """Authentication method references (RFC 8176 2): only what can be known."""
    device_ip: str = field(repr=False)
    """Of the device that the person identified with."""
    evidence: Evidence
    credential_valid_from: datetime | None = None
    credential_valid_to: datetime | None = None
    unproved: str | None = None
    """Why the evidence was refused, where the settings believe the method without it."""
