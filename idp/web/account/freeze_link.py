"""The page behind the link in a notice of a new user: freeze that link by pressing a button, since scanners open links."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import structlog
from flask import Blueprint, Response, request
from prometheus_client import Counter

from idp.core.accounts import freeze_link as accounts
from idp.core.signin.ports import Incidents
from idp.web.error_code import reserved_code
from idp.web.pages import Pages

_frozen = Counter("idp_links_frozen", "Links that somebody who was told of a new user froze.")
_log = structlog.get_logger("idp.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeLinkPage:
    """Shows who was linked to which company, and a button; nobody is logged in for it."""

    freeze: accounts.FreezeLink
    incidents: Incidents
    pages: Pages
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("freeze_link", __name__)
        routes.get("/freeze")(self.page)
        routes.post("/freeze")(self.submit)
        return routes

    def page(self) -> Response:
        """Page P: what the button would do; or what became of the link."""
        secret = request.args.get("proof", "")
        return self._show(self.freeze.ask(secret, self.clock()), secret)

    def submit(self) -> Response:
        """Freeze it; pressing twice changes nothing."""
        secret, now, reference = request.form.get("proof", ""), self.clock(), reserved_code()
        outcome = self.freeze(secret, now, reference=reference)
        if isinstance(outcome, accounts.Frozen):
            _frozen.inc()
            _log.warning("link frozen", reference=reference)
            held = outcome.held
            facts = {"page": "frozen", "person_id": held.person_id, "customer_id": held.customer_id}
            self.incidents.note(reference, now, facts)
        return self._show(outcome, secret)

    def _show(
        self,
        outcome: accounts.Asked | accounts.Frozen | accounts.FrozenBefore | accounts.LinkGone | accounts.TooLate,
        secret: str,
    ) -> Response:
        shown: dict[str, str] = {}
        match outcome:
            case accounts.Asked():
                state = "ask"
                shown = {
                    "person": outcome.person_name,
                    "company": outcome.customer_name,
                    "at": self.pages.brand.local(outcome.linked_at),
                }
            case accounts.Frozen(reference=reference):
                state, shown = "done", {"reference": reference}
            case accounts.FrozenBefore(reference=earlier):
                state, shown = "before", {"reference": earlier or ""}
            case accounts.LinkGone():
                state = "gone"
            case accounts.TooLate():
                state = "late"
            case _:
                assert_never(outcome)
        return self.pages.show(
            "account/freeze_link.html",
            self.pages.language(),
            http_status=400 if state == "late" else 200,
            same_page=[("proof", secret)] if secret else [],
            state=state,
            shown=shown,
            proof=secret,
        )
