"""The page behind the link in a letter: confirm an e-mail address by pressing a button, since scanners open links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from idp.core.audit import Audit
from idp.core.events import EmailConfirmed
from idp.core.oidc.keys.ports import Keys
from idp.core.oidc.keys.reference_tokens import AddressProof
from idp.core.signin.ports import People
from idp.web.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEmail:
    """Confirms the address that a letter was sent to."""

    people: People
    audit: Audit
    keys: Keys
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
        proof = self._proof(text, self.clock())
        return self._show("ask", proof.address, text, same_page=[("proof", text)]) if proof else self._show("over")

    def submit(self) -> BaseResponse:
        """Note that the address is read by its person; pressing twice changes nothing."""
        now = self.clock()
        proof = self._proof(request.form.get("proof", ""), now)
        if proof is None:
            return self._show("over")
        if self.people.confirm_email(proof.person_id, proof.address, now):
            self.audit.record(EmailConfirmed(person_id=proof.person_id), now)
        return redirect(url_for("confirm_email.page", done="1"), code=303)

    def _proof(self, text: str, now: datetime) -> AddressProof | None:
        """The letter's proof while it holds: ours, in time, and sent to the address the person has now."""
        proof = self.keys.reference_tokens.read_address_proof(text, self._address_of)
        return proof if proof is not None and now < proof.expires_at else None

    def _address_of(self, person_id: str) -> str | None:
        person = self.people.find(person_id)
        return person.contact.email.address if person is not None and person.contact is not None else None

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
