from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest

from idp.core.budgets import Charged, Exhausted
from idp.core.identification.caller_address import KnownAddress
from idp.core.linking.contact_code import TRIES, CodeLimits, ContactCode
from idp.core.linking.ports import Company, OnFile
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblem
from idp.core.people.customer import LinkAssurance
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.steps.contact_code import (
    BringContactCode,
    CodeOver,
    CodeSent,
    EnterContactCode,
    NoMoreCodes,
    SendContactCode,
    WrongCode,
)
from idp_tests.builders import NOW, REFERENCE_TOKENS, a_journey, a_pending_identity, an_interaction, identified
from idp_tests.cases import each
from idp_tests.fakes import KeysInMemory
from idp_tests.recorder import Recorder

ADDRESS = KnownAddress(ip_address("192.0.2.7"))
LIMITS = CodeLimits(
    person_per_hour=3, person_at_company_per_month=5, address_per_hour=3, company_per_day=5, company_per_year=30
)
KEYS: Any = KeysInMemory(keyring=None, reference_tokens=REFERENCE_TOKENS)  # type: ignore[arg-type]
WAITING = ProvedNumber(at=NOW, customer_id="c1", number="10012345", waits_for=SecondPerson.CONTACT)
PENDING = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
SECOND = a_journey(session=None, person=None, interaction=replace(PENDING, linked=WAITING))
PAUSED = a_journey(session=None, person=None, interaction=PENDING)
ON_FILE = OnFile(customer_id="c1", customer_name="Bolaget AB", email="info@bolaget.se")
WELL = {
    "customers.company_of": Company(counted_as="c1", customer_id="c1", owned=None),
    "contacts.on_file": ON_FILE,
    "budgets.charge": Charged({}),
    "budgets.left": {},
    "is_paused": True,
}


def ports_with(**answers: Any) -> Recorder:
    dotted = {name.replace("__", "."): answer for name, answer in answers.items()}
    hold = {"interactions.hold": lambda interaction, _: replace(interaction, version=7)}
    return Recorder(WELL | hold | dotted)


class Prove:
    """The part of `ProveClaim` that says whether tries are looked at."""

    pattern = "[0-9]{4,10}"

    def __init__(self, ports: Recorder) -> None:
        self.is_paused = ports.function("is_paused")


def send(ports: Recorder, journey: Journey, typed: str = "") -> Any:
    use_case = SendContactCode(
        prove=Prove(ports),  # type: ignore[arg-type]
        customers=ports.port("customers"),
        contacts=ports.port("contacts"),
        budgets=ports.port("budgets"),
        limits=LIMITS,
        interactions=ports.port("interactions"),
        people=ports.port("people"),
        outbox=ports.port("outbox"),
        audit=ports.port("audit"),
        keys=KEYS,
    )
    return use_case(journey, typed, ADDRESS, NOW)


def enter(ports: Recorder, journey: Journey, text: str, **later: float) -> Any:
    use_case = EnterContactCode(
        accept_proof=ports.function("accept_proof"),  # type: ignore[arg-type]
        customers=ports.port("customers"),
        budgets=ports.port("budgets"),
        limits=LIMITS,
        interactions=ports.port("interactions"),
        people=ports.port("people"),
        audit=ports.port("audit"),
        keys=KEYS,
    )
    return use_case(journey, text, ADDRESS, NOW + timedelta(**later))


def sent_to(journey: Journey, typed: str = "", **answers: Any) -> tuple[str, Journey, dict[str, Any]]:
    """The code that was sent, the journey after it, and the message."""
    ports = ports_with(**answers)
    assert send(ports, journey, typed) == CodeSent()
    _, code, _ = ports.arguments("interactions.record_contact_code")
    message = ports.arguments("outbox.put")[2]
    return message["code"], replace(journey, interaction=replace(journey.ongoing, contact_code=code)), message


def test_the_step_is_needed_while_a_right_claim_waits_for_the_contact_or_a_code_was_asked_for() -> None:
    step = BringContactCode()
    assert step.pending(SECOND) == "second_person"
    assert step.pending(PAUSED) is None
    assert step.pending(sent_to(PAUSED, "10012345")[1]) == "tries_used_up"
    proved = replace(SECOND, interaction=replace(PENDING, linked=replace(WAITING, waits_for=None)))
    assert step.pending(proved) is None


def test_a_code_goes_to_the_contact_of_the_company_that_was_proved_and_only_its_digest_is_kept() -> None:
    ports = ports_with()
    assert send(ports, SECOND, "99999999") == CodeSent()
    assert ports.names == [
        "customers.company_of",
        "budgets.charge",
        "interactions.hold",
        "contacts.on_file",
        "interactions.record_contact_code",
        "outbox.put",
        "audit link.contact_code_sent",
    ]
    held, code, _ = ports.arguments("interactions.record_contact_code")
    kind, _, message, _ = ports.arguments("outbox.put")
    assert (held.version, kind) == (7, "mail.contact_code")
    assert {name: message[name] for name in ("to", "customer_name", "customer_number", "person_name")} == {
        "to": "info@bolaget.se",
        "customer_name": "Bolaget AB",
        "customer_number": "10012345",
        "person_name": "Tolvan Tolvansson",
    }
    assert (code.customer_id, code.number, code.tries_left) == ("c1", "10012345", TRIES)
    assert message["code"] not in code.digest


