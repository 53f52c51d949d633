"""The buttons around a person's companies: link one more, or not after all, and take a wrong one back."""

from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.new_customer import (
    AskForNewCustomer,
    DeclineNewCustomer,
    TakeBackCustomer,
    may_ask,
    may_decline,
    may_take_back,
)
from idp.web.signin.interaction_pages import InteractionPages, onward


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomerButtons:
    """Each ends at the dispatcher, which knows the page that follows; pressed out of turn they do nothing."""

    pages: InteractionPages
    ask: AskForNewCustomer
    decline: DeclineNewCustomer
    take_back: TakeBackCustomer

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_new_customer", __name__, url_prefix="/signin/<interaction_id>/new_customer")
        routes.post("/ask")(self.submit_ask)
        routes.post("/decline")(self.submit_decline)
        routes.post("/take_back")(self.submit_take_back)
        return routes

    def submit_ask(self, interaction_id: str) -> BaseResponse:
        """One more company, please."""
        context = self.pages.enter(interaction_id)
        if may_ask(context.required):
            self.pages.acted(context)
            self.ask(context.journey, context.now)
        return onward(context)

    def submit_decline(self, interaction_id: str) -> BaseResponse:
        """The companies that are there will do."""
        context = self.pages.enter(interaction_id)
        if may_decline(context.journey):
            self.pages.acted(context)
            self.decline(context.journey, context.now)
        return onward(context)

    def submit_take_back(self, interaction_id: str) -> BaseResponse:
        """That was the wrong company."""
        context = self.pages.enter(interaction_id)
        if may_take_back(context.required):
            self.pages.acted(context)
            self.take_back(context.journey, request.form.get("customer", ""), context.now)
        return onward(context)
