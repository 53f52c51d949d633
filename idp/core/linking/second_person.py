"""Second person: what somebody needs beside a right claim when the company has linked people already.

Nothing of it is looked at before a claim is right, so that whoever guesses meets the same answers under every policy.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from idp.core.linking.ports import Links
from idp.core.linking.prove_claim import Proved
from idp.core.people.customer import LinkAssurance


class SecondPerson(StrEnum):
    """The operator's policy; what each asks of a person is a step of the sign-in."""

    NOTIFY = "notify"
    """Nothing more; the contact on file and those who are linked are told."""
    CONTACT = "contact"
    """A code that is sent to the contact on file: `signin/steps/contact_code.py`."""
    APPROVE = "approve"
    """The word of somebody who is linked: `signin/steps/approval.py`."""
    INVITE_ONLY = "invite-only"
    """An invitation, which lets people in under every policy: `signin/steps/invitation.py`."""

    def admits(self, assurance: LinkAssurance) -> bool:
        """Whether a proof of this strength links a second person."""
        match self:
            case SecondPerson.NOTIFY:
                return True
            case SecondPerson.CONTACT:
                return assurance.reaches(LinkAssurance.CONTACT_CONFIRMED)
            case SecondPerson.APPROVE | SecondPerson.INVITE_ONLY:
                return assurance.reaches(LinkAssurance.OWNER_APPROVED)
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondProofNeeded:
    """The claim is right and does not suffice: others are linked to the company."""

    policy: SecondPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondProof:
    """What a proof lacks; of two people who prove a company at once, one is its first until the commit."""

    links: Links
    policy: SecondPerson

    def __call__(self, person_id: str | None, proved: Proved) -> SecondProofNeeded | None:
        """`person_id` is None for somebody without an account."""
        if self.policy.admits(proved.assurance) or not self.links.is_second(person_id, proved.customer_id):
            return None
        return SecondProofNeeded(policy=self.policy)
