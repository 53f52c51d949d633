"""The page behind the link in an e-mail about a login: "Det var inte jag", by a button, since scanners open links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from idp.core.accounts import disown_login as accounts
from idp.web.error_code import error_code, is_code
from idp.web.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class DisownLogin:
    """Ends a person's logins on the word of who reads the person's e-mail."""

    disown: accounts.DisownLogin
    pages: Pages
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("disown_login", __name__)
        routes.get("/not-me")(self.page)
        routes.post("/not-me")(self.submit)
        return routes

    def page(self) -> Response:
        """What the button does, and the button; or what became of the link."""
        text, case_id = request.args.get("proof", ""), request.args.get("case", "")
        if is_code(case_id):
            return self._show("done", case_id=case_id, same_page=[("case", case_id)])
        match self.disown.ask(text, self.clock()):
            case accounts.Asked():
                return self._show("ask", text, same_page=[("proof", text)])
            case accounts.Used():
                return self._show("used", same_page=[("proof", text)])
            case accounts.Over():
                return self._show("over")

    def submit(self) -> BaseResponse:
        """End everything, once."""
        case_id = error_code()
        match self.disown(request.form.get("proof", ""), self.clock(), case_id=case_id):
            case accounts.Disowned():
                return redirect(url_for("disown_login.page", case=case_id), code=303)
            case accounts.Used():
                return self._show("used")
            case accounts.Over():
                return self._show("over")

    def _show(
        self, state: str, proof: str = "", *, case_id: str = "", same_page: Sequence[tuple[str, str]] = ()
    ) -> Response:
        return self.pages.show(
            "account/disown_login.html",
            self.pages.language(),
            http_status=400 if state == "over" else 200,
            same_page=same_page,
            state=state,
            proof=proof,
            case_id=case_id,
        )
