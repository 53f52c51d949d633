from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from idp.core.budgets import Budget, Charged, Exhausted, Left
from idp.core.linking.attempts import Attempt, Result, Tier
from idp.core.linking.claim import Claim, LastFour
from idp.core.linking.limits import EVERYBODY, Alarm, right_pair, scopes_of
from idp.core.linking.prove_claim import (
    CompanyPaused,
    Mismatch,
    PersonPaused,
    ProveClaim,
    Proved,
    Untold,
    WholeNumberNeeded,
)
from idp.core.people.contact import FieldProblem, FieldProblems
from idp.core.people.customer import CustomerNumber, LinkAssurance
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.builders import NOW, a_claimant, a_company, an_identity, linking_limits
from idp_tests.cases import each
from idp_tests.recorder import Recorder

FORM = {"customer_number": " 1001 2345 ", "last_four": "0680"}
WHOLE_FORM = {"customer_number": " 1001 2345 ", "whole_number": "556016-0680"}
ANNA = a_claimant(an_identity("191212121212"))
FOUR, WHOLE = LastFour("0680"), OrganisationNumber("5560160680")
NETWORKS = (ip_network("192.0.2.7/32"), ip_network("192.0.2.0/24"))
LIMITS = linking_limits()
SCOPES, WHOLE_SCOPES = (
    scopes_of(LIMITS, digits, person="se.personal_number 191212121212", company="c1", networks=NETWORKS)
    for digits in (FOUR, WHOLE)
)
PAIR = {"once": "linking.pair se.personal_number 191212121212|10012345|0680"}
LATER, MUCH_LATER = NOW + timedelta(hours=3), NOW + timedelta(days=300)
DAY, MONTH, YEAR = SCOPES.person
COMPANY_FOUR_DIGITS = "linking.four_digits.company c1"


def charged(**left: Left) -> Charged:
    """Much is left, but for what is said: `day`, `month`, `year`, `four_digits`."""
    names = {"day": DAY, "month": MONTH, "year": YEAR, "four_digits": SCOPES.person_four_digits}
    much = dict.fromkeys({**SCOPES.all, **WHOLE_SCOPES.all}, Left(4))
    return Charged(much | {names[name]: each_left for name, each_left in left.items()})


def prove(
    ports: Recorder,
    form: dict[str, str] = FORM,
    untold: Untold = Untold.WHOLE_NUMBER,
    *,
    by_sms: bool = False,
    **more: bool,
) -> Any:
    ports.answers = {
        "customers.company_of": a_company(),
        "budgets.charge": charged(),
        **ports.answers,
    }
    use_case = ProveClaim(
        customers=ports.port("customers"),
        budgets=ports.port("budgets"),
        attempts=ports.port("attempts"),
        pattern="[0-9]{4,10}",
        limits=LIMITS,
        untold=untold,
        by_sms=by_sms,
    )
    return use_case(form, ANNA, NOW, **more)


def test_who_needs_a_second_proof_is_asked_for_the_whole_number_before_anything_is_looked_at_or_paid() -> None:
    ports = Recorder({"customers.verify": "c1"})
    assert prove(ports, whole_number_only=True) == WholeNumberNeeded()
    assert ports.names == []
    assert prove(ports, WHOLE_FORM, whole_number_only=True) == Proved(customer_id="c1", number="10012345")


@each("digits", ["", "12", "0680"])
def test_who_needs_a_second_proof_is_not_linked_to_the_firm_whose_number_the_identification_has(digits: str) -> None:
    ports = Recorder({"customers.company_of": lambda _number, own: a_company(owned=own is not None)})
    answer = prove(ports, {**FORM, "last_four": digits}, whole_number_only=True)
    assert isinstance(answer, WholeNumberNeeded | FieldProblems)


def test_a_try_is_paid_before_it_is_verified_and_given_back_when_it_was_true() -> None:
    ports = Recorder({"customers.verify": "c1"})
    assert prove(ports) == Proved(customer_id="c1", number="10012345")
    assert ports.names[:4] == ["customers.company_of", "budgets.charge", "customers.verify", "budgets.refund"]
    assert ports.arguments("customers.company_of") == ("10012345", OrganisationNumber("1212121212"))
    assert ports.arguments("customers.verify") == (Claim(customer_number=CustomerNumber("10012345"), digits=FOUR),)
    assert ports.calls[1][1:] == ((SCOPES.all, NOW), PAIR)
    assert ports.calls[3][1:] == ((SCOPES.all,), PAIR)


@each("form", [FORM, WHOLE_FORM])
def test_who_proves_a_company_eases_the_brake_once_for_each_pair_that_somebody_knows(form: dict[str, str]) -> None:
    known = {
        "customers.verify": "c1",
        "budgets.charge": lambda scopes, _now, **_: Exhausted({}) if "right" in str(scopes) else charged(),
    }
    first, again = Recorder({"customers.verify": "c1"}), Recorder(known)
    prove(first, form)
    prove(again, form)
    assert first.names[4:] == ["budgets.charge", "budgets.refund", "attempts.record"]
    assert first.calls[4][1:] == ((right_pair("se.personal_number 191212121212", "c1"), NOW), {})
    assert first.calls[5][1:] == (([EVERYBODY],), {})
    assert again.names[4:] == ["budgets.charge", "attempts.record"]


