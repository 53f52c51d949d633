from datetime import datetime, timedelta
from typing import Any

import pytest

from idp.core.identification.verdict import Verdict
from idp.core.linking.second_person import SecondPerson
from idp.core.people.person import Person
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import NEW_CUSTOMER, NO_NEW_CUSTOMER, Journey
from idp_tests.builders import (
    NOW,
    a_customer,
    a_journey,
    a_pending_identity,
    a_person,
    a_profile,
    a_request,
    a_session,
    an_authentication,
    an_interaction,
    identified,
)
from idp_tests.cases import each

TWO = (a_customer("c1"), a_customer("c2"))
LINKED = ProvedNumber(at=NOW, customer_id="c1", number="10012345")


def test_only_a_page_has_an_interaction() -> None:
    assert a_journey(interaction=an_interaction()).ongoing == an_interaction()
    with pytest.raises(AssertionError):
        _ = a_journey().ongoing


def test_an_identification_in_the_interaction_counts_before_that_of_the_session() -> None:
    session = a_session(authentication=an_authentication(at=NOW - timedelta(minutes=5)))
    assert a_journey(session=session).identified_at == NOW - timedelta(minutes=5)
    assert a_journey(session=session, interaction=an_interaction()).identified_at == NOW - timedelta(minutes=5)
    assert a_journey(session=session, interaction=an_interaction(identified=identified(at=NOW))).identified_at == NOW
    assert a_journey(session=None, interaction=an_interaction()).identified_at is None


@pytest.mark.parametrize(
    ("seconds_after", "passed"), [(-1, False), (0, True), (1, True)], ids=["before", "at once", "after"]
)
def test_a_step_is_passed_by_who_was_identified_last_only(seconds_after: int, passed: bool) -> None:
    interaction = an_interaction(
        identified=identified(at=NOW), passed={"terms": NOW + timedelta(seconds=seconds_after)}
    )
    journey = a_journey(interaction=interaction)
    assert journey.has_passed("terms") is passed
    assert not journey.has_passed("consent")


def test_nobody_passes_a_step_without_an_interaction_or_an_identification() -> None:
    assert not a_journey().has_passed("terms")
    assert not a_journey(session=None, interaction=an_interaction(passed={"terms": NOW})).has_passed("terms")


@pytest.mark.parametrize(
    ("journey", "proved"),
    [
        (a_journey(), True),
        (a_journey(person=a_person(links=())), False),
        (a_journey(person=a_person(links=()), interaction=an_interaction(linked=LINKED)), False),
        (a_journey(person=a_person(links=(), contact=None), interaction=an_interaction(linked=LINKED)), True),
        (a_journey(session=None, interaction=an_interaction(linked=LINKED)), True),
        (a_journey(session=None, interaction=an_interaction()), False),
    ],
    ids=["linked", "shut out", "shut out and proved again", "no account yet", "newcomer", "nothing proved"],
)
def test_an_account_is_linked_by_its_links_alone_and_a_newcomer_by_what_was_just_proved(
    journey: Journey, proved: bool
) -> None:
    assert journey.is_proved_linked is proved


@pytest.mark.parametrize(
    ("links", "chosen", "remembered", "customer_id"),
    [
        ((), "c1", "c1", None),
        (TWO[:1], None, None, "c1"),
        (TWO[:1], "c2", None, "c1"),
        (TWO, None, None, None),
        (TWO, "c2", "c1", "c2"),
        (TWO, None, "c1", "c1"),
        (TWO, "c3", "c1", None),
        (TWO, None, "c3", None),
    ],
)
def test_the_customer_of_a_login_is_always_one_of_the_persons_own(
    links: tuple[object, ...], chosen: str | None, remembered: str | None, customer_id: str | None
) -> None:
    journey = a_journey(
        person=a_person(links=links),
        interaction=an_interaction(chosen_customer_id=chosen),
        remembered_customer_id=remembered,
    )
    assert journey.customer_id == customer_id


def test_who_is_here_has_an_account_or_none() -> None:
    assert (a_journey().person_id, a_journey().registered_at) == ("p1", a_person().registered_at)
    nobody = a_journey(session=None, interaction=an_interaction())
    assert (nobody.person_id, nobody.registered_at) == (None, None)


@pytest.mark.parametrize(
    ("person", "changes", "first"),
    [
        (None, {}, True),
        (None, {"linked": LINKED}, True),
        (a_person(links=(), contact=None), {}, True),
        (a_person(links=()), {}, False),
        (a_person(contact=None), {}, False),
        (a_person(), {"registered_at": NOW}, True),
        (a_person(), {}, False),
    ],
    ids=[
        "a stranger",
        "a proved number",
        "an empty account",
        "an account",
        "a link",
        "just registered",
        "registered before",
    ],
)
def test_the_papers_steps_are_taken_by_who_has_neither_account_nor_link_before(
    person: Person | None, changes: dict[str, Any], first: bool
) -> None:
    assert a_journey(session=None, person=person, interaction=an_interaction(**changes)).is_first_login is first


NEWCOMER = a_journey(session=None, interaction=an_interaction(identified=identified(pending=a_pending_identity())))
NOBODY = a_journey(session=None, interaction=an_interaction())


def test_a_person_without_an_account_is_called_what_the_method_said() -> None:
    said = a_profile()
    assert (NEWCOMER.name, NEWCOMER.first_name) == (said.name, said.given_name.split()[0].title())


