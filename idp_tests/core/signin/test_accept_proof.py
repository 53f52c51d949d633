from dataclasses import replace
from datetime import timedelta
from typing import Any

from idp.core.linking.link_person import LinkPerson
from idp.core.linking.ports import AlreadyLinked, Concerned, Linked, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson, SecondProof
from idp.core.people.customer import LinkAssurance
from idp.core.signin.accept_proof import AcceptProof
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp_tests.builders import NOW, a_journey, a_pending_identity, a_person, an_interaction, identified
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PROVED = Proved(customer_id="c1", number="10012345")
LINKED = ProvedNumber(at=NOW, customer_id="c1", number="10012345")
PENDING = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
NEWCOMER = a_journey(session=None, interaction=PENDING)
MEMBER = a_journey(session=None, person=a_person(links=()), interaction=an_interaction(identified=identified()))
ALONE = Concerned(customer_name="Bolaget AB", person_name="Anna Andersson", contact_on_file=None, colleagues={})


def accept(
    ports: Recorder, journey: Journey, proved: Proved = PROVED, policy: SecondPerson = SecondPerson.CONTACT
) -> Any:
    ports.answers |= {"links.concerned": ALONE}
    second_proof = SecondProof(links=ports.port("links"), policy=policy)
    use_case = AcceptProof(
        second_proof=second_proof,
        link_person=LinkPerson(
            links=ports.port("links"),
            tell=ports.function("tell"),  # type: ignore[arg-type]
            evidence=ports.port("evidence"),
            audit=ports.port("audit"),
            second_proof=second_proof,
            fresh_for=timedelta(hours=72),
        ),
        interactions=ports.port("interactions"),
        audit=ports.port("audit"),
    )
    return use_case(journey, replace(journey.ongoing, version=7), proved, NOW)


def test_somebody_without_an_account_is_linked_when_registering() -> None:
    ports = Recorder({})
    assert accept(ports, NEWCOMER, policy=SecondPerson.NOTIFY) == LINKED
    assert ports.names == ["interactions.record_linked", "audit link.proved"]
    assert ports.arguments("interactions.record_linked")[0].version == 7


@each("outcome", [Linked(), AlreadyLinked()])
def test_an_account_is_linked_at_once_and_that_is_recorded_after_it(outcome: object) -> None:
    ports = Recorder({"links.is_second": False, "links.link": outcome})
    assert accept(ports, MEMBER) == LINKED
    assert ports.names[:2] == ["links.is_second", "links.link"]
    assert ports.names[-2:] == ["interactions.record_linked", "audit link.proved"]


@each("journey, asks_for", [(NEWCOMER, None), (MEMBER, "p1")])
def test_a_claim_that_does_not_suffice_is_recorded_and_waits(journey: Journey, asks_for: str | None) -> None:
    ports = Recorder({"links.is_second": True})
    assert accept(ports, journey) == replace(LINKED, waits_for=SecondPerson.CONTACT)
    assert ports.names == ["links.is_second", "interactions.record_linked", "audit link.second_proof_needed"]
    assert ports.arguments("links.is_second") == (asks_for, "c1")


def test_a_stronger_proof_is_recorded_as_strong_as_it_is() -> None:
    confirmed = replace(PROVED, assurance=LinkAssurance.CONTACT_CONFIRMED)
    assert accept(Recorder({}), NEWCOMER, confirmed).assurance is LinkAssurance.CONTACT_CONFIRMED


@each("outcome, told", [(ShutOut(), "audit link.shut_out"), (NumberMoved(), "audit link.refused")])
def test_what_links_nobody_records_nothing(outcome: object, told: str) -> None:
    ports = Recorder({"links.is_second": False, "links.link": outcome})
    assert accept(ports, MEMBER) == outcome
    assert ports.names == ["links.is_second", "links.link", told]
