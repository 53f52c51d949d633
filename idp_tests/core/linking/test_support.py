from typing import Any

from idp.core.budgets import Left
from idp.core.events import LinkUnlocked
from idp.core.linking.limits import CompanyTries
from idp.core.linking.ports import Company
from idp.core.linking.support import LookAtCompany, UnknownNumber, UnlockCompany
from idp_tests.builders import NOW, linking_limits
from idp_tests.recorder import Recorder

FOUR_DIGITS, WHOLE_NUMBER = "linking.four_digits.company c1", "linking.whole_number.company c1"


def unlock(ports: Recorder) -> UnlockCompany:
    ports.answers = {"customers.company_of": Company(counted_as="c1", owned=None), **ports.answers}
    customers: Any = ports.port("customers")
    look = LookAtCompany(customers=customers, budgets=ports.port("budgets"), limits=linking_limits())
    return UnlockCompany(look=look, audit=ports.port("audit"))


def test_what_is_left_is_told_by_kind() -> None:
    ports = Recorder({"budgets.left": {FOUR_DIGITS: Left(0), WHOLE_NUMBER: Left(7)}})
    found = unlock(ports).look("10012345", NOW)
    assert found == {CompanyTries.FOUR_DIGITS: Left(0), CompanyTries.WHOLE_NUMBER: Left(7)}


def test_one_try_of_one_kind_is_given_back_and_noted_with_its_case() -> None:
    ports = Recorder({"budgets.left": {WHOLE_NUMBER: Left(1)}})
    left = unlock(ports)("10012345", CompanyTries.WHOLE_NUMBER, NOW, operator="eva", case_id="K-17")
    assert left == Left(1)
    assert ports.names == ["customers.company_of", "budgets.refund", "audit link.unlocked", "budgets.left"]
    assert ports.arguments("budgets.refund") == ([WHOLE_NUMBER],)
    noted = LinkUnlocked(customer_id="c1", tries="whole-number", operator="eva", case_id="K-17")
    assert ports.event(LinkUnlocked) == noted


def test_a_number_that_nobody_has_is_no_company() -> None:
    ports = Recorder({"customers.company_of": Company(counted_as="999", owned=None)})
    assert unlock(ports).look("999", NOW) == UnknownNumber()
    assert unlock(ports)("999", CompanyTries.FOUR_DIGITS, NOW, operator="eva", case_id="1") == UnknownNumber()
    assert set(ports.names) == {"customers.company_of"}
