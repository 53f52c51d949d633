"""The page "Får {app} använda dina uppgifter?"."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.claims.table import consent_items
from idp.core.signin.steps.consent import Allowed, DecideConsent, Decision, Denied, asked_scope
from idp.web.headers import allow_form_action
from idp.web.pages import show
from idp.web.services import services
from idp.web.signin.visit import Visit, acted, enter, expects, onward

blueprint = Blueprint("signin_consent", __name__)


@blueprint.get("/signin/<interaction_id>/consent")
def page(interaction_id: str) -> BaseResponse:
    """Page H."""
    visit = enter(interaction_id)
    if not expects(visit, "consent"):
        return onward(visit)
    return _show(visit)


@blueprint.post("/signin/<interaction_id>/consent")
def submit(interaction_id: str) -> BaseResponse:
    """Remember an Allow; a Don't allow ends the interaction with access_denied."""
    visit = enter(interaction_id)
    if not expects(visit, "consent"):
        return onward(visit)
    try:
        decision = Decision(request.form.get("answer", ""))
    except ValueError:
        return _show(visit)
    acted(visit)
    match _decide()(visit.journey, decision, visit.now):
        case Allowed():
            return onward(visit)
        case Denied(error=error):
            raise error


def _decide() -> DecideConsent:
    known = services()
    return DecideConsent(
        interactions=known.interactions,
        consents=known.consents,
        audit=known.audit,
        lifetime=known.settings.sign_in.consent_lifetime,
    )


def _show(visit: Visit) -> BaseResponse:
    allow_form_action(visit.client_origin)
    person, customer_id = visit.journey.person, visit.journey.customer_id
    return show(
        "signin/consent.html",
        visit.language,
        **visit.page_context,
        items=consent_items(asked_scope(visit.request)),
        customer=person.link_to(customer_id) if person is not None and customer_id is not None else None,
    )
