from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.assembly.step_order import STEPS
from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.signin.identification import ReasonToIdentify
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.next_step import Flow, is_answered_at_once
from idp.core.signin.step import Reason
from idp.core.signin.steps.choose_customer import ReasonToChoose
from idp.core.signin.steps.consent import ReasonToAsk
from idp.core.signin.steps.link_customer import ReasonToLink
from idp.core.signin.steps.register import ReasonToRegister
from idp_tests.builders import (
    NOW,
    a_client,
    a_customer,
    a_journey,
    a_pending_identity,
    a_person,
    a_request,
    a_session,
    an_authentication,
    an_interaction,
    identified,
)

FLOW = Flow([each.step for each in STEPS])


def reason(journey: Journey) -> Reason | None:
    step = FLOW.next_step(journey)
    return step[1] if step else None


def name(journey: Journey) -> str | None:
    step = FLOW.next_step(journey)
    return step[0].name if step else None


def test_a_returning_person_with_a_session_is_asked_nothing() -> None:
    assert FLOW.next_step(a_journey()) is None


def test_nobody_is_let_in_without_bankid() -> None:
    assert reason(a_journey(session=None)) is ReasonToIdentify.NO_SESSION


def test_an_unknown_person_proves_an_old_customer_number() -> None:
    interaction = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
    assert reason(a_journey(session=None, interaction=interaction)) is ReasonToLink.UNKNOWN_PERSON


def test_a_person_whose_last_company_was_taken_away_links_again() -> None:
    assert reason(a_journey(person=a_person(links=()))) is ReasonToLink.UNKNOWN_PERSON


def test_after_the_proof_the_person_registers() -> None:
    interaction = an_interaction(
        identified=identified(person_id=None, pending=a_pending_identity()),
        linked=ProvedNumber(at=NOW, customer_id="c1", number="10012345"),
    )
    assert reason(a_journey(session=None, interaction=interaction)) is ReasonToRegister.NO_CONTACT_DETAILS


def test_the_second_relying_party_asks_nothing_of_somebody_who_just_registered_and_logged_in() -> None:
    person = a_person(registered_at=NOW - timedelta(minutes=10))
    session = a_session(person=person, authentication=an_authentication(at=NOW - timedelta(minutes=5)))
    assert FLOW.next_step(a_journey(session=session)) is None


def test_a_client_without_customers_neither_links_nor_registers() -> None:
    person = a_person(links=(), contact=None, registered_at=None)
    assert FLOW.next_step(a_journey(client=a_client(require_customer_link=False), person=person)) is None


def test_a_person_with_several_companies_chooses_one() -> None:
    person = a_person(links=(a_customer("c1"), a_customer("c2")))
    assert reason(a_journey(person=person)) is ReasonToChoose.SEVERAL_CUSTOMERS
    chosen = an_interaction(chosen_customer_id="c2", identified=identified())
    assert FLOW.next_step(a_journey(person=person, interaction=chosen)) is None
    assert FLOW.next_step(a_journey(person=person, remembered_customer_id="c2")) is None


def test_a_company_of_somebody_else_is_never_the_active_one() -> None:
    person = a_person(links=(a_customer("c1"), a_customer("c2")))
    assert a_journey(person=person, remembered_customer_id="c3").customer_id is None


def test_select_account_asks_even_when_a_choice_is_remembered() -> None:
    person = a_person(links=(a_customer("c1"), a_customer("c2")))
    request = a_request(prompt=frozenset({Prompt.SELECT_ACCOUNT}))
    assert (
        reason(a_journey(person=person, request=request, remembered_customer_id="c2")) is ReasonToChoose.SELECT_ACCOUNT
    )


def test_a_client_that_wants_no_single_company_asks_for_none() -> None:
    person = a_person(links=(a_customer("c1"), a_customer("c2")))
    assert FLOW.next_step(a_journey(person=person, client=a_client(select_customer=False))) is None


def test_a_third_party_needs_consent_and_ours_does_not() -> None:
    request = a_request(scope=("openid", "email"))
    assert FLOW.next_step(a_journey(request=request)) is None
    third = a_client(first_party=False)
    assert reason(a_journey(request=request, client=third)) is ReasonToAsk.SCOPES_MISSING
    allowed = frozenset({"openid", "email", "phone"})
    assert FLOW.next_step(a_journey(request=request, client=third, allowed_scope=allowed)) is None


def test_more_than_was_allowed_is_asked_again() -> None:
    third = a_client(first_party=False)
    journey = a_journey(request=a_request(scope=("openid", "email")), client=third, allowed_scope=frozenset({"openid"}))
    assert reason(journey) is ReasonToAsk.SCOPES_MISSING


def test_a_claim_requested_by_name_needs_the_consent_of_its_scope() -> None:
    third = a_client(first_party=False, unconfirmed_contact_allowed=True)
    request = a_request(claims={"userinfo": {"phone_number": None}})
    assert (
        reason(a_journey(request=request, client=third, allowed_scope=frozenset({"openid"})))
        is ReasonToAsk.SCOPES_MISSING
    )
    assert (
        FLOW.next_step(a_journey(request=request, client=third, allowed_scope=frozenset({"openid", "phone"}))) is None
    )