@pytest.mark.parametrize(
    ("given_name", "first_name"), [("ANNA KARIN", "Anna"), ("Åke", "Åke"), ("", None), (" ", None)]
)
def test_a_person_with_an_account_is_called_by_the_first_of_the_given_names(
    given_name: str, first_name: str | None
) -> None:
    journey = a_journey(person=a_person(given_name=given_name, name="Anna Svensson"))
    assert (journey.name, journey.first_name) == ("Anna Svensson", first_name)


def test_nobody_has_no_name() -> None:
    assert (NOBODY.name, NOBODY.first_name) == ("", None)


@pytest.mark.parametrize(("hinted", "is_another"), [(None, False), ("sub-1", False), ("sub-2", True)])
def test_a_person_whom_the_client_did_not_name_is_another_one(hinted: str | None, is_another: bool) -> None:
    assert a_journey(request=a_request(hinted_sub=hinted)).is_another_person is is_another


def test_nobody_is_not_another_person() -> None:
    assert not a_journey(session=None, request=a_request(hinted_sub="sub-2")).is_another_person


@each(
    "session, interaction, needed",
    {
        "a session that is worth it": (Verdict.ALLOW, None, False),
        "a session that is not": (Verdict.STEP_UP, None, True),
        "a better identification since": (Verdict.STEP_UP, Verdict.ALLOW, False),
        "a worse one since": (Verdict.ALLOW, Verdict.STEP_UP, True),
        "one that is only told of": (Verdict.ALLOW, Verdict.WARN, False),
    },
)
def test_a_second_proof_is_needed_when_the_last_identification_is_not_worth_a_link(
    session: Verdict, interaction: Verdict | None, needed: bool
) -> None:
    here = an_interaction(identified=identified(verdict=interaction)) if interaction else None
    assert a_journey(session=a_session(verdict=session), interaction=here).needs_second_proof is needed


def test_nobody_needs_a_second_proof_before_the_first() -> None:
    assert not a_journey(session=None).needs_second_proof


EARLIER = a_customer("c1", linked_at=NOW - timedelta(days=30))
SINCE = a_customer("c2", linked_at=NOW + timedelta(minutes=1))
ASKED, AFTER = NOW, NOW + timedelta(minutes=1)
WAITING = ProvedNumber(at=AFTER, customer_id="c2", number="1", waits_for=SecondPerson.CONTACT)


@each(
    "links, members, wanted",
    {
        "nobody asked": ((EARLIER,), {}, None),
        "the person did": ((EARLIER,), {"passed": {NEW_CUSTOMER: ASKED}}, ASKED),
        "one was linked since": ((EARLIER, SINCE), {"passed": {NEW_CUSTOMER: ASKED}}, None),
        "one that was linked already was proved again": (
            (EARLIER,),
            {"passed": {NEW_CUSTOMER: ASKED}, "linked": ProvedNumber(at=AFTER, customer_id="c1", number="1")},
            None,
        ),
        "one was proved, and its company wants more": (
            (EARLIER,),
            {"passed": {NEW_CUSTOMER: ASKED}, "linked": WAITING},
            ASKED,
        ),
        "the person thought better of it": (
            (EARLIER,),
            {"passed": {NEW_CUSTOMER: ASKED, NO_NEW_CUSTOMER: AFTER}},
            None,
        ),
        "and worse again": ((EARLIER,), {"passed": {NO_NEW_CUSTOMER: ASKED, NEW_CUSTOMER: AFTER}}, AFTER),
        "who has no company is asked for one anyway": ((), {"passed": {NEW_CUSTOMER: ASKED}}, None),
    },
)
def test_one_more_company_is_wanted_until_it_is_there_or_declined(
    links: Any, members: dict[str, Any], wanted: datetime | None
) -> None:
    journey = a_journey(person=a_person(links=links), interaction=an_interaction(**members))
    assert journey.new_customer_wanted_at == wanted


def test_a_client_may_want_it_and_who_links_the_first_one_has_done_so() -> None:
    wish = a_request(wants_new_customer=True)
    assert a_journey(request=wish, person=a_person(links=(EARLIER,))).new_customer_wanted_at == NOW
    assert a_journey(request=wish, person=a_person(links=(SINCE,))).new_customer_wanted_at is None
    assert a_journey(request=wish, person=a_person(links=(EARLIER,), contact=None)).new_customer_wanted_at is None
    assert a_journey(request=wish, person=None, session=None).new_customer_wanted_at is None


def test_what_was_linked_within_the_last_hour_or_in_this_login_may_be_taken_back() -> None:
    shortly = a_customer("c3", linked_at=NOW - timedelta(minutes=59))
    person = a_person(links=(EARLIER, shortly, SINCE))
    assert a_journey(person=person, interaction=an_interaction()).linked_lately == (shortly, SINCE)
    assert a_journey(person=person).linked_lately == ()
    assert a_journey(person=None, session=None, interaction=an_interaction()).linked_lately == ()


def test_a_claim_for_one_more_company_may_wait_for_a_second_proof_too() -> None:
    journey = a_journey(person=a_person(links=(EARLIER,)), interaction=an_interaction(linked=WAITING))
    assert journey.second_proof is SecondPerson.CONTACT
    assert a_journey(person=a_person(links=(SINCE,)), interaction=an_interaction(linked=WAITING)).second_proof is None
