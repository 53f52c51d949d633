"""Take an invitation as a person with an account, outside of a login's steps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.core.linking.invitation import Invitation, Invitations
from idp.core.linking.link_person import LinkPerson
from idp.core.linking.ports import AlreadyLinked, Linked
from idp.core.linking.prove_claim import Proved
from idp.core.people.identity import Identity
from idp.core.people.person import Person


class IdentityOf(Protocol):
    """How a person is known."""

    def identity_of(self, person_id: str) -> Identity: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn:
    """The person is linked, by this invitation."""

    invitation: Invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class NotForThisPerson:
    """It is over, somebody else took it, its giver takes it, or the company does not open to this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAsPerson:
    """Who took it on the way through a login, while the account was made, is let in already."""

    invitations: Invitations
    people: IdentityOf
    link_person: LinkPerson

    def __call__(
        self, person: Person, secret: str, now: datetime, *, authentication_id: str
    ) -> LetIn | NotForThisPerson:
        """The invitation's row first: whoever loses it links nobody."""
        identity = self.people.identity_of(person.id)
        taken = self.invitations.taken_by(secret, identity, now)
        if taken is not None and person.link_to(taken.customer_id) is not None:
            return LetIn(invitation=taken)
        found = taken or self.invitations.find(secret, now)
        if found is None or not self.invitations.take(found.id, identity, now):
            return NotForThisPerson()
        proved = Proved(customer_id=found.customer_id, number=found.number, assurance=found.assurance)
        match self.link_person(person.id, proved, now, authentication_id=authentication_id):
            case Linked() | AlreadyLinked():
                return LetIn(invitation=found)
            case _:
                return NotForThisPerson()
