"""The page "Logga in med era gamla inloggningsuppgifter"."""

import re
from datetime import datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.budgets import Budget, Exhausted
from idp.core.events import LinkPaused, LinkProved, LinkRefused, LinkShutOut
from idp.core.people.contact import FieldProblems
from idp.core.people.person import LinkAssurance
from idp.core.signin.interaction import Linked
from idp.core.signin.steps.link_customer import LinkingPolicy, Mismatch, link_customer
from idp.web.errors import PageProblem
from idp.web.headers import allow_form_action
from idp.web.pages import show
from idp.web.services import services
from idp.web.signin.visit import Visit, acted, enter, expects, onward

blueprint = Blueprint("signin_link", __name__)

_FIELDS = ("customer_number", "last_four")
_SO_MANY_DIGITS = re.compile(r"(?:\[0-9\]|\\d)\{([0-9]+)(?:,([0-9]+))?\}")
"""The patterns of customer numbers that can be said in words."""


@blueprint.get("/signin/<interaction_id>/link")
def page(interaction_id: str) -> BaseResponse:
    """Page D; it can be seen again by the back button until the account exists."""
    visit = enter(interaction_id)
    if not (expects(visit, "link") or _may_reconsider(visit)):
        return onward(visit)
    return _show(visit, values={}, errors={})


@blueprint.post("/signin/<interaction_id>/link")
def submit(interaction_id: str) -> BaseResponse:
    """Check one try; a wrong one is told beside the fields, too many on a page of their own."""
    visit = enter(interaction_id)
    if not (expects(visit, "link") or _may_reconsider(visit)):
        return onward(visit)
    acted(visit)
    known = services()
    answer = link_customer(
        request.form,
        person_key=_person_key(visit),
        customers=known.customers,
        budgets=known.budgets,
        policy=_policy(),
        now=visit.now,
    )
    match answer:
        case Linked():
            return _linked(visit, answer)
        case Mismatch(left=left, until=until):
            known.audit.record(LinkRefused(**_facts(visit)), visit.now)
            if until is not None:
                raise _locked(visit, until)
            return _show(visit, values=_typed(), errors={"pair": "field.pair.mismatch"}, attempts_left=left)
        case Exhausted(until=until):
            known.audit.record(LinkPaused(**_facts(visit)), visit.now)
            raise _locked(visit, until)
        case FieldProblems(by_field=problems):
            return _show(visit, values=_typed(), errors={name: _in_words(str(key)) for name, key in problems.items()})


def _locked(visit: Visit, until: datetime) -> PageProblem:
    return PageProblem("locked", 429, {"wait": until - visit.now}, client_id=visit.client.client_id)


def _linked(visit: Visit, linked: Linked) -> BaseResponse:
    """An account that exists already takes the company at once; otherwise registration will.

    Raises PageProblem when the person was shut out of this company: the old digits do not open it again.
    """
    known = services()
    person = visit.journey.person
    if person is not None and person.contact is not None:
        known.customers.link(person.id, linked.customer_id, linked.number, LinkAssurance.LEGACY_KNOWLEDGE, visit.now)
        updated = known.people.find(person.id)
        if updated is None or updated.link_to(linked.customer_id) is None:
            known.audit.record(LinkShutOut(person_id=person.id, customer_id=linked.customer_id), visit.now)
            raise PageProblem("blocked", 403, client_id=visit.client.client_id, detail="the link is suspended")
    known.interactions.record_linked(visit.interaction, linked, visit.now)
    known.audit.record(LinkProved(**_facts(visit), customer_id=linked.customer_id), visit.now)
    return onward(visit)


def _facts(visit: Visit) -> dict[str, Any]:
    """Who tried, for which client, in which login."""
    return {"person_id": visit.person_id, "client_id": visit.client.client_id, "interaction_id": visit.id}


def _may_reconsider(visit: Visit) -> bool:
    """Until the account exists another company can be chosen."""
    return visit.interaction.linked is not None and expects(visit, "register")


def _person_key(visit: Visit) -> str:
    """Names the identified person in the counters; the port keeps it as a keyed hash only."""
    identified = visit.interaction.identified
    if identified is not None and identified.pending is not None:
        return identified.pending.personal_number
    if visit.journey.person is None:
        raise PageProblem("expired")
    return services().people.personal_number(visit.journey.person.id)


def _policy() -> LinkingPolicy:
    linking = services().settings.linking
    return LinkingPolicy(
        pattern=linking.customer_number_pattern,
        per_person=Budget(limit=linking.tries_per_person, window=linking.window),
        per_customer=Budget(limit=linking.tries_per_customer, window=linking.window),
    )


def _in_words(key: str) -> str:
    """A number that is not in the register's pattern is told by its length, where the pattern has one."""
    lengths = _digits_of_a_number()
    if key != "field.customer_number.malformed" or not lengths:
        return key
    return "field.customer_number.length" if lengths["least"] == lengths["most"] else "field.customer_number.lengths"


def _digits_of_a_number() -> dict[str, int]:
    """How many digits a customer number has, at least and at most; empty when the pattern says no such thing."""
    found = _SO_MANY_DIGITS.fullmatch(services().settings.linking.customer_number_pattern)
    return {} if found is None else {"least": int(found[1]), "most": int(found[2] or found[1])}


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "")[:100] for name in _FIELDS}


def _show(
    visit: Visit, *, values: dict[str, str], errors: dict[str, str], attempts_left: int | None = None
) -> BaseResponse:
    allow_form_action(visit.client_origin)
    linked = visit.interaction.linked
    accepted = services().customers.find(linked.customer_id) if linked else None
    shown: dict[str, Any] = {
        "first_name": _first_name(visit),
        "values": values,
        "errors": errors,
        "error_values": _digits_of_a_number(),
        "attempts_left": attempts_left,
        "accepted": {"name": accepted.name, "organisation_number": accepted.organisation_number.shown}
        if accepted
        else None,
    }
    return show(
        "signin/link_customer.html", visit.language, http_status=422 if errors else 200, **visit.page_context, **shown
    )


def _first_name(visit: Visit) -> str | None:
    identified = visit.interaction.identified
    given = identified.pending.given_name if identified and identified.pending else None
    if given is None and visit.journey.person is not None:
        given = visit.journey.person.given_name
    return given.split()[0].title() if given and given.split() else None
