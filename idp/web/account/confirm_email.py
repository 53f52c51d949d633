"""The page behind the link in an e-mail: confirm an e-mail address by pressing a button, since scanners open links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from idp.core.accounts import confirm_email as accounts
from idp.web.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEmail:
    """Confirms the address that an e-mail was sent to."""

    confirm: accounts.ConfirmEmail
    pages: Pages
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("confirm_email", __name__)
        routes.get("/confirm-email")(self.page)
        routes.post("/confirm-email")(self.submit)
        return routes

    def page(self) -> Response:
        """Page N: the address, whose account it is for, and a button; or what became of the link."""
        if request.args.get("done") == "1":
            return self._show("done", same_page=[("done", "1")])
        text = request.args.get("proof", "")
        match self.confirm.ask(text, self.clock()):
            case accounts.Asked() as asked:
                return self._show("ask", asked, text, same_page=[("proof", text)])
            case accounts.Over():
                return self._show("over")

    def submit(self) -> BaseResponse:
        """Note that the address is read by its person; pressing twice changes nothing."""
        match self.confirm(request.form.get("proof", ""), self.clock()):
            case accounts.Confirmed():
                return redirect(url_for("confirm_email.page", done="1"), code=303)
            case accounts.Over():
                return self._show("over")

    def _show(
        self,
        state: str,
        asked: accounts.Asked | None = None,
        proof: str = "",
        *,
        same_page: Sequence[tuple[str, str]] = (),
    ) -> Response:
        return self.pages.show(
            "account/confirm_email.html",
            self.pages.language(),
            http_status=400 if state == "over" else 200,
            same_page=same_page,
            state=state,
            address=asked.address if asked else "",
            name=asked.name if asked else "",
            proof=proof,
        )
