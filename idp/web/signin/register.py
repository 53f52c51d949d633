"""The page "Skapa användarkonto"."""

from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.accounts.open_account import Blocked, Opened
from idp.core.linking.ports import Customers, NumberMoved, ShutOut
from idp.core.linking.second_person import SecondProofNeeded
from idp.core.people.contact import FieldProblems
from idp.core.signin.steps.register import Register, SubmitContact
from idp.web.cookies import Cookie
from idp.web.error_handlers import PageProblem
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward, wants_other_language

_FIELDS = ("name", "phone", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """Page E."""

    pages: InteractionPages
    customers: Customers
    submit_contact: SubmitContact

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_register", __name__)
        routes.get("/signin/<interaction_id>/register")(self.page)
        routes.post("/signin/<interaction_id>/register")(self.submit)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """The name comes filled in from BankID."""
        context = self.pages.enter(interaction_id)
        if not context.is_at(Register.name):
            return onward(context)
        return self._show(context, values={"name": context.journey.name}, errors={})

    def submit(self, interaction_id: str) -> BaseResponse:
        """Make the account; then the person logs in again.

        Raises PageProblem when this person's account is blocked, or the company that was proved does not open any more.
        """
        context = self.pages.enter(interaction_id)
        if not context.is_at(Register.name):
            return onward(context)
        self.pages.acted(context)
        if wants_other_language():
            return self._show(context, values=_typed(), errors={})
        answer = self.submit_contact(context.journey, request.form, context.now)
        match answer:
            case Opened():
                return self._without_session(context)
            case SecondProofNeeded():
                return onward(context)
            case Blocked():
                raise PageProblem("blocked", 403, client_id=context.client.client_id)
            case ShutOut():
                client_id = context.client.client_id
                raise PageProblem("blocked", 403, client_id=client_id, detail="the link is suspended")
            case NumberMoved():
                raise PageProblem("number_moved", 409, client_id=context.client.client_id)
            case FieldProblems(by_field=problems):
                return self._show(context, values=_typed(), errors={name: str(key) for name, key in problems.items()})

    def _without_session(self, context: InteractionContext) -> BaseResponse:
        response = onward(context)
        if context.journey.session is not None:
            self.pages.cookies.erase(response, Cookie.SESSION, context.client.sso_group)
        return response

    def _show(self, context: InteractionContext, *, values: dict[str, str], errors: dict[str, str]) -> BaseResponse:
        linked = context.interaction.linked
        customer = self.customers.find(linked.customer_id) if linked else None
        company = (
            {"name": customer.name, "organisation_number": customer.organisation_number.shown} if customer else None
        )
        return self.pages.show(
            "signin/register.html",
            context,
            http_status=422 if errors else 200,
            first_login=context.journey.is_first_login,
            customer=company,
            values=values,
            errors=errors,
        )


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "")[:200] for name in _FIELDS}
