from dataclasses import replace
from datetime import timedelta
from typing import Any

from idp.core.linking.link_person import LinkPerson
from idp.core.linking.ports import AlreadyLinked, Concerned, Linked, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson, SecondProof, SecondProofNeeded
from idp.core.people.customer import LinkAssurance
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PROVED = Proved(customer_id="c1", number="10012345")
ALONE = Concerned(customer_name="Bolaget AB", person_name="Anna Andersson", contact_on_file=None, colleagues={})


def link(ports: Recorder, proved: Proved = PROVED, policy: SecondPerson = SecondPerson.NOTIFY) -> Any:
    ports.answers.setdefault("links.concerned", ALONE)
    use_case = LinkPerson(
        links=ports.port("links"),
        outbox=ports.port("outbox"),
        audit=ports.port("audit"),
        second_proof=SecondProof(links=ports.port("links"), policy=policy),
        fresh_for=timedelta(hours=72),
    )
    return use_case("p1", proved, NOW)


def told(concerned: Concerned) -> dict[str, dict[str, Any]]:
    """The notices of a new link, by their address."""
    ports = Recorder({"links.link": Linked(), "links.concerned": concerned})
    link(ports)
    put = [arguments for name, arguments, _ in ports.calls if name == "outbox.put"]
    assert {kind for kind, _, _, _ in put} <= {"mail.new_user"}
    assert len({key for _, key, _, _ in put}) == len(put)
    return {payload["to"]: payload for _, _, payload, _ in put}


def test_two_facts_from_an_invoice_give_a_link_of_the_weakest_assurance() -> None:
    ports = Recorder({"links.link": Linked()})
    assert link(ports) == Linked()
    assert ports.calls[0][1:] == (
        ("p1", "c1", "10012345", LinkAssurance.LEGACY_KNOWLEDGE, NOW),
        {"fresh_until": NOW + timedelta(hours=72)},
    )
    assert ports.names == ["links.link", "audit link.made", "links.concerned"]
    assert ports.arguments("links.concerned") == ("p1", "c1")


def test_a_link_is_as_assured_as_it_was_proved() -> None:
    ports = Recorder({"links.link": Linked()})
    link(ports, replace(PROVED, assurance=LinkAssurance.SIGNATORY))
    assert ports.arguments("links.link")[3] == LinkAssurance.SIGNATORY


def test_the_contact_on_file_and_every_colleague_are_told_who_was_linked_by_which_number() -> None:
    notices = told(replace(ALONE, contact_on_file="info@bolaget.se", colleagues={"p2": "bo@bolaget.se"}))
    assert {to: notice["recipient"] for to, notice in notices.items()} == {
        "info@bolaget.se": "contact_on_file",
        "bo@bolaget.se": "linked_user",
    }
    assert notices["bo@bolaget.se"] == {
        "to": "bo@bolaget.se",
        "recipient": "linked_user",
        "customer_name": "Bolaget AB",
        "customer_number": "10012345",
        "person_name": "Anna Andersson",
        "linked_at": NOW.isoformat(),
    }


def test_a_colleague_who_is_the_contact_on_file_is_told_once() -> None:
    notices = told(replace(ALONE, contact_on_file="bo@bolaget.se", colleagues={"p2": "bo@bolaget.se"}))
    assert [notice["recipient"] for notice in notices.values()] == ["contact_on_file"]


def test_a_new_user_of_a_company_without_anybody_is_told_to_nobody() -> None:
    assert told(ALONE) == {}


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