def test_a_whole_number_is_charged_and_verified_as_one() -> None:
    ports = Recorder({"customers.verify": "c1"})
    assert prove(ports, WHOLE_FORM) == Proved(customer_id="c1", number="10012345")
    assert ports.calls[1][1] == (WHOLE_SCOPES.all, NOW)
    assert ports.arguments("customers.verify")[0].digits == WHOLE


def test_a_wrong_try_stays_paid() -> None:
    ports = Recorder()
    assert prove(ports) == Mismatch(left=4, until=None, whole_number_next=False)
    assert "budgets.refund" not in ports.names


@each(
    "left, told",
    [
        ({"day": Left(0, LATER)}, Mismatch(left=0, until=LATER, whole_number_next=False)),
        ({"month": Left(2)}, Mismatch(left=2, until=None, whole_number_next=False)),
        (
            {"day": Left(0, LATER), "year": Left(0, MUCH_LATER)},
            Mismatch(left=0, until=MUCH_LATER, whole_number_next=False),
        ),
        ({"four_digits": Left(0, MUCH_LATER)}, Mismatch(left=4, until=None, whole_number_next=True)),
    ],
)
def test_the_person_is_told_what_is_left_of_the_own_tries(left: dict[str, Left], told: Mismatch) -> None:
    assert replace(prove(Recorder({"budgets.charge": charged(**left)})), alarms=frozenset()) == told


def test_what_others_have_left_at_the_company_is_for_us_alone() -> None:
    told = prove(Recorder({"budgets.charge": OTHERS_USED_UP}))
    assert replace(told, alarms=frozenset()) == Mismatch(left=4, until=None, whole_number_next=False)


OTHERS_USED_UP = Charged({**charged().left, COMPANY_FOUR_DIGITS: Left(0, MUCH_LATER), EVERYBODY: Left(0, LATER)})


def test_what_is_used_up_is_an_alarm_once_in_the_window_of_what_was_used_up() -> None:
    ports = Recorder({"budgets.charge": OTHERS_USED_UP})
    assert prove(ports).alarms == {Alarm.COMPANY_PROBED, Alarm.BRAKE}
    told = [arguments[0] for name, arguments, _ in ports.calls if name == "budgets.charge"][1:]
    assert told == [
        {f"linking.alarm {COMPANY_FOUR_DIGITS}": Budget(limit=1, window=timedelta(days=365))},
        {f"linking.alarm {EVERYBODY}": Budget(limit=1, window=timedelta(days=1))},
    ]
    before = {"budgets.charge": lambda scopes, _now, **_: Exhausted({}) if "alarm" in str(scopes) else OTHERS_USED_UP}
    assert prove(Recorder(before)).alarms == frozenset()


@each("scope", [MONTH, YEAR])
def test_a_person_who_made_all_the_tries_of_a_month_or_a_year_is_an_alarm(scope: str) -> None:
    used_up = Charged({**charged().left, scope: Left(0, MUCH_LATER)})
    assert prove(Recorder({"budgets.charge": used_up})).alarms == {Alarm.PERSON_USED_UP}


@each(
    "answer, form, tier, result",
    [
        ({"customers.verify": "c1"}, FORM, Tier.FOUR_DIGITS, Result.PROVED),
        ({}, FORM, Tier.FOUR_DIGITS, Result.MISMATCH),
        ({}, WHOLE_FORM, Tier.WHOLE_NUMBER, Result.MISMATCH),
        ({"budgets.charge": Exhausted({EVERYBODY: LATER})}, FORM, Tier.FOUR_DIGITS, Result.WHOLE_NUMBER_NEEDED),
        ({"budgets.charge": Exhausted({DAY: LATER})}, FORM, Tier.FOUR_DIGITS, Result.PERSON_PAUSED),
        (
            {"budgets.charge": Exhausted(dict.fromkeys(WHOLE_SCOPES.company, LATER))},
            WHOLE_FORM,
            Tier.WHOLE_NUMBER,
            Result.COMPANY_PAUSED,
        ),
    ],
)
def test_each_try_is_noted_with_who_and_where_and_what_came_of_it(
    answer: dict[str, Any], form: dict[str, str], tier: Tier, result: Result
) -> None:
    ports = Recorder(answer)
    prove(ports, form)
    assert ports.arguments("attempts.record") == (
        Attempt(
            at=NOW,
            reference="ABCD2345",
            identity=ANNA.identity,
            person_id=None,
            authentication_id="a1",
            verdict="allow",
            interaction_id="i1",
            number="10012345",
            customer_id="c1",
            tier=tier,
            result=result,
            network=NETWORKS[1],
        ),
    )


