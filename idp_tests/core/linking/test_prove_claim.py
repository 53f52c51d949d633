from datetime import timedelta
from typing import Any

from idp.core.budgets import Budget, Charged, Exhausted
from idp.core.linking.prove_claim import LinkingPolicy, Mismatch, ProveClaim, Proved
from idp.core.people.contact import FieldProblem, FieldProblems
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PER_PERSON, PER_CUSTOMER = (Budget(limit=limit, window=timedelta(hours=24)) for limit in (5, 10))
POLICY = LinkingPolicy(pattern="[0-9]{4,10}", per_person=PER_PERSON, per_customer=PER_CUSTOMER)
FORM = {"customer_number": " 1001 2345 ", "last_four": "556016-0680"}
SCOPES = {"linking.person anna": PER_PERSON, "linking.customer 10012345": PER_CUSTOMER}
PAIR = {"once": "linking.pair anna|10012345|0680"}


def prove(ports: Recorder, form: dict[str, str] = FORM) -> Any:
    ports.answers.setdefault("budgets.charge", Charged(left=4))
    use_case = ProveClaim(customers=ports.port("customers"), budgets=ports.port("budgets"), policy=POLICY)
    return use_case(form, "anna", NOW)


def test_a_try_is_paid_before_it_is_verified_and_given_back_when_it_was_true() -> None:
    ports = Recorder({"customers.verify": "c1"})
    assert prove(ports) == Proved(customer_id="c1", number="10012345")
    assert ports.names == ["budgets.charge", "customers.verify", "budgets.refund"]
    assert ports.arguments("customers.verify") == ("10012345", "0680")
    assert ports.calls[0][1:] == ((SCOPES, NOW), PAIR)
    assert ports.calls[2][1:] == ((SCOPES,), PAIR)
    assert next(iter(ports.arguments("budgets.charge")[0])) == "linking.person anna"


def test_a_wrong_try_stays_paid() -> None:
    until = NOW + timedelta(hours=3)
    ports = Recorder({"budgets.charge": Charged(left=0, until=until)})
    assert prove(ports) == Mismatch(left=0, until=until)
    assert "budgets.refund" not in ports.names


def test_a_repeat_is_never_told_as_a_repeat() -> None:
    assert prove(Recorder({"budgets.charge": Charged(left=5)})) == Mismatch(left=4, until=None)


def test_nothing_is_verified_when_no_try_is_left() -> None:
    exhausted = Exhausted(until=NOW + timedelta(hours=3))
    ports = Recorder({"budgets.charge": exhausted, "customers.verify": "c1"})
    assert prove(ports) == exhausted
    assert ports.names == ["budgets.charge"]


@each(
    "field, typed, problem",
    [
        ("customer_number", "12", FieldProblem.CUSTOMER_NUMBER_MALFORMED),
        ("last_four", "", FieldProblem.LAST_FOUR_MISSING),
    ],
)
def test_malformed_input_costs_nothing(field: str, typed: str, problem: FieldProblem) -> None:
    ports = Recorder()
    assert prove(ports, {**FORM, field: typed}) == FieldProblems({field: problem})
    assert ports.names == []
