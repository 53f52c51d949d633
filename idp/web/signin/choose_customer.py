"""The page "Välj företag"."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.steps.choose_customer import NotTheirs, SelectCustomer, Selected
from idp.web.cookies import Cookie
from idp.web.headers import allow_form_action
from idp.web.pages import show
from idp.web.services import services
from idp.web.signin.visit import Visit, acted, enter, expects, onward

blueprint = Blueprint("signin_choose", __name__)


@blueprint.get("/signin/<interaction_id>/choose")
def page(interaction_id: str) -> BaseResponse:
    """Page G."""
    visit = enter(interaction_id)
    if not expects(visit, "choose"):
        return onward(visit)
    return _show(visit, errors={})


@blueprint.post("/signin/<interaction_id>/choose")
def submit(interaction_id: str) -> BaseResponse:
    """Take the choice, one of the person's own companies only."""
    visit = enter(interaction_id)
    if not expects(visit, "choose"):
        return onward(visit)
    acted(visit)
    select = SelectCustomer(interactions=services().interactions)
    match select(visit.journey, request.form.get("customer", ""), visit.now):
        case NotTheirs():
            return _show(visit, errors={"customer": "field.customer.missing"})
        case Selected(customer_id=customer_id):
            response = onward(visit)
            if request.form.get("remember") == "1":
                services().cookies.write(response, Cookie.CUSTOMER, customer_id)
            return response


def _show(visit: Visit, *, errors: dict[str, str]) -> BaseResponse:
    allow_form_action(visit.client_origin)
    links = visit.journey.person.links if visit.journey.person else ()
    return show(
        "signin/choose_customer.html",
        visit.language,
        http_status=422 if errors else 200,
        **visit.page_context,
        customers=[
            {
                "id": link.customer_id,
                "name": link.name,
                "organisation_number": link.organisation_number.shown,
                "city": link.city or None,
                "customer_number": link.number.value,
            }
            for link in links
        ],
        selected=visit.journey.remembered_customer_id,
        errors=errors,
    )
