"""Audit events about guessing, about freezing, and about what a second person of a company needs; the rules of `core/events.py` are theirs, too."""

from idp.core.audit_log import Event, event


@event("link.second_proof_needed")
class SecondProofWanted(Event):
    """The person's claim was right, and because the company has linked people, the policy asks for more."""

    person_id: str | None
    client_id: str
    interaction_id: str
    customer_id: str
    policy: str


@event("link.contact_code_sent")
class ContactCodeSent(Event):
    """The person asked for a code to a company's contact on file; without a customer, nobody got one."""

    person_id: str | None
    client_id: str
    interaction_id: str
    customer_id: str | None


@event("link.contact_code_refused")
class ContactCodeRefused(Event):
    """The person brought a wrong code of a company's contact on file."""

    person_id: str | None
    client_id: str
    interaction_id: str


@event("linking.alarm")
class LinkingAlarm(Event):
    """Guessing begins to look like an attack: four digits are off for everybody, or a company or a person has no tries left."""

    alarm: str
    guesser: str
    reference: str


@event("link.frozen")
class LinkFrozen(Event):
    """Somebody who was told of the new user froze the link: the person is out, logged out everywhere, and was told."""

    person_id: str
    customer_id: str
    told: str
    reference: str


@event("link.approval_asked")
class ApprovalAsked(Event):
    """The person asked the people of a company to be let in."""

    person_id: str | None
    client_id: str
    interaction_id: str
    customer_id: str


@event("link.approved")
class AccessApproved(Event):
    """The person let somebody else, who had asked, into the own company."""

    person_id: str
    customer_id: str
    approval_id: str


@event("link.approval_refused")
class AccessRefused(Event):
    """The person refused to let somebody else, who had asked, into the own company."""

    person_id: str
    customer_id: str
    approval_id: str


@event("link.invited")
class PersonInvited(Event):
    """Somebody was invited to a company by e-mail: by the person, or by an operator."""

    person_id: str | None
    customer_id: str
    invitation_id: str
    operator: str | None = None
    case_id: str | None = None


LINK_EVENTS: tuple[type[Event], ...] = (
    LinkFrozen,
    LinkingAlarm,
    SecondProofWanted,
    ContactCodeSent,
    ContactCodeRefused,
    ApprovalAsked,
    AccessApproved,
    AccessRefused,
    PersonInvited,
)
"""Every type above."""
