"""The page on which a person asks the people of a company to be let in, and waits for their answer."""

from dataclasses import dataclass
from typing import Any, assert_never

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.linking.approval import Answer, Approval
from idp.core.linking.ports import Contacts, NumberMoved, ShutOut
from idp.core.people.contact import FieldProblem
from idp.core.signin.claimant import account_of
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.steps.approval import AskForApproval, FollowApproval, NoMoreRequests, NotAsked, WaitForApproval
from idp.web.error_handlers import PageProblem
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward, wants_other_language


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPage:
    """It may be left: the request stands, and another login goes on with it."""

    pages: InteractionPages
    contacts: Contacts
    ask: AskForApproval
    follow: FollowApproval

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_approval", __name__)
        routes.get("/signin/<interaction_id>/approval")(self.page)
        routes.post("/signin/<interaction_id>/approval")(self.submit)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """How the request stands; an approval leads on.

        Raises PageProblem for a person whom an operator keeps out, and for a number that has moved.
        """
        context = self.pages.enter(interaction_id)
        if not context.is_at(WaitForApproval.name):
            return onward(context)
        client_id = context.client.client_id
        answer = self.follow(context.journey, context.now)
        match answer:
            case ProvedNumber():
                return onward(context)
            case ShutOut():
                raise PageProblem("blocked", 403, client_id=client_id, detail="the link is suspended")
            case NumberMoved():
                raise PageProblem("number_moved", 409, client_id=client_id)
            case NotAsked():
                return self._show(context, "ask")
            case Approval():
                state = "refused" if answer.answer is Answer.REFUSED else "waiting"
                return self._show(context, state, address=answer.asker_email)
            case _:
                assert_never(answer)

    def submit(self, interaction_id: str) -> BaseResponse:
        """Ask. Raises PageProblem when there have been too many requests."""
        context = self.pages.enter(interaction_id)
        if not context.is_at(WaitForApproval.name):
            return onward(context)
        self.pages.acted(context)
        typed = request.form.get("email", "")[:300]
        if wants_other_language():
            return self._show(context, "ask", values={"email": typed})
        match self.ask(context.journey, typed, context.now):
            case Approval():
                return onward(context)
            case FieldProblem() as problem:
                return self._show(context, "ask", values={"email": typed}, errors={"email": str(problem)})
            case NoMoreRequests(until=until):
                wait = {"wait": until - context.now}
                raise PageProblem("requests_used_up", 429, wait, client_id=context.client.client_id)

    def _show(
        self,
        context: InteractionContext,
        state: str,
        *,
        values: dict[str, str] | None = None,
        errors: dict[str, str] | None = None,
        **shown: Any,
    ) -> BaseResponse:
        linked, account = context.interaction.linked, account_of(context.journey)
        on_file = self.contacts.on_file(linked.number) if linked is not None else None
        return self.pages.show(
            "signin/approval.html",
            context,
            http_status=422 if errors else 200,
            state=state,
            company=on_file.customer_name if on_file else linked.number if linked else "",
            known_address=account.contact.email.address if account is not None and account.contact else None,
            values=values or {},
            errors=errors or {},
            **{"address": ""} | shown,
        )
