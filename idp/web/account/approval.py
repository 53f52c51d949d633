"""The page behind the link in an e-mail: somebody asks to be let into a company, and one of its people answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from idp.core.linking.approval import Answer, Answered, Approval, DecideApproval, NotTheirs
from idp.core.people.person import Person
from idp.web.account.own_login import OwnLogin
from idp.web.pages import Pages

_ANSWERS = {"approve": Answer.APPROVED, "refuse": Answer.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerApproval:
    """Says who asks, and for which company, only to who is linked to it and has just identified."""

    decide: DecideApproval
    own_login: OwnLogin
    pages: Pages
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("approvals", __name__)
        routes.get("/approvals/<approval_id>")(self.page)
        routes.post("/approvals/<approval_id>")(self.submit)
        routes.get("/approvals/<approval_id>/log-in")(self.log_in)
        return routes

    def page(self, approval_id: str) -> BaseResponse:
        """The request and two buttons; a button that logs in for who has not identified just now."""
        now = self.clock()
        person = self.own_login.person(now)
        if person is None:
            return self._show("log_in", approval_id)
        approval = self.decide.look(approval_id, person, now)
        if isinstance(approval, NotTheirs):
            return self._show("not_yours", approval_id, person=person)
        if approval.answer is not Answer.AWAITED:
            return self._show(approval.answer.value, approval_id, person=person, approval=approval)
        return self._show("ask", approval_id, person=person, approval=approval)

    def log_in(self, approval_id: str) -> BaseResponse:
        """To BankID and back here."""
        return self.own_login.start(f"approvals/{approval_id}")

    def submit(self, approval_id: str) -> BaseResponse:
        """Answer, once; afterwards the page says which answer stands."""
        now, answer = self.clock(), _ANSWERS.get(request.form.get("answer", ""))
        person = self.own_login.person(now)
        if person is not None and answer is not None:
            match self.decide(approval_id, person, answer, now):
                case Answered():
                    pass
                case NotTheirs():
                    return self._show("not_yours", approval_id, person=person)
        return redirect(url_for("approvals.page", approval_id=approval_id), code=303)

    def _show(
        self, state: str, approval_id: str, *, person: Person | None = None, approval: Approval | None = None
    ) -> BaseResponse:
        link = person.link_to(approval.customer_id) if person is not None and approval is not None else None
        shown: dict[str, Any] = {
            "asker": approval.asker_name if approval is not None else "",
            "company": link.name if link is not None else "",
            "number": approval.number if approval is not None else "",
            "asked_at": self.pages.brand.local(approval.asked_at) if approval is not None else "",
        }
        return self.pages.show(
            "account/approval.html",
            self.pages.language(),
            http_status=404 if state == "not_yours" else 200,
            state=state,
            approval_id=approval_id,
            **shown,
        )
