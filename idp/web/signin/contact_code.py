"""The page on which a person brings a code from the company's contact on file."""

from dataclasses import dataclass
from typing import Any, assert_never

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.linking.ports import Contacts, NumberMoved, OnFile, ShutOut
from idp.core.people.contact import Email, FieldProblem
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.steps.contact_code import (
    BringContactCode,
    CodeOver,
    CodeSent,
    EnterContactCode,
    NoMoreCodes,
    SendContactCode,
    WrongCode,
)
from idp.core.signin.steps.link_customer import LinkCustomer
from idp.web.client_address import ReadCallerAddress
from idp.web.error_handlers import PageProblem
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward, wants_other_language


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCodePage:
    """Shows whom a code goes to only to a person whose claim was right; others read the same for every number."""

    pages: InteractionPages
    contacts: Contacts
    send_code: SendContactCode
    enter_code: EnterContactCode
    caller_address: ReadCallerAddress

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_contact_code", __name__)
        routes.get("/signin/<interaction_id>/contact_code")(self.page)
        routes.post("/signin/<interaction_id>/contact_code")(self.submit)
        routes.post("/signin/<interaction_id>/contact_code/send")(self.send)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """A button that sends a code, or the field for it."""
        context = self.pages.enter(interaction_id)
        return self._show(context) if context.is_at(BringContactCode.name) else onward(context)

    def send(self, interaction_id: str) -> BaseResponse:
        """Send a code, the first or another. Raises PageProblem when there have been too many."""
        context = self.pages.enter(interaction_id)
        if not (context.is_at(BringContactCode.name) or context.is_at(LinkCustomer.name)):
            return onward(context)
        self.pages.acted(context)
        typed = request.form.get("customer_number", "")
        match self.send_code(context.journey, typed, self.caller_address(), context.now):
            case CodeSent():
                return onward(context)
            case NoMoreCodes(until=until):
                client_id, wait = context.client.client_id, {"wait": until - context.now}
                raise PageProblem("codes_used_up", 429, wait, client_id=client_id)

    def submit(self, interaction_id: str) -> BaseResponse:
        """Compare what was typed.

        Raises PageProblem for a person whom an operator keeps out, and for a number that has just moved.
        """
        context = self.pages.enter(interaction_id)
        if not context.is_at(BringContactCode.name):
            return onward(context)
        self.pages.acted(context)
        typed = request.form.get("code", "")[:40]
        if wants_other_language():
            return self._show(context, values={"code": typed})
        answer = self.enter_code(context.journey, typed, self.caller_address(), context.now)
        client_id = context.client.client_id
        match answer:
            case ProvedNumber():
                return onward(context)
            case ShutOut():
                raise PageProblem("blocked", 403, client_id=client_id, detail="the link is suspended")
            case NumberMoved():
                raise PageProblem("number_moved", 409, client_id=client_id)
            case FieldProblem():
                return self._show(context, values={"code": typed}, errors={"code": str(answer)})
            case WrongCode(left=0) | CodeOver():
                return self._show(context, errors={"code": "field.code.over"}, over=True)
            case WrongCode(left=left):
                key = "field.code.wrong_one_left" if left == 1 else "field.code.wrong"
                return self._show(context, errors={"code": key}, error_values={"n": left})
            case _:
                assert_never(answer)

    def _show(
        self,
        context: InteractionContext,
        *,
        values: dict[str, str] | None = None,
        errors: dict[str, str] | None = None,
        over: bool = False,
        **error_values: Any,
    ) -> BaseResponse:
        linked, code = context.interaction.linked, context.interaction.contact_code
        on_file = self.contacts.on_file(linked.number) if linked is not None else None
        return self.pages.show(
            "signin/contact_code.html",
            context,
            http_status=422 if errors else 200,
            company=on_file.customer_name if on_file else None,
            masked=_masked(on_file),
            customer_number=linked.number if linked else code.number if code else "",
            sent=code is not None,
            over=over or (code is not None and code.is_over(context.now)),
            until=self.pages.pages.brand.local(code.expires_at).split(" ")[1] if code else None,
            values=values or {},
            errors=errors or {},
            **{"error_values": {}} | error_values,
        )


def _masked(on_file: OnFile | None) -> str | None:
    return Email(on_file.email).masked if on_file is not None and on_file.email else None
