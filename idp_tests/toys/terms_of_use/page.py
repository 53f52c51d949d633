"""The toy step's page."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from idp.web.signin.interaction_pages import InteractionPages, onward
from idp_tests.toys.terms_of_use.step import AcceptTerms, TermsOfUse


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPage:
    """One button."""

    pages: InteractionPages
    accept: AcceptTerms

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_terms", __name__, template_folder=str(Path(__file__).parent / "templates"))
        routes.get("/signin/<interaction_id>/terms")(self.page)
        routes.post("/signin/<interaction_id>/terms")(self.submit)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        context = self.pages.enter(interaction_id)
        return self.pages.show("signin/terms.html", context) if context.is_at(TermsOfUse.name) else onward(context)

    def submit(self, interaction_id: str) -> BaseResponse:
        context = self.pages.enter(interaction_id)
        if context.is_at(TermsOfUse.name):
            self.accept(context.journey, context.now)
        return onward(context)
