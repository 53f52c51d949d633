"""Leaving: the person gives up, and the client is told why."""

from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.leave import Leave
from idp.web.signin.interaction_pages import InteractionPages, onward


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveButton:
    """What the way out does, on whatever page it stands."""

    pages: InteractionPages
    leave: Leave

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_leave", __name__)
        routes.post("/signin/<interaction_id>/leave")(self.submit)
        return routes

    def submit(self, interaction_id: str) -> BaseResponse:
        """Raises the error that the client is answered with."""
        context = self.pages.enter(interaction_id)
        if context.is_over:
            return onward(context)
        raise self.leave(context.journey, context.now)
