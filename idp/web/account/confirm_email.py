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
        """Page N: the address and a button, or what became of the link."""
        if request.args.get("done") == "1":
            return self._show("done", same_page=[("done", "1")])
        text = request.args.get("proof", "")
        proof = self.confirm.read(text, self.clock())
        return self._show("ask", proof.address, text, same_page=[("proof", text)]) if proof else self._show("over")

    def submit(self) -> BaseResponse:
        """Note that the address is read by its person; pressing twice changes nothing."""
        match self.confirm(request.form.get("proof", ""), self.clock()):
            case accounts.Confirmed():
                return redirect(url_for("confirm_email.page", done="1"), code=303)
            case accounts.Over():
                return self._show("over")

    def _show(
        self, state: str, address: str = "", proof: str = "", *, same_page: Sequence[tuple[str, str]] = ()
    ) -> Response:
        return self.pages.show(
            "account/confirm_email.html",
            self.pages.language(),
            http_status=400 if state == "over" else 200,
            same_page=same_page,
            state=state,
            address=address,
            proof=proof,
        )