def test_a_try_at_a_number_that_is_nobodys_is_noted_by_the_number_alone() -> None:
    ports = Recorder(
        {
            "customers.company_of": a_company("10012345", is_known=False),
            "budgets.charge": lambda scopes, _now, **_: Charged(dict.fromkeys(scopes, Left(4))),
        }
    )
    prove(ports)
    assert ports.arguments("attempts.record")[0].customer_id is None


def test_a_wrong_whole_number_says_nothing_about_the_four_digits() -> None:
    left = Charged(dict.fromkeys(WHOLE_SCOPES.all, Left(3)))
    told = prove(Recorder({"budgets.charge": left}), WHOLE_FORM)
    assert told == Mismatch(left=3, until=None, whole_number_next=False)


def test_a_repeat_is_never_told_as_a_repeat() -> None:
    fresh = charged(day=Left(5), month=Left(10), year=Left(20))
    assert prove(Recorder({"budgets.charge": fresh})) == Mismatch(left=4, until=None, whole_number_next=False)


@each(
    "full, form, answer",
    [
        ([COMPANY_FOUR_DIGITS], FORM, WholeNumberNeeded()),
        ([SCOPES.person_four_digits], FORM, WholeNumberNeeded()),
        ([EVERYBODY], FORM, WholeNumberNeeded()),
        ([DAY, SCOPES.person_four_digits], FORM, PersonPaused(until=LATER)),
        ([DAY], WHOLE_FORM, PersonPaused(until=LATER)),
        ([next(iter(WHOLE_SCOPES.company))], WHOLE_FORM, CompanyPaused(until=LATER)),
        ([DAY, *WHOLE_SCOPES.company], WHOLE_FORM, PersonPaused(until=LATER)),
    ],
)
def test_nothing_is_verified_where_nothing_is_left(full: list[str], form: dict[str, str], answer: object) -> None:
    ports = Recorder({"budgets.charge": Exhausted(dict.fromkeys(full, LATER)), "customers.verify": "c1"})
    assert prove(ports, form) == answer
    assert ports.names == ["customers.company_of", "budgets.charge", "attempts.record"]


@each(
    "typed, problem, looked_at",
    [
        ({"customer_number": "12", "last_four": "0680"}, FieldProblem.CUSTOMER_NUMBER_MALFORMED, False),
        ({"customer_number": "10012345", "last_four": ""}, FieldProblem.LAST_FOUR_MISSING, True),
        ({"customer_number": "10012345", "whole_number": "556016-0681"}, FieldProblem.WHOLE_NUMBER_MALFORMED, True),
    ],
)
def test_malformed_input_and_a_wrong_check_digit_cost_nothing(
    typed: dict[str, str], problem: FieldProblem, looked_at: object
) -> None:
    ports = Recorder()
    answer = prove(ports, typed)
    assert isinstance(answer, FieldProblems)
    assert list(answer.by_field.values()) == [problem]
    assert ports.names == (["customers.company_of"] if looked_at else [])


@each("digits", [{"last_four": ""}, {"last_four": "9999"}, {"whole_number": "556016-0680"}, {}])
def test_a_sole_trader_is_proved_by_the_own_number_whatever_digits_are_typed(digits: dict[str, str]) -> None:
    ports = Recorder({"customers.company_of": a_company("c7", owned=True)})
    proved = prove(ports, {"customer_number": "10012345", **digits})
    assert proved == Proved(customer_id="c7", number="10012345", assurance=LinkAssurance.SIGNATORY)
    assert ports.names == ["customers.company_of", "attempts.record"]
    assert ports.arguments("attempts.record")[0].tier == Tier.OWN_NUMBER


ALONE = replace(a_company(), is_told=False)
WRONG = Mismatch(left=4, until=None, whole_number_next=False)
RIGHT = Proved(customer_id="c1", number="10012345")


@each(
    "untold, form, answer",
    [
        (Untold.FOUR_DIGITS, FORM, RIGHT),
        (Untold.WHOLE_NUMBER, FORM, WRONG),
        (Untold.WHOLE_NUMBER, WHOLE_FORM, RIGHT),
        (Untold.SUPPORT, FORM, WRONG),
        (Untold.SUPPORT, WHOLE_FORM, WRONG),
    ],
)
def test_a_company_of_which_nobody_would_hear_needs_more_and_right_digits_are_answered_like_wrong_ones(
    untold: Untold, form: dict[str, str], answer: object
) -> None:
    ports = Recorder({"customers.verify": "c1", "customers.company_of": ALONE})
    assert prove(ports, form, untold) == answer
    if answer == WRONG:
        wrong = Recorder({"customers.company_of": ALONE})
        prove(wrong, form, untold)
        assert ports.names == wrong.names


@each("by_sms", [True, False])
def test_a_telephone_is_a_way_to_tell_where_text_messages_leave(by_sms: object) -> None:
    ports = Recorder({"customers.verify": "c1", "customers.company_of": replace(ALONE, has_phone=True)})
    assert prove(ports, by_sms=bool(by_sms)) == (RIGHT if by_sms else WRONG)
