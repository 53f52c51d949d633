from dataclasses import replace
from typing import Any

from idp.core.linking.approval import (
    COMPANY_PER_DAY,
    PERSON_PER_DAY,
    Answer,
    Answered,
    Approval,
    DecideApproval,
    NotTheirs,
    approval_scopes,
)
from idp.core.people.person import Person
from idp_tests.builders import NOW, a_customer, a_person
from idp_tests.cases import each
from idp_tests.recorder import Recorder

ASKED = Approval(
    id="a1",
    customer_id="c1",
    number="10012345",
    asker_name="Bo Ek",
    asker_email="bo@example.se",
    asked_at=NOW,
    expires_at=NOW,
)
ANNA = a_person(links=(a_customer("c1"),))


def decide(ports: Recorder, person: Person = ANNA, answer: Answer = Answer.APPROVED) -> Any:
    use_case = DecideApproval(approvals=ports.port("approvals"), outbox=ports.port("outbox"), audit=ports.port("audit"))
    return use_case("a1", person, answer, NOW)


@each("answer, event", [(Answer.APPROVED, "audit link.approved"), (Answer.REFUSED, "audit link.approval_refused")])
def test_a_linked_person_answers_and_the_asker_is_told(answer: Answer, event: str) -> None:
    ports = Recorder({"approvals.find": ASKED, "approvals.decide": True})
    assert decide(ports, answer=answer) == Answered(answer=answer)
    assert ports.names == ["approvals.find", "approvals.decide", event, "outbox.put"]
    assert ports.arguments("approvals.decide") == ("a1", "p1", answer, NOW)
    kind, key, payload, _ = ports.arguments("outbox.put")
    assert (kind, key) == ("mail.approval_answered", "mail.approval_answered:a1")
    assert payload == {
        "to": "bo@example.se",
        "approved": answer is Answer.APPROVED,
        "customer_name": a_customer("c1").name,
    }


@each("found, person", [(None, ANNA), (ASKED, a_person(links=())), (ASKED, a_person(links=(a_customer("c2"),)))])
def test_who_is_not_linked_meets_the_same_as_for_a_request_that_does_not_exist(
    found: Approval | None, person: Person
) -> None:
    ports = Recorder({"approvals.find": found})
    assert decide(ports, person) == NotTheirs()
    assert ports.names == ["approvals.find"]


def test_of_two_answers_the_first_one_counts() -> None:
    found = [ASKED, replace(ASKED, answer=Answer.REFUSED)]
    ports = Recorder({"approvals.find": lambda *_: found.pop(0), "approvals.decide": False})
    assert decide(ports) == Answered(answer=Answer.REFUSED)
    assert ports.names == ["approvals.find", "approvals.decide", "approvals.find"]


@each("found", [None, ASKED])
def test_who_lost_the_own_link_meanwhile_answers_nothing(found: Approval | None) -> None:
    seen = [ASKED, found]
    ports = Recorder({"approvals.find": lambda *_: seen.pop(0), "approvals.decide": False})
    assert decide(ports) == NotTheirs()


def test_requests_are_counted_by_person_and_by_company() -> None:
    assert {name: budget.limit for name, budget in approval_scopes("p", "c").items()} == {
        "linking.approval.person_day p": PERSON_PER_DAY,
        "linking.approval.company_day c": COMPANY_PER_DAY,
    }
