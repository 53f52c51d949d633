from dataclasses import replace
from datetime import timedelta
from typing import Any

from idp.core.evidence.bundle import Act, ActKind
from idp.core.linking.link_person import LinkPerson
from idp.core.linking.ports import AlreadyLinked, Linked, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson, SecondProof, SecondProofNeeded
from idp.core.people.customer import LinkAssurance
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PROVED = Proved(customer_id="c1", number="10012345")


def link(ports: Recorder, proved: Proved = PROVED, policy: SecondPerson = SecondPerson.NOTIFY) -> Any:
    use_case = LinkPerson(
        links=ports.port("links"),
        tell=ports.function("tell"),  # type: ignore[arg-type]
        evidence=ports.port("evidence"),
        audit=ports.port("audit"),
        second_proof=SecondProof(links=ports.port("links"), policy=policy),
        fresh_for=timedelta(hours=72),
    )
    return use_case("p1", proved, NOW, authentication_id="a1")


def test_two_facts_from_an_invoice_give_a_link_of_the_weakest_assurance() -> None:
    ports = Recorder({"links.link": Linked()})
    assert link(ports) == Linked()
    assert ports.calls[0][1:] == (
        ("p1", "c1", "10012345", LinkAssurance.LEGACY_KNOWLEDGE, NOW),
        {"fresh_until": NOW + timedelta(hours=72)},
    )
    assert ports.names == ["links.link", "audit link.made", "evidence.keep_act", "tell"]
    assert ports.arguments("tell") == ("p1", PROVED, NOW)


def test_a_link_is_as_assured_as_it_was_proved() -> None:
    ports = Recorder({"links.link": Linked()})
    link(ports, replace(PROVED, assurance=LinkAssurance.SIGNATORY))
    assert ports.arguments("links.link")[3] == LinkAssurance.SIGNATORY


def test_evidence_says_who_was_linked_to_which_company_by_which_number_after_which_login() -> None:
    ports = Recorder({"links.link": Linked()})
    link(ports)
    [(_, (act,), named)] = [call for call in ports.calls if call[0] == "evidence.keep_act"]
    assert act == Act(
        kind=ActKind.LINK,
        at=NOW,
        person_id="p1",
        customer_id="c1",
        facts={"number": "10012345", "assurance": "legacy_knowledge"},
    )
    assert named == {"authentication_id": "a1", "now": NOW}


def test_a_person_who_is_kept_out_is_noted() -> None:
    ports = Recorder({"links.link": ShutOut()})
    assert link(ports) == ShutOut()
    assert ports.names == ["links.link", "audit link.shut_out"]


@each("outcome", [AlreadyLinked(), NumberMoved()])
def test_no_link_is_told_of_that_was_not_made(outcome: object) -> None:
    ports = Recorder({"links.link": outcome})
    assert link(ports) == outcome
    assert ports.names == ["links.link"]


def test_a_second_person_needs_more_than_a_right_claim_where_the_policy_says_so() -> None:
    ports = Recorder({"links.is_second": True})
    assert link(ports, policy=SecondPerson.CONTACT) == SecondProofNeeded(policy=SecondPerson.CONTACT)
    assert ports.names == ["links.is_second"]
    assert ports.arguments("links.is_second") == ("p1", "c1")


def test_the_first_person_of_a_company_is_linked_under_every_policy() -> None:
    ports = Recorder({"links.is_second": False, "links.link": Linked()})
    assert link(ports, policy=SecondPerson.CONTACT) == Linked()
    assert ports.names[:2] == ["links.is_second", "links.link"]


def test_a_proof_that_suffices_is_linked_without_asking_who_else_is_and_kept_as_strong_as_it_is() -> None:
    ports = Recorder({"links.link": Linked()})
    strong = replace(PROVED, assurance=LinkAssurance.CONTACT_CONFIRMED)
    assert link(ports, strong, SecondPerson.CONTACT) == Linked()
    assert ports.arguments("links.link")[3] is LinkAssurance.CONTACT_CONFIRMED
