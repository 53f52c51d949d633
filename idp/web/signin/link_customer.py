"""The page "Logga in med era gamla inloggningsuppgifter"."""

import re
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.budgets import Budget, Exhausted
from idp.core.linking.prove_claim import LinkingPolicy, Mismatch, ProveClaim
from idp.core.people.contact import FieldProblems
from idp.core.signin.interaction import Linked
from idp.core.signin.steps.link_customer import ClaimCustomer, ShutOut
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
    answer = _claim()(visit.journey, request.form, visit.now)
    match answer:
        case Linked():
            return onward(visit)
        case ShutOut():
            client_id = visit.client.client_id
            raise PageProblem("blocked", 403, client_id=client_id, detail="the link is suspended")
        case Mismatch(left=left, until=None):
            return _show(visit, values=_typed(), errors={"pair": "field.pair.mismatch"}, attempts_left=left)
        case Mismatch(until=until) | Exhausted(until=until):
            wait = until - visit.now if until else None
            raise PageProblem("locked", 429, {"wait": wait}, client_id=visit.client.client_id)
        case FieldProblems(by_field=problems):
            return _show(visit, values=_typed(), errors={name: _in_words(str(key)) for name, key in problems.items()})


def _may_reconsider(visit: Visit) -> bool:
    """Until the account exists another company can be chosen."""
    return visit.interaction.linked is not None and expects(visit, "register")


def _claim() -> ClaimCustomer:
    known, linking = services(), services().settings.linking
    policy = LinkingPolicy(
        pattern=linking.customer_number_pattern,
        per_person=Budget(limit=linking.tries_per_person, window=linking.window),
        per_customer=Budget(limit=linking.tries_per_customer, window=linking.window),
    )
    return ClaimCustomer(
        prove=ProveClaim(customers=known.customers, budgets=known.budgets, policy=policy),
        links=known.links,
        people=known.people,
        interactions=known.interactions,
        audit=known.audit,
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
    given = identified.pending.profile.given_name if identified and identified.pending else None
    if given is None and visit.journey.person is not None:
        given = visit.journey.person.given_name
    return given.split()[0].title() if given and given.split() else None
