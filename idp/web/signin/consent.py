"""The page "Får {app} använda dina uppgifter?"."""

from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.steps.consent import Allowed, Consent, DecideConsent, Decision, Denied, asked
from idp.web.signin.choose_customer import taken_back
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward, wants_other_language


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPage:
    """Page H."""

    pages: InteractionPages
    decide: DecideConsent

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_consent", __name__)
        routes.get("/signin/<interaction_id>/consent")(self.page)
        routes.post("/signin/<interaction_id>/consent")(self.submit)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """Ask, in words that a person understands."""
        context = self.pages.enter(interaction_id)
        return self._show(context) if context.is_at(Consent.name) else onward(context)

    def submit(self, interaction_id: str) -> BaseResponse:
        """Remember an Allow; a Don't allow answers the client with an error, which is raised."""
        context = self.pages.enter(interaction_id)
        if not context.is_at(Consent.name):
            return onward(context)
        if wants_other_language():
            return self._show(context)
        try:
            decision = Decision(request.form.get("answer", ""))
        except ValueError:
            return self._show(context)
        self.pages.acted(context)
        match self.decide(context.journey, decision, context.now):
            case Allowed():
                return onward(context)
            case Denied(error=error):
                raise error

    def _show(self, context: InteractionContext) -> BaseResponse:
        customer_id, recent = context.journey.customer_id, taken_back(context.journey)
        return self.pages.show(
            "signin/consent.html",
            context,
            asked=asked(context.journey),
            taken_back={customer_id: recent[customer_id]} if customer_id is not None and customer_id in recent else {},
        )
