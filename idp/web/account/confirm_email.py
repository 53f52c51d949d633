"""The page behind the link in a letter: confirm an e-mail address by pressing a button, since scanners open links."""

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from idp.core.events import EmailConfirmed
from idp.core.oidc.keys.reference_tokens import AddressProof
from idp.web.pages import language_of, show
from idp.web.services import services

blueprint = Blueprint("confirm_email", __name__)


@blueprint.get("/confirm-email")
def page() -> Response:
    """Page N: the address and a button, or what became of the link."""
    if request.args.get("done") == "1":
        return _show("done", same_page=[("done", "1")])
    text = request.args.get("proof", "")
    proof = _proof(text)
    return _show("ask", proof.address, text, same_page=[("proof", text)]) if proof else _show("over")


@blueprint.post("/confirm-email")
def submit() -> BaseResponse:
    """Note that the address is read by its person; pressing twice changes nothing."""
    known, now = services(), services().now()
    proof = _proof(request.form.get("proof", ""))
    if proof is None:
        return _show("over")
    if known.people.confirm_email(proof.person_id, proof.address, now):
        known.audit.record(EmailConfirmed(person_id=proof.person_id), now)
    return redirect(url_for("confirm_email.page", done="1"), code=303)


def _proof(text: str) -> AddressProof | None:
    """The letter's proof while it holds: ours, in time, and sent to the address the person has now."""
    known = services()
    proof = known.sealer.read_address_proof(text, _address_of)
    return proof if proof is not None and known.now() < proof.expires_at else None


def _address_of(person_id: str) -> str | None:
    person = services().people.find(person_id)
    return person.contact.email.address if person is not None and person.contact is not None else None


def _show(state: str, address: str = "", proof: str = "", *, same_page: Sequence[tuple[str, str]] = ()) -> Response:
    return show(
        "account/confirm_email.html",
        language_of(),
        http_status=400 if state == "over" else 200,
        same_page=same_page,
        state=state,
        address=address,
        proof=proof,
    )
