"""The page that says how somebody gets into a company whose people are invited only."""

from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from idp.core.linking.ports import Contacts
from idp.core.signin.steps.invitation import BeInvited
from idp.web.signin.interaction_pages import InteractionPages, onward


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationNeededPage:
    """Tells nobody who is linked."""

    pages: InteractionPages
    contacts: Contacts

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_invitation", __name__)
        routes.get("/signin/<interaction_id>/invitation")(self.page)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """What to do now, and the way to another company."""
        context = self.pages.enter(interaction_id)
        linked = context.interaction.linked
        if not context.is_at(BeInvited.name) or linked is None:
            return onward(context)
        on_file = self.contacts.on_file(linked.number)
        company = on_file.customer_name if on_file is not None else linked.number
        return self.pages.show("signin/invitation.html", context, company=company)
