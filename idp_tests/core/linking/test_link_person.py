from typing import Any

from idp.core.linking.link_person import LinkPerson
from idp.core.linking.ports import AlreadyLinked, Linked, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.people.customer import LinkAssurance
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PROVED = Proved(customer_id="c1", number="10012345")


def link(ports: Recorder) -> Any:
    return LinkPerson(links=ports.port("links"), audit=ports.port("audit"))("p1", PROVED, NOW)


def test_two_facts_from_an_invoice_give_a_link_of_the_weakest_assurance() -> None:
    ports = Recorder({"links.link": Linked()})
    assert link(ports) == Linked()
    assert ports.arguments("links.link") == ("p1", "c1", "10012345", LinkAssurance.LEGACY_KNOWLEDGE, NOW)
    assert ports.names == ["links.link", "audit link.made"]


def test_a_person_who_is_kept_out_is_noted() -> None:
    ports = Recorder({"links.link": ShutOut()})
    assert link(ports) == ShutOut()
    assert ports.names == ["links.link", "audit link.shut_out"]


@each("outcome", [AlreadyLinked(), NumberMoved()])
def test_no_link_is_told_of_that_was_not_made(outcome: object) -> None:
    ports = Recorder({"links.link": outcome})
    assert link(ports) == outcome
    assert ports.names == ["links.link"]
