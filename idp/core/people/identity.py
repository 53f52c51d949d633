"""Identity: how a scheme outside knows a person, who may have several, and what proves that it was this person."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from idp.core.people.organisation_number import OrganisationNumber
from idp.core.people.personal_number import PersonalNumber

SWEDISH_PERSONAL_NUMBER = "se.personal_number"
"""A scheme whose keys are the twelve digits of personal and coordination numbers."""
SIGNATURE_EVIDENCE = "signature"
"""Evidence of two parts: `signature` (XML) and `ocsp` (the answer about its certificate), base64 as the method gave them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A key that belongs to one person within its scheme."""

    scheme: str
    key: str = field(repr=False)

    @property
    def sole_traders_number(self) -> OrganisationNumber | None:
        """The organisation number that the person's own firm would have; None where the scheme has no such numbers."""
        if self.scheme != SWEDISH_PERSONAL_NUMBER:
            return None
        return OrganisationNumber.of_sole_trader(PersonalNumber(self.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves one identification to others later; stored encrypted."""

    kind: str
    """Says what the parts are, and who can verify them."""
    parts: Mapping[str, str] = field(repr=False)
