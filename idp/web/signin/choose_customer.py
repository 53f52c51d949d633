"""The page "Välj företag"."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.journey import Journey
from idp.core.signin.steps.choose_customer import ChooseCustomer, NotTheirs, SelectCustomer, Selected
from idp.web.cookies import Cookie
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward, wants_other_language


def taken_back(journey: Journey) -> Mapping[str, str]:
    """Companies that may be taken back here, their names by id."""
    return {link.customer_id: link.name for link in journey.linked_lately}


def _likely(journey: Journey) -> str | None:
    """What was linked last in this login, the only one, or what was chosen last time on this device."""
    if journey.ongoing.linked is not None:
        return journey.ongoing.linked.customer_id
    return journey.customer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseCustomerPage:
    """Page G."""

    pages: InteractionPages
    select: SelectCustomer

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_choose", __name__)
        routes.get("/signin/<interaction_id>/choose")(self.page)
        routes.post("/signin/<interaction_id>/choose")(self.submit)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """All of the person's companies, with what tells them apart."""
        context = self.pages.enter(interaction_id)
        return self._show(context, errors={}) if context.is_at(ChooseCustomer.name) else onward(context)

    def submit(self, interaction_id: str) -> BaseResponse:
        """Take the choice, and remember it on this device if the person wishes."""
        context = self.pages.enter(interaction_id)
        if not context.is_at(ChooseCustomer.name):
            return onward(context)
        self.pages.acted(context)
        if wants_other_language():
            return self._show(context, errors={})
        match self.select(context.journey, request.form.get("customer", ""), context.now):
            case NotTheirs():
                return self._show(context, errors={"customer": "field.customer.missing"})
            case Selected(customer_id=customer_id):
                response = onward(context)
                if request.form.get("remember") == "1":
                    self.pages.cookies.write(response, Cookie.CUSTOMER, customer_id)
                return response

    def _show(self, context: InteractionContext, *, errors: dict[str, str]) -> BaseResponse:
        links = context.journey.person.links if context.journey.person else ()
        return self.pages.show(
            "signin/choose_customer.html",
            context,
            http_status=422 if errors else 200,
            customers=[
                {
                    "id": link.customer_id,
                    "name": link.name,
                    "organisation_number": link.organisation_number.shown,
                    "city": link.city or None,
                    "customer_number": link.number.value,
                }
                for link in links
            ],
            selected=request.form.get("customer", _likely(context.journey)),
            taken_back=taken_back(context.journey),
            remember=request.form.get("remember") == "1",
            errors=errors,
        )
