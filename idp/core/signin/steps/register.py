"""Create the user account: name, phone and e-mail ("Skapa användarkonto")."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from idp.core.oidc.errors import ErrorCode
from idp.core.people.contact import FieldProblems, parse_contact
from idp.core.people.person import LinkAssurance, Person
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions, People, Registration
from idp.core.signin.step import Reason


class Register:
    """The client serves customers, and this person has no account, or one without contact details."""

    name: ClassVar[str] = "register"
    refusal: ClassVar[ErrorCode] = "interaction_required"

    def pending(self, journey: Journey) -> Reason | None:
        if not journey.client.require_customer_link:
            return None
        has_account = journey.person is not None and journey.person.contact is not None
        return None if has_account else Reason.NO_CONTACT_DETAILS


class OutOfTurn(Exception):
    """This page's work is done already, or not yet allowed; the dispatcher knows where the person is."""


def register(
    form: Mapping[str, str],
    interaction: Interaction,
    person: Person | None,
    *,
    personal_number: str,
    people: People,
    interactions: Interactions,
    assurance: LinkAssurance,
    now: datetime,
) -> Person | FieldProblems:
    """Make the account in one transaction: person, contact, link and notices. A repeat makes nothing twice.

    Raises OutOfTurn when nobody is identified or no customer is proved in this interaction.
    """
    identified, linked = interaction.identified, interaction.linked
    if identified is None or (linked is None and not (person and person.links)):
        raise OutOfTurn
    contact = parse_contact(form)
    if isinstance(contact, FieldProblems):
        return contact
    names = identified.pending or person
    if names is None:
        raise OutOfTurn
    registered = people.register(
        Registration(
            person_id=identified.person_id,
            personal_number=personal_number,
            name=names.name,
            given_name=names.given_name,
            surname=names.surname,
            contact=contact,
            customer_id=linked.customer_id if linked else None,
            customer_number=linked.number if linked else None,
            assurance=assurance,
            authentication_id=identified.authentication_id,
        ),
        now,
    )
    if not interactions.record_registered(interaction, registered.id, now):
        raise OutOfTurn
    return registered
