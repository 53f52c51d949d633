"""The page "Du är inloggad": answers a native app by a link that a person can press."""

from dataclasses import dataclass

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.answer import Answer
from idp.web.answer import ClientAnswers
from idp.web.signin.interaction_pages import InteractionPages


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnToAppPage:
    """Page I."""

    pages: InteractionPages
    answer: Answer
    client_answers: ClientAnswers

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_return_to_app", __name__)
        routes.get("/signin/<interaction_id>/return_to_app")(self.page)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """The answer is made here, so that a tab which was put aside does not hold a code that has run out."""
        context = self.pages.enter(interaction_id)
        if context.is_over or context.required is not None or not context.client.is_native:
            return redirect(context.base, code=303)
        response = self.answer(context.journey, context.now)
        return self.client_answers.show_way_back(response, context.app, context.language)