def test_a_right_code_is_a_proof_by_the_contact_and_is_given_back() -> None:
    code, journey, _ = sent_to(SECOND)
    ports = ports_with(accept_proof=WAITING)
    assert enter(ports, journey, f" {code[:3]} {code[3:]}", minutes=9) == WAITING
    assert ports.names == ["interactions.hold", "customers.company_of", "budgets.refund", "accept_proof"]
    _, held, proved, _ = ports.arguments("accept_proof")
    assert held.version == 7
    assert proved == Proved(customer_id="c1", number="10012345", assurance=LinkAssurance.CONTACT_CONFIRMED)


def test_a_wrong_code_costs_a_try_and_is_noted() -> None:
    code, journey, _ = sent_to(SECOND)
    ports = ports_with()
    assert enter(ports, journey, _another(code)) == WrongCode(left=4)
    assert ports.names == ["interactions.hold", "interactions.record_contact_code", "audit link.contact_code_refused"]
    assert ports.arguments("interactions.record_contact_code")[1].tries_left == 4


def test_a_code_is_over_after_ten_minutes_and_after_five_wrong_tries() -> None:
    code, journey, _ = sent_to(SECOND)
    assert enter(ports_with(), journey, code, minutes=10) == CodeOver()
    assert enter(ports_with(), _with(journey, tries_left=0), code) == CodeOver()
    assert enter(ports_with(), _with(journey, tries_left=1), _another(code)) == WrongCode(left=0)


def test_what_is_no_code_costs_no_try() -> None:
    _, journey, _ = sent_to(SECOND)
    ports = ports_with()
    assert enter(ports, journey, "12345") is FieldProblem.CODE_MALFORMED
    assert ports.names == []


@each("changes", [{"customer_id": "c2"}, {"number": "10012345", "customer_id": None}])
def test_a_code_proves_no_other_company(changes: dict[str, Any]) -> None:
    code, journey, _ = sent_to(SECOND)
    assert enter(ports_with(), _with(journey, **changes), code) == WrongCode(left=4)


def test_a_code_proves_nothing_for_another_person_or_in_another_login() -> None:
    code, journey, _ = sent_to(SECOND)
    other = replace(journey, interaction=replace(journey.ongoing, id="another-login"))
    assert enter(ports_with(), other, code) == WrongCode(left=4)
    pending = a_pending_identity()
    somebody = replace(pending, identity=replace(pending.identity, key="199001012385"))
    theirs = replace(journey.ongoing, identified=identified(person_id=None, pending=somebody))
    assert enter(ports_with(), replace(journey, interaction=theirs), code) == WrongCode(left=4)


def test_a_person_without_tries_left_may_ask_for_a_code_by_number_and_one_with_tries_may_not() -> None:
    code, journey, _ = sent_to(PAUSED, " 100 12345 ")
    ports = ports_with(accept_proof=WAITING)
    assert enter(ports, journey, code) == WAITING
    assert ports.arguments("accept_proof")[2].customer_id == "c1"
    with pytest.raises(Overtaken):
        send(ports_with(is_paused=False), PAUSED, "10012345")


def test_a_number_that_reaches_nobody_is_answered_alike_and_no_code_is_right_for_it() -> None:
    reached = ports_with()
    send(reached, PAUSED, "10012345")
    for on_file in (None, replace(ON_FILE, email=None)):
        ports = ports_with(contacts__on_file=on_file)
        assert send(ports, PAUSED, "10012345") == CodeSent()
        assert ports.names == reached.names
        code, journey, message = sent_to(PAUSED, "10012345", contacts__on_file=on_file)
        assert message["to"] is None
        assert enter(ports_with(), journey, code) == WrongCode(left=4)


def test_another_code_needs_no_number_typed_again() -> None:
    _, journey, _ = sent_to(PAUSED, "10012345")
    _, again, message = sent_to(journey, is_paused=False)
    assert message["customer_number"] == "10012345"
    assert again.ongoing.contact_code != journey.ongoing.contact_code


def test_nothing_is_sent_when_there_have_been_too_many_codes() -> None:
    ports = ports_with(budgets__charge=Exhausted({"linking.code.company_day c1": NOW + timedelta(hours=3)}))
    assert send(ports, SECOND) == NoMoreCodes(until=NOW + timedelta(hours=3))
    assert ports.names == ["customers.company_of", "budgets.charge"]


def test_after_a_lost_race_nothing_is_sent_and_nothing_is_learnt() -> None:
    code, journey, _ = sent_to(SECOND)
    sending, entering = ports_with(interactions__hold=Overtaken), ports_with(interactions__hold=Overtaken)
    with pytest.raises(Overtaken):
        send(sending, SECOND)
    with pytest.raises(Overtaken):
        enter(entering, journey, code)
    assert [sending.names[-1], entering.names[-1]] == ["interactions.hold", "interactions.hold"]


@each("journey", [PAUSED, a_journey(interaction=an_interaction(identified=identified()))])
def test_nobody_enters_a_code_that_was_not_asked_for(journey: Journey) -> None:
    with pytest.raises(Overtaken):
        enter(ports_with(), journey, "123456")


def _another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def _with(journey: Journey, **changes: Any) -> Journey:
    asked = journey.ongoing.contact_code
    assert isinstance(asked, ContactCode)
    return replace(journey, interaction=replace(journey.ongoing, contact_code=replace(asked, **changes)))
