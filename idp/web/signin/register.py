"""The page "Skapa användarkonto"."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.people.contact import FieldProblems
from idp.core.signin.steps.register import Blocked, OpenAccount, Opened
from idp.web.cookies import Cookie
from idp.web.errors import PageProblem
from idp.web.headers import allow_form_action
from idp.web.pages import show
from idp.web.services import services
from idp.web.session_end import end_session
from idp.web.signin.visit import Visit, acted, enter, expects, onward

blueprint = Blueprint("signin_register", __name__)

_FIELDS = ("name", "phone", "email")


@blueprint.get("/signin/<interaction_id>/register")
def page(interaction_id: str) -> BaseResponse:
    """Page E; the name comes filled in from BankID."""
    visit = enter(interaction_id)
    if not expects(visit, "register"):
        return onward(visit)
    return _show(visit, values={"name": _name(visit)}, errors={})


@blueprint.post("/signin/<interaction_id>/register")
def submit(interaction_id: str) -> BaseResponse:
    """Make the account; a session that stood before ends, because the person now logs in again.

    Raises PageProblem when this person's account is blocked.
    """
    visit = enter(interaction_id)
    if not expects(visit, "register"):
        return onward(visit)
    acted(visit)
    answer = _open_account()(visit.journey, request.form, visit.now)
    match answer:
        case Opened():
            response = onward(visit)
            if visit.journey.session is not None:
                services().cookies.erase(response, Cookie.SESSION, visit.client.sso_group)
            return response
        case Blocked():
            raise PageProblem("blocked", 403, client_id=visit.client.client_id)
        case FieldProblems(by_field=problems):
            typed = {name: request.form.get(name, "")[:200] for name in _FIELDS}
            return _show(visit, values=typed, errors={name: str(key) for name, key in problems.items()})


def _open_account() -> OpenAccount:
    known = services()
    return OpenAccount(people=known.people, interactions=known.interactions, end_session=end_session, audit=known.audit)


def _name(visit: Visit) -> str:
    identified = visit.interaction.identified
    if identified is not None and identified.pending is not None:
        return identified.pending.profile.name
    return visit.journey.person.name if visit.journey.person else ""


def _show(visit: Visit, *, values: dict[str, str], errors: dict[str, str]) -> BaseResponse:
    allow_form_action(visit.client_origin)
    linked = visit.interaction.linked
    customer = services().customers.find(linked.customer_id) if linked else None
    company = {"name": customer.name, "organisation_number": customer.organisation_number.shown} if customer else None
    return show(
        "signin/register.html",
        visit.language,
        http_status=422 if errors else 200,
        **visit.page_context,
        customer=company,
        values=values,
        errors=errors,
    )
