"""Claimant: who asks for a link in a login, as budgets, proofs and the audit log name this person."""

from datetime import datetime
from typing import Any

from idp.core.audit_log import Audit
from idp.core.events import LinkRefused
from idp.core.identification.caller_address import CallerAddress
from idp.core.linking.attempts import Claimant
from idp.core.overtaken import Overtaken
from idp.core.people.identity import Identity
from idp.core.people.person import Person
from idp.core.signin.journey import Journey
from idp.core.signin.ports import People


def identity_of(journey: Journey, people: People) -> Identity:
    """By which the person is counted, with or without an account; kept as a keyed hash only. Raises Overtaken for nobody."""
    identified = journey.ongoing.identified
    if identified is not None and identified.pending is not None:
        return identified.pending.identity
    if journey.person is None:
        raise Overtaken
    return people.identity_of(journey.person.id)


def claimant_of(journey: Journey, people: People, address: CallerAddress, reference: str) -> Claimant:
    """Who tries, by this login's identification or the session's. Raises Overtaken for nobody."""
    if journey.authentication_id is None or journey.verdict is None:
        raise Overtaken
    return Claimant(
        identity=identity_of(journey, people),
        person_id=journey.person_id,
        authentication_id=journey.authentication_id,
        verdict=journey.verdict.value,
        interaction_id=journey.ongoing.id,
        networks=address.networks,
        reference=reference,
    )


def facts_of(journey: Journey) -> dict[str, Any]:
    """Who tried, for which client, in which login."""
    return {
        "person_id": journey.person_id,
        "client_id": journey.client.client_id,
        "interaction_id": journey.ongoing.id,
    }


def note_refused(journey: Journey, audit: Audit, now: datetime, **guess: str) -> None:
    """A claim that is not true, or not any more; `guess` names who made it, in which try."""
    audit.record(LinkRefused(**facts_of(journey), **guess), now)


def account_of(journey: Journey) -> Person | None:
    """The person, when registered."""
    person = journey.person
    return person if person is not None and person.contact is not None else None
