"""Staying: "Ja, fortsätt" gives a form that is being filled in its whole time again (WCAG 2.2.1)."""

from dataclasses import dataclass

from flask import Blueprint, Response, jsonify

from idp.web.signin.interaction_pages import InteractionPages


@dataclass(frozen=True, slots=True, kw_only=True)
class StayButton:
    """What the warning's button does, and what typing does by itself from time to time."""

    pages: InteractionPages

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_stay", __name__)
        routes.post("/signin/<interaction_id>/stay")(self.submit)
        return routes

    def submit(self, interaction_id: str) -> Response:
        """How long the login waits from now on. Raises PageProblem when it has not waited."""
        context = self.pages.enter(interaction_id)
        self.pages.acted(context)
        return jsonify({"seconds_left": self.pages.seconds_left(context)})
