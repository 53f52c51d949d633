"""Assertion: what a method of identification vouches for, in words that are the same for every method."""

from dataclasses import dataclass, field
from datetime import datetime

from idp.core.identification.verdict import Verdict
from idp.core.people.identity import Evidence, Identity
from idp.core.people.person import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFacts:
    """What tokens say about every identification by a method."""

    name: str
    """Ours; it is stored, and stays."""
    provider: str
    """Who identified the person (the claim authnProvider of Swedish OpenID Connect)."""
    acr: str
    """The authentication context class that it reaches (OpenID Connect Core 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One person was identified, once; valid only together with the conditional statement that uses it up."""

    method: MethodFacts
    reference: str
    """The method's own name for this identification; it is kept with the evidence."""
    identity: Identity
    profile: Profile
    at: datetime
    amr: tuple[str, ...]
    """Authentication method references (RFC 8176 2): only what can be known."""
    device_ip: str = field(repr=False)
    """Of the device that the person identified with."""
    evidence: Evidence
    verdict: Verdict = Verdict.ALLOW
    """Never REFUSE, which makes a NotBelieved."""
    decided_by: str = ""
    """What the verdict hung on, in a word of the method's; for the audit log."""
    credential_valid_from: datetime | None = None
    credential_valid_to: datetime | None = None
    unproved: str | None = None
    """Why the evidence was refused, where the settings believe the method without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBelieved:
    """Somebody was identified, and must not be let in by it; the method keeps what its page says about it."""

    reference: str
    """The method's own name for this identification."""
    reason: str
    """For the audit log."""
    decided_by: str | None = None
    """What it hung on, in a word of the method's; for the audit log."""
    evidence_problem: str | None = None
    """Why the evidence was refused, where that is the reason."""
