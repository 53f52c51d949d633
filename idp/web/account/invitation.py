"""The page behind the link of an invitation: the invited person logs in with BankID and is in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from idp.core.linking.invitation import Invitation, Invitations
from idp.core.linking.take_invitation import LetIn, NotForThisPerson, TakeAsPerson
from idp.core.people.contact import Email
from idp.web.account.own_login import OwnLogin
from idp.web.cookies import Cookie
from idp.web.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInvitationPage:
    """The browser keeps the link's secret while its person logs in; who has no account is let in on the way."""

    invitations: Invitations
    take: TakeAsPerson
    own_login: OwnLogin
    pages: Pages
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("invitation", __name__)
        routes.get("/invitation")(self.page)
        routes.post("/invitation")(self.accept)
        routes.get("/invitation/taken")(self.taken)
        return routes

    def page(self) -> BaseResponse:
        """Who invites, to which company, and a button; opening it does nothing, because scanners open links."""
        secret = request.args.get("proof", "")
        found = self.invitations.find(secret, self.clock())
        return self._show("over") if found is None else self._show("ask", found, secret)

    def accept(self) -> BaseResponse:
        """To BankID, with the secret in a cookie."""
        secret = request.form.get("proof", "")
        if self.invitations.find(secret, self.clock()) is None:
            return self._show("over")
        response = self.own_login.start("invitation/taken")
        self.own_login.cookies.write(response, Cookie.INVITATION, secret)
        return response

    def taken(self) -> BaseResponse:
        """After the login: a person with an account is let in now, one without was on the way."""
        now, secret = self.clock(), self.own_login.cookies.read(request, Cookie.INVITATION)
        session = self.own_login.session(now)
        if secret is None:
            return self._show("over")
        if session is None:
            return redirect(url_for("invitation.page", proof=secret), code=303)
        answer = self.take(session.person, secret, now, authentication_id=session.authentication.id)
        match answer:
            case LetIn(invitation=invitation):
                response = self._show("done", invitation)
                self.own_login.cookies.erase(response, Cookie.INVITATION)
                return response
            case NotForThisPerson():
                return self._show("over")

    def _show(self, state: str, invitation: Invitation | None = None, secret: str = "") -> BaseResponse:
        return self.pages.show(
            "account/invitation.html",
            self.pages.language(),
            http_status=400 if state == "over" else 200,
            same_page=[("proof", secret)] if secret else [],
            state=state,
            company=invitation.customer_name if invitation is not None else "",
            inviter=invitation.inviter_name if invitation is not None else None,
            masked=Email(invitation.email).masked if invitation is not None else "",
            proof=secret,
        )