@pytest.mark.parametrize("claim", ["userSignature", "authnEvidence", "deviceIp"])
def test_what_proves_the_login_is_no_third_partys_without_consent(claim: str) -> None:
    """The signature holds the personal number, whatever scopes the client has."""
    named = f"https://id.oidc.se/claim/{claim}"
    request = a_request(claims={"userinfo": {named: None}})
    third, openid = a_client(first_party=False), frozenset({"openid"})
    assert reason(a_journey(request=request, client=third, allowed_scope=openid)) is ReasonToAsk.SCOPES_MISSING
    assert FLOW.next_step(a_journey(request=request, client=third, allowed_scope=openid | {named})) is None


def test_prompt_consent_asks_our_own_clients_too_and_once() -> None:
    request = a_request(prompt=frozenset({Prompt.CONSENT}))
    assert reason(a_journey(request=request)) is ReasonToAsk.PROMPT_CONSENT
    answered = an_interaction(passed={"consent": NOW}, identified=identified())
    assert FLOW.next_step(a_journey(request=request, interaction=answered)) is None


def test_an_answer_from_before_the_identification_is_somebody_elses() -> None:
    request = a_request(prompt=frozenset({Prompt.CONSENT}))
    interaction = an_interaction(passed={"consent": NOW - timedelta(seconds=1)}, identified=identified(at=NOW))
    assert reason(a_journey(request=request, interaction=interaction)) is ReasonToAsk.PROMPT_CONSENT


def test_what_an_interaction_was_allowed_is_not_what_the_person_allowed() -> None:
    answered = an_interaction(passed={"consent": NOW}, identified=identified())
    journey = a_journey(
        request=a_request(scope=("openid", "email")), client=a_client(first_party=False), interaction=answered
    )
    assert reason(journey) is ReasonToAsk.SCOPES_MISSING


def test_an_app_gets_its_page_of_return_unless_it_wants_none() -> None:
    app, silence = a_client(application_type="native"), a_request(prompt=frozenset({Prompt.NONE}))
    assert is_answered_at_once(a_journey(), None)
    assert not is_answered_at_once(a_journey(client=app), None)
    assert is_answered_at_once(a_journey(client=app, request=silence), None)
    required = FLOW.next_step(a_journey(client=app, request=silence, session=None, person=None))
    assert not is_answered_at_once(a_journey(client=app, request=silence), required)


def test_every_step_has_an_error_for_clients_that_want_no_page() -> None:
    refusals = {"login_required", "interaction_required", "account_selection_required", "consent_required"}
    assert {step.refusal for step in FLOW.steps} == refusals


def _do(journey: Journey, step_name: str, tick: int) -> Journey:
    """What a person who does as the pages say brings about; every act takes a second."""
    now = NOW + timedelta(seconds=tick)
    interaction = journey.interaction or an_interaction()
    person = journey.person
    match step_name:
        case "bankid" | "again":
            known = person is not None
            event = identified(
                at=now, person_id="p1" if known else None, pending=None if known else a_pending_identity()
            )
            return replace(
                journey,
                interaction=replace(interaction, identified=event),
                subject=journey.request.hinted_sub or journey.subject,
            )
        case "link":
            proved = ProvedNumber(at=now, customer_id="c1", number="10012345")
            linked = replace(person, links=(a_customer(),)) if person and person.contact else person
            return replace(journey, person=linked, interaction=replace(interaction, linked=proved))
        case "register":
            keeps = replace(interaction.identified or identified(), person_id="p1", pending=None)
            registered = a_person(registered_at=now)
            return replace(
                journey,
                session=None,
                person=registered,
                interaction=replace(interaction, identified=keeps, linked=None),
            )
        case "choose":
            return replace(journey, interaction=replace(interaction, chosen_customer_id="c1"))
        case _:
            return replace(
                journey,
                allowed_scope=journey.allowed_scope | frozenset(journey.request.scope),
                interaction=replace(interaction, passed={"consent": now}),
            )


@settings(max_examples=500, deadline=None)
@given(
    prompt=st.sets(st.sampled_from([Prompt.LOGIN, Prompt.CONSENT, Prompt.SELECT_ACCOUNT])),
    max_age=st.none() | st.integers(0, 1000),
    hinted=st.sampled_from([None, "sub-1", "sub-2"]),
    first_party=st.booleans(),
    links=st.integers(0, 3),
    contact=st.booleans(),
    has_session=st.booleans(),
    is_known=st.booleans(),
)
def test_the_happy_path_ends_within_seven_pages_and_never_repeats_one_for_the_same_reason(
    prompt: set[Prompt],
    max_age: int | None,
    hinted: str | None,
    first_party: bool,
    links: int,
    contact: bool,
    has_session: bool,
    is_known: bool,
) -> None:
    person = a_person(links=tuple(a_customer(f"c{n}") for n in range(1, links + 1)))
    if not contact:
        person = replace(person, contact=None, registered_at=None)
    session = a_session(person=person) if has_session else None
    journey = a_journey(
        request=a_request(prompt=frozenset(prompt), max_age=max_age, hinted_sub=hinted),
        client=a_client(first_party=first_party),
        session=session,
        person=person if is_known or has_session else None,
    )
    seen: list[tuple[str, Reason]] = []
    while (step := FLOW.next_step(journey)) is not None:
        page = (step[0].name, step[1])
        assert page not in seen
        seen.append(page)
        assert len(seen) <= 7
        journey = _do(journey, page[0], len(seen))
