from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

from idp.core.linking.contact_code import (
    LIVES,
    TRIES,
    CodeLimits,
    ContactCode,
    bound,
    code_scopes,
    new_code,
    no_digest,
    parse_code,
)
from idp.core.people.contact import FieldProblem
from idp_tests.builders import NOW
from idp_tests.cases import each

CODE = ContactCode(customer_id="c1", number="10012345", digest=b"right".hex(), expires_at=NOW + LIVES)
BOUND = {"person": "se.personal_number 191212121212", "customer_id": "c1", "interaction_id": "i1"}
LIMITS = CodeLimits(
    person_per_hour=1, person_at_company_per_month=2, address_per_hour=3, company_per_day=4, company_per_year=5
)
NETWORKS = (ip_network("192.0.2.7/32"), ip_network("192.0.2.0/24"))


def test_a_code_has_six_digits_and_is_not_the_same_twice() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) > 40
    assert all(len(code) == 6 and code.isdigit() for code in codes)


def test_a_code_holds_for_ten_minutes_and_five_tries() -> None:
    assert (timedelta(minutes=10), 5) == (LIVES, TRIES)
    assert not CODE.is_over(CODE.expires_at - timedelta(microseconds=1))
    assert CODE.is_over(CODE.expires_at)
    assert not replace(CODE, tries_left=1).is_over(NOW)
    assert replace(CODE, tries_left=0).is_over(NOW)


def test_a_code_is_right_by_any_key_of_ours_and_never_where_nobody_was_sent_one() -> None:
    assert CODE.is_right([b"other", b"right"])
    assert not CODE.is_right([b"other"])
    assert not replace(CODE, customer_id=None).is_right([b"right"])
    assert not replace(CODE, digest=no_digest()).is_right([b"right", bytes(31)])


@each("changes", [{"person": "se.personal_number 199001012385"}, {"customer_id": "c2"}, {"interaction_id": "i2"}])
def test_a_code_of_another_person_company_or_login_is_another_text(changes: dict[str, str]) -> None:
    assert bound("123456", **BOUND) != bound("123456", **BOUND | changes)


@each("text", ["123456", " 123 456 ", "123-456", "１２３４５６"])
def test_six_digits_are_read_however_they_are_spaced(text: str) -> None:
    assert parse_code(text) == "123456"


@each(
    "text, problem",
    [
        ("  ", FieldProblem.CODE_MISSING),
        ("12345", FieldProblem.CODE_MALFORMED),
        ("12345a", FieldProblem.CODE_MALFORMED),
        ("1234567", FieldProblem.CODE_MALFORMED),
    ],
)
def test_what_is_no_code_is_said_to_be_none(text: str, problem: FieldProblem) -> None:
    assert parse_code(text) is problem


def test_codes_are_counted_by_person_place_and_company() -> None:
    scopes = code_scopes(LIMITS, person="p", company="c", networks=NETWORKS)
    assert {name: budget.limit for name, budget in scopes.items()} == {
        "linking.code.person_hour p": 1,
        "linking.code.person_at c|p": 2,
        "linking.code.address_hour 192.0.2.7/32": 3,
        "linking.code.company_day c": 4,
        "linking.code.company_year c": 5,
    }
    assert scopes["linking.code.company_year c"].from_last
    assert "address" not in str(list(code_scopes(LIMITS, person="p", company="c", networks=None)))
