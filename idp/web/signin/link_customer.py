"""The page "Logga in med era gamla inloggningsuppgifter"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import structlog
from flask import Blueprint, request
from prometheus_client import Counter
from werkzeug.wrappers import Response as BaseResponse

from idp.core.linking.claim import asks_whole_number
from idp.core.linking.ports import Customers, NumberMoved, ShutOut
from idp.core.linking.prove_claim import CompanyPaused, Mismatch, PersonPaused, WholeNumberNeeded
from idp.core.people.contact import FieldProblems
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.new_customer import may_decline
from idp.core.signin.steps.invitation import TakeInvitation
from idp.core.signin.steps.link_customer import ClaimAnswer, ClaimCustomer, LinkCustomer, is_open
from idp.web.client_address import ReadCallerAddress
from idp.web.cookies import Cookie
from idp.web.error_code import reserved_code
from idp.web.error_handlers import PageProblem
from idp.web.error_page import Offer
from idp.web.signin.interaction_pages import InteractionContext, InteractionPages, onward, wants_other_language

_alarms = Counter("idp_linking_alarms", "Beginnings of what looks like guessing, by what is used up.", ["alarm"])
_log = structlog.get_logger("idp.web")
_FIELDS = ("customer_number", "last_four", "whole_number")
_SO_MANY_DIGITS = re.compile(r"(?:\[0-9\]|\\d)\{([0-9]+)(?:,([0-9]+))?\}")
"""The patterns of customer numbers that can be said in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCustomerPage:
    """Page D; it can be seen again by the back button until the account exists.

    It asks for four digits as the leaflet says, and for the whole organisation number when those are not enough any more.
    """

    pages: InteractionPages
    customers: Customers
    claim: ClaimCustomer
    take_invitation: TakeInvitation
    resume: Callable[[Journey, datetime], bool]
    """Takes up what an earlier login of this person left waiting."""
    caller_address: ReadCallerAddress
    number_pattern: str
    """Of customer numbers."""

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_link", __name__)
        routes.get("/signin/<interaction_id>/link")(self.page)
        routes.post("/signin/<interaction_id>/link")(self.submit)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        """Two fields, and the company that was proved before; or on to what an earlier login was waiting for."""
        context = self.pages.enter(interaction_id)
        if not is_open(context.journey, context.required):
            return onward(context)
        if context.is_at(LinkCustomer.name) and (
            self._is_invited(context) or self.resume(context.journey, context.now)
        ):
            return onward(context)
        return self._show(context, values={}, errors={})

    def _is_invited(self, context: InteractionContext) -> bool:
        """Whether an invitation that this browser brought let its person in."""
        secret = self.pages.cookies.read(request, Cookie.INVITATION)
        return secret is not None and isinstance(
            self.take_invitation(context.journey, secret, context.now), ProvedNumber
        )

    def submit(self, interaction_id: str) -> BaseResponse:
        """Check one try; a wrong one is told beside the fields.

        Raises PageProblem for too many, for a person whom an operator keeps out, and for a number that has just moved.
        """
        context = self.pages.enter(interaction_id)
        if not is_open(context.journey, context.required):
            return onward(context)
        self.pages.acted(context)
        if wants_other_language():
            return self._show(context, values=_typed(), errors={})
        answer = self.claim(
            context.journey, request.form, self.caller_address(), context.now, reference=reserved_code()
        )
        _tell_of_alarms(answer)
        return self._answered(context, answer)

    def _answered(self, context: InteractionContext, answer: ClaimAnswer) -> BaseResponse:
        client_id = context.client.client_id
        match answer:
            case ProvedNumber():
                return onward(context)
            case ShutOut():
                raise PageProblem("blocked", 403, client_id=client_id, detail="the link is suspended")
            case NumberMoved():
                raise PageProblem("number_moved", 409, client_id=client_id)
            case Mismatch(left=left, until=None, whole_number_next=whole):
                errors = {"pair": "field.pair.mismatch"}
                return self._show(context, values=_typed(), errors=errors, attempts_left=left, whole_number=whole)
            case WholeNumberNeeded():
                errors = {"whole_number": "field.whole_number.needed"}
                return self._show(context, values=_typed(), errors=errors, whole_number=True)
            case Mismatch(until=until) | PersonPaused(until=until):
                wait = {"wait": until - context.now if until else None}
                raise PageProblem("locked", 429, wait, client_id=client_id, offer=_code_instead(context))
            case CompanyPaused(until=until):
                wait = {"wait": until - context.now}
                raise PageProblem("company_locked", 429, wait, client_id=client_id, offer=_code_instead(context))
            case FieldProblems(by_field=problems):
                errors = {name: self._in_words(str(key)) for name, key in problems.items()}
                return self._show(context, values=_typed(), errors=errors)
            case _:
                assert_never(answer)

    def _in_words(self, key: str) -> str:
        """A number that is not in the register's pattern is told by its length, where the pattern has one."""
        lengths = self._digits_of_a_number()
        if key != "field.customer_number.malformed" or not lengths:
            return key
        return (
            "field.customer_number.length" if lengths["least"] == lengths["most"] else "field.customer_number.lengths"
        )

    def _digits_of_a_number(self) -> dict[str, int]:
        """How many digits a customer number has, at least and at most; empty when the pattern says no such thing."""
        found = _SO_MANY_DIGITS.fullmatch(self.number_pattern)
        return {} if found is None else {"least": int(found[1]), "most": int(found[2] or found[1])}

    @staticmethod
    def _present(context: InteractionContext) -> str | None:
        """The companies that the person has already, when one more is asked for."""
        person = context.journey.person
        if person is None or not may_decline(context.journey):
            return None
        return ", ".join(link.name for link in person.links)

    def _show(
        self,
        context: InteractionContext,
        *,
        values: dict[str, str],
        errors: dict[str, str],
        attempts_left: int | None = None,
        whole_number: bool = False,
    ) -> BaseResponse:
        linked = context.interaction.linked
        accepted = self.customers.find(linked.customer_id) if linked and linked.waits_for is None else None
        return self.pages.show(
            "signin/link_customer.html",
            context,
            http_status=422 if errors else 200,
            first_login=context.journey.is_first_login,
            first_name=context.journey.first_name,
            values=values,
            errors=errors,
            error_values=self._digits_of_a_number(),
            attempts_left=attempts_left,
            whole_number=whole_number or context.journey.needs_second_proof or asks_whole_number(request.form),
            adds_to=self._present(context),
            second_proof=context.journey.needs_second_proof,
            accepted={"name": accepted.name, "organisation_number": accepted.organisation_number.shown}
            if accepted
            else None,
        )


def _code_instead(context: InteractionContext) -> Offer:
    """The way in that no wrong tries take away: a code to the company's contact."""
    fields = {"customer_number": _typed()["customer_number"]}
    return Offer("error.code_instead", f"{context.base}/contact_code/send", fields)


def _tell_of_alarms(answer: ClaimAnswer) -> None:
    """Each once, when it begins; who it was is in the attempt behind the reference."""
    if isinstance(answer, Mismatch):
        for alarm in sorted(answer.alarms):
            _alarms.labels(alarm=alarm.value).inc()
            _log.warning("linking alarm", alarm=alarm.value, reference=reserved_code())


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "")[:100] for name in _FIELDS}
