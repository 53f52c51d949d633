"""The button "Legitimera dig igen": on a page that needs a better identification than the last."""

from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.identify_again import IdentifyAgain
from idp.web.signin.interaction_pages import InteractionPages, onward


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyAgainButton:
    """Leads to the page of the method of identification; what was typed is not kept."""

    pages: InteractionPages
    identify_again: IdentifyAgain

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_identify_again", __name__)
        routes.post("/signin/<interaction_id>/identify_again")(self.submit)
        return routes

    def submit(self, interaction_id: str) -> BaseResponse:
        """Only where somebody is identified and the login goes on; it asks for nothing that a new login would not."""
        context = self.pages.enter(interaction_id)
        if not context.is_over and context.required is not None and not context.is_identifying:
            self.identify_again(context.journey, context.now)
            self.pages.acted(context)
        return onward(context)
