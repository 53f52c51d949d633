"""Bring a code from the company's contact on file: the policy `contact`, and a way in when tries are used up."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from idp.core.audit_log import Audit
from idp.core.budgets import Budgets, Exhausted
from idp.core.identification.caller_address import CallerAddress
from idp.core.link_events import ContactCodeRefused, ContactCodeSent
from idp.core.linking.contact_code import (
    LIVES,
    CodeLimits,
    ContactCode,
    bound,
    code_scopes,
    new_code,
    no_digest,
    parse_code,
)
from idp.core.linking.limits import person_key
from idp.core.linking.ports import Contacts, Customers, NumberMoved, OnFile, ShutOut
from idp.core.linking.prove_claim import ProveClaim, Proved
from idp.core.linking.second_person import SecondPerson
from idp.core.messages import CONTACT_CODE_KIND, Outbox
from idp.core.oidc.errors import ErrorCode
from idp.core.oidc.keys.ports import Keys
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblem, parse_customer_number
from idp.core.people.customer import LinkAssurance
from idp.core.signin.accept_proof import AcceptProof
from idp.core.signin.claimant import facts_of, identity_of
from idp.core.signin.interaction import Interaction, ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions, People
from idp.core.signin.step import Reason

_DIGEST = "contact code"


class ReasonForCode(Reason):
    """Why a code of the contact on file is asked for."""

    SECOND_PERSON = "second_person"
    TRIES_USED_UP = "tries_used_up"
    SECOND_PROOF = "second_proof"
    """The identification is worth a login and no link."""


class BringContactCode:
    """Others are linked to the company and its contact decides; or a person without tries left has asked for a code."""

    name: ClassVar[str] = "contact_code"
    refusal: ClassVar[ErrorCode] = "interaction_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        wants_more = journey.new_customer_wanted_at is not None
        needs_one = journey.client.require_customer_link and not journey.is_proved_linked
        if journey.interaction is None or not (needs_one or wants_more):
            return None
        if journey.second_proof is SecondPerson.CONTACT:
            return ReasonForCode.SECOND_PERSON
        asked = journey.interaction.contact_code is not None and journey.second_proof is None
        if not asked:
            return None
        return ReasonForCode.SECOND_PROOF if journey.needs_second_proof else ReasonForCode.TRIES_USED_UP


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent:
    """A code is on its way, if there is anybody to send it to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMoreCodes:
    """Nothing was sent: there have been too many codes of this person, to this company or from this place."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SendContactCode:
    """Sends a code to the contact of the company whose number was proved, or of one that is paused for this person.

    The same is done for a number that leads nowhere: who asks by number alone learns nothing from the answer. Raises
    Overtaken when this is not the person's turn, or another request was first.
    """

    prove: ProveClaim
    customers: Customers
    contacts: Contacts
    budgets: Budgets
    limits: CodeLimits
    interactions: Interactions
    people: People
    outbox: Outbox
    audit: Audit
    keys: Keys

    def __call__(
        self, journey: Journey, typed_number: str, address: CallerAddress, now: datetime
    ) -> CodeSent | NoMoreCodes:
        """`typed_number` counts only where no claim of this person was right yet."""
        person = person_key(identity_of(journey, self.people))
        number = self._number(journey, typed_number, person, now)
        company = self.customers.company_of(number, None).counted_as
        scopes = code_scopes(self.limits, person=person, company=company, networks=address.networks)
        charged = self.budgets.charge(scopes, now)
        if isinstance(charged, Exhausted):
            return NoMoreCodes(until=charged.until)
        held = self.interactions.hold(journey.ongoing, now)
        on_file, code = self.contacts.on_file(number), new_code()
        self.interactions.record_contact_code(held, self._asked(journey, number, on_file, code, person, now), now)
        self._send(journey, held, on_file, code, number, now)
        return CodeSent()

    def _number(self, journey: Journey, typed: str, person: str, now: datetime) -> str:
        """Raises Overtaken unless the number was proved, tries at it would not be looked at, or need a second proof."""
        linked, asked = journey.ongoing.linked, journey.ongoing.contact_code
        if linked is not None and journey.second_proof is SecondPerson.CONTACT:
            return linked.number
        if linked is not None:
            raise Overtaken
        if asked is not None and not typed:
            return asked.number
        number = parse_customer_number(typed, self.prove.pattern)
        if isinstance(number, FieldProblem):
            raise Overtaken
        if not (journey.needs_second_proof or self.prove.is_paused(number.value, person, now)):
            raise Overtaken
        return number.value

    def _asked(
        self, journey: Journey, number: str, on_file: OnFile | None, code: str, person: str, now: datetime
    ) -> ContactCode:
        reached = on_file is not None and on_file.email is not None
        customer_id = on_file.customer_id if on_file is not None and reached else None
        text = bound(code, person=person, customer_id=customer_id or "", interaction_id=journey.ongoing.id)
        digest = self.keys.reference_tokens.passing_digests(_DIGEST, text)[0].hex()
        return ContactCode(
            customer_id=customer_id,
            number=number,
            digest=digest if reached else no_digest(),
            expires_at=now + LIVES,
        )

    def _send(
        self, journey: Journey, held: Interaction, on_file: OnFile | None, code: str, number: str, now: datetime
    ) -> None:
        email = on_file.email if on_file is not None else None
        payload = {
            "to": email,
            "code": code,
            "customer_name": on_file.customer_name if on_file is not None else "",
            "customer_number": number,
            "person_name": journey.name,
            "expires_at": (now + LIVES).isoformat(),
        }
        self.outbox.put(CONTACT_CODE_KIND, f"{CONTACT_CODE_KIND}:{held.id}:{held.version}", payload, now)
        reached = on_file.customer_id if on_file is not None and email is not None else None
        self.audit.record(ContactCodeSent(**facts_of(journey), customer_id=reached), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCode:
    """Not the code that was sent."""

    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOver:
    """The code's time or tries are over; another one may be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterContactCode:
    """Compares a code, after its try is paid for; a right one is a proof, and is given back to who asked for it.

    Raises Overtaken when no code was asked for, or another request was first, which then has learnt nothing.
    """

    accept_proof: AcceptProof
    customers: Customers
    budgets: Budgets
    limits: CodeLimits
    interactions: Interactions
    people: People
    audit: Audit
    keys: Keys

    def __call__(
        self, journey: Journey, text: str, address: CallerAddress, now: datetime
    ) -> ProvedNumber | ShutOut | NumberMoved | WrongCode | CodeOver | FieldProblem:
        code, asked = parse_code(text), journey.ongoing.contact_code
        if asked is None or BringContactCode().pending(journey) is None:
            raise Overtaken
        if isinstance(code, FieldProblem):
            return code
        if asked.is_over(now):
            return CodeOver()
        person = person_key(identity_of(journey, self.people))
        paid = replace(asked, tries_left=asked.tries_left - 1)
        held = self.interactions.hold(journey.ongoing, now)
        is_right = self._is_right(journey, asked, code, person)
        if asked.customer_id is None or not is_right:
            self.interactions.record_contact_code(held, paid, now)
            self.audit.record(ContactCodeRefused(**facts_of(journey)), now)
            return WrongCode(left=paid.tries_left)
        company = self.customers.company_of(asked.number, None).counted_as
        scopes = code_scopes(self.limits, person=person, company=company, networks=address.networks)
        self.budgets.refund(scopes)
        proved = Proved(customer_id=asked.customer_id, number=asked.number, assurance=LinkAssurance.CONTACT_CONFIRMED)
        return self.accept_proof(journey, held, proved, now)

    def _is_right(self, journey: Journey, asked: ContactCode, code: str, person: str) -> bool:
        text = bound(code, person=person, customer_id=asked.customer_id or "", interaction_id=journey.ongoing.id)
        return asked.is_right(self.keys.reference_tokens.passing_digests(_DIGEST, text))
