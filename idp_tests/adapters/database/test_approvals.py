"""Approvals: one awaited per person and customer, answered once, used once, and only by the word of who is linked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp.adapters.database.approvals import DatabaseApprovals
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.linking_tables import approvals
from idp.adapters.database.tables import links
from idp.core.ids import new_id
from idp.core.linking.approval import LIVES, Answer, Approval
from idp_tests.adapters.database.seeds import add_customer, add_link, add_person, race
from idp_tests.builders import an_identity
from idp_tests.cases import each
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

APPROVALS = DatabaseApprovals(CIPHER, PEPPER)
BO, CLARA = an_identity("197001010018"), an_identity("197001010026")
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def asked(database_context: Flask) -> tuple[str, Approval]:
    """A person who is linked, and the request of another one for the same company."""
    del database_context
    with unit_of_work():
        anna, customer_id = add_person(email="anna@bolaget.se"), add_customer()
        add_link(anna, customer_id)
        approval = Approval(
            id=new_id(NOW),
            customer_id=customer_id,
            number="123456",
            asker_name="Bo Ek",
            asker_email="bo@example.se",
            asked_at=NOW,
            expires_at=NOW + LIVES,
        )
        assert APPROVALS.ask(approval, BO, NOW)
    return anna.id, approval


def test_a_request_is_found_by_its_id_and_by_who_asked(asked: tuple[str, Approval]) -> None:
    _, approval = asked
    with unit_of_work():
        assert APPROVALS.find(approval.id, LATER) == approval
        assert APPROVALS.standing(BO, LATER) == approval
        assert APPROVALS.standing(BO, LATER, approval.customer_id) == approval
        assert APPROVALS.standing(BO, LATER, "0" * 32) is None
        assert APPROVALS.standing(CLARA, LATER) is None
        assert APPROVALS.find(approval.id, NOW + LIVES) is None
        assert APPROVALS.standing(BO, NOW + LIVES) is None


def test_a_person_waits_once_at_a_customer_until_the_request_is_over(asked: tuple[str, Approval]) -> None:
    _, approval = asked
    again = replace(approval, id=new_id(LATER))
    with unit_of_work():
        assert not APPROVALS.ask(again, BO, LATER)
        assert APPROVALS.ask(replace(again, id=new_id(LATER)), CLARA, LATER)
        assert APPROVALS.ask(replace(again, expires_at=NOW + 2 * LIVES), BO, NOW + LIVES)


def test_an_answer_counts_from_who_is_linked_once_and_gives_seven_days_more(asked: tuple[str, Approval]) -> None:
    anna, approval = asked
    with unit_of_work():
        assert not APPROVALS.decide(approval.id, add_person("197001010034").id, Answer.APPROVED, LATER)
        assert APPROVALS.decide(approval.id, anna, Answer.APPROVED, LATER)
        assert not APPROVALS.decide(approval.id, anna, Answer.REFUSED, LATER)
        found = APPROVALS.standing(BO, NOW + LIVES)
    assert found == replace(approval, answer=Answer.APPROVED, expires_at=LATER + LIVES)


def test_of_many_answers_at_once_one_counts(asked: tuple[str, Approval], database_context: Flask) -> None:
    anna, approval = asked
    answers = [Answer.APPROVED, Answer.REFUSED] * 10
    outcomes = race(database_context, lambda: APPROVALS.decide(approval.id, anna, answers.pop(), LATER), runners=20)
    assert outcomes.count(True) == 1


def test_an_approval_is_used_once(asked: tuple[str, Approval], database_context: Flask) -> None:
    anna, approval = asked
    with unit_of_work():
        assert not APPROVALS.use(approval.id, LATER)
        APPROVALS.decide(approval.id, anna, Answer.APPROVED, LATER)
    outcomes = race(database_context, lambda: APPROVALS.use(approval.id, LATER), runners=20)
    assert outcomes.count(True) == 1
    with unit_of_work():
        assert APPROVALS.standing(BO, LATER) is None


@each("columns", [{"ended_at": LATER}, {"suspended_at": LATER}])
def test_an_approval_is_void_when_who_gave_it_is_not_linked_any_more(
    asked: tuple[str, Approval], columns: dict[str, object]
) -> None:
    anna, approval = asked
    with unit_of_work():
        connection().execute(update(links).values(ended_at=None, suspended_at=None))
        connection().execute(update(approvals).values(answer=Answer.AWAITED.value))
        APPROVALS.decide(approval.id, anna, Answer.APPROVED, LATER)
        connection().execute(update(links).values(columns))
        assert APPROVALS.standing(BO, LATER) is None
        assert not APPROVALS.use(approval.id, LATER)


def test_a_refusal_stands_whatever_becomes_of_who_gave_it(asked: tuple[str, Approval]) -> None:
    anna, approval = asked
    with unit_of_work():
        APPROVALS.decide(approval.id, anna, Answer.REFUSED, LATER)
        connection().execute(update(links).values(ended_at=LATER))
        found = APPROVALS.standing(BO, LATER)
    assert found is not None
    assert found.answer is Answer.REFUSED


def test_nothing_about_who_asked_stands_in_plain(asked: tuple[str, Approval]) -> None:
    del asked
    with unit_of_work():
        row = connection().execute(select(approvals)).one()
    assert "Bo Ek" not in str(row)
    assert "bo@example.se" not in str(row)
