"""Assertion: what a method of identification vouches for, in words that are the same for every method."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One person was identified, once; valid only together with the conditional statement that uses it up."""

    personal_number: str = field(repr=False)
    """Twelve digits."""
    name: str = field(repr=False)
    given_name: str = field(repr=False)
    surname: str = field(repr=False)
    at: datetime
    amr: tuple[str, ...]
    """Authentication method references (RFC 8176 2): only what can be known."""
    device_ip: str = field(repr=False)
    """Of the device that the person identified with."""
    evidence: Mapping[str, str] = field(repr=False)
    """What proves it to others later, by name, as the method gave it; stored sealed."""
    credential_valid_from: datetime | None = None
    credential_valid_to: datetime | None = None
    unproved: str | None = None
    """Why the evidence was refused, where the settings believe the method without it."""
