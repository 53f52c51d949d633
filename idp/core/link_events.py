"""Audit events about what a second person of a company needs; the rules of `core/events.py` are theirs, too."""

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


LINK_EVENTS: tuple[type[Event], ...] = (SecondProofWanted, ContactCodeSent, ContactCodeRefused)
"""Every type above."""
