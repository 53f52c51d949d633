"""The page "Får {app} använda dina uppgifter?"."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.events import ConsentAllowed, ConsentDenied
from idp.core.oidc.claims.table import consent_items
from idp.core.oidc.errors import Redirected
from idp.core.signin.interaction import Consented, Outcome
from idp.core.signin.steps.consent import asked_scope, consent_for
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
    match request.form.get("answer"):
        case "allow":
            return _allow(visit)
        case "deny":
            return _deny(visit)
        case _:
            return _show(visit)


def _allow(visit: Visit) -> BaseResponse:
    known, person = services(), visit.journey.person
    scope = tuple(sorted(consent_for(visit.journey)))
    acted(visit)
    recorded = known.interactions.record_consent(visit.interaction, Consented(at=visit.now, scope=scope), visit.now)
    if recorded and person is not None:
        expires_at = visit.now + known.settings.sign_in.consent_lifetime
        known.consents.allow(person.id, visit.client.client_id, scope, visit.now, expires_at)
        allowed = ConsentAllowed(person_id=person.id, client_id=visit.client.client_id, scope=scope)
        known.audit.record(allowed, visit.now)
    return onward(visit)


def _deny(visit: Visit) -> BaseResponse:
    known = services()
    known.interactions.finish(visit.id, None, Outcome.LEFT, visit.now)
    denied = ConsentDenied(person_id=visit.person_id, client_id=visit.client.client_id, interaction_id=visit.id)
    known.audit.record(denied, visit.now)
    raise Redirected(
        code="access_denied",
        description="The person did not allow the request",
        reply_to=visit.request.reply_to,
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
