from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.people.identity import SWEDISH_PERSONAL_NUMBER
from idp.core.signin.identification import (
    IDENTIFY_AGAIN,
    ReasonToIdentify,
    binding,
    has_identified_another_person,
    identification_for,
    intention_for,
    reason_to_identify,
)
from idp.core.signin.interaction import Interaction
from idp.core.signin.step import Reason
from idp_tests.builders import (
    METHOD,
    NOW,
    a_client,
    a_customer,
    a_journey,
    a_person,
    a_request,
    a_session,
    an_authentication,
    an_identity,
    an_interaction,
    identified,
)
from idp_tests.cases import each

NUMBER_CLAIM = "https://id.oidc.se/claim/personalIdentityNumber"


def test_an_interaction_owns_its_identification_and_says_why_it_is_needed() -> None:
    interaction = an_interaction()
    identification = identification_for(a_journey(interaction=interaction), ReasonToIdentify.MAX_AGE)
    assert (identification.id, identification.reason) == ("i1", "max_age")
    assert identification.binding == binding(interaction)
    assert identification.expected is None


def test_the_person_whom_the_client_named_is_expected() -> None:
    request = a_request(claims={"id_token": {NUMBER_CLAIM: {"value": "191212121212"}}})
    journey = a_journey(request=request, interaction=an_interaction())
    expected = identification_for(journey, ReasonToIdentify.NO_SESSION).expected
    assert expected == an_identity("191212121212")
    assert expected.scheme == SWEDISH_PERSONAL_NUMBER


@pytest.mark.parametrize("member", ["redirect_uri", "nonce", "state"])
def test_what_is_signed_unseen_is_of_this_interaction_and_this_request(member: str) -> None:
    bound = binding(an_interaction())
    assert len(bound) == 64
    assert binding(an_interaction()) == bound
    assert binding(an_interaction(request=a_request(**{member: "https://other.example/"}))) != bound
    assert binding(an_interaction(id="i2")) != bound
    assert binding(an_interaction(client_id="another")) != bound


def test_the_app_shows_the_house_text_unless_the_clients_file_has_its_own() -> None:
    assert intention_for(a_client(), a_request(), "sv", "Logga in") == "Logga in"
    own = a_client(intention={"sv": "Till {app}"})
    assert intention_for(own, a_request(), "sv", "Logga in") == "Till MinaSidor"
    assert intention_for(own, a_request(), "en", "Log in") == "Log in"


def test_the_clients_message_is_shown_only_when_it_may_speak() -> None:
    request = a_request(user_message="Hej", user_messages={"en": "Hello"})
    assert intention_for(a_client(), request, "sv", "Logga in") == "Logga in"
    speaking = a_client(user_message_allowed=True)
    assert intention_for(speaking, request, "sv", "Logga in") == "Logga in\n\nHej"
    assert intention_for(speaking, request, "en", "Log in") == "Log in\n\nHello"


@pytest.mark.parametrize(
    ("seconds_after", "expected"),
    [(-1, ReasonToIdentify.PROMPT_LOGIN), (0, ReasonToIdentify.PROMPT_LOGIN), (1, None)],
    ids=["before", "at once", "after"],
)
def test_prompt_login_wants_a_login_after_the_request(seconds_after: int, expected: Reason | None) -> None:
    request = a_request(prompt=frozenset({Prompt.LOGIN}))
    assert reason_to_identify(a_journey(request=request)) is ReasonToIdentify.PROMPT_LOGIN
    done = an_interaction(identified=identified(at=NOW + timedelta(seconds=seconds_after)))
    assert reason_to_identify(a_journey(request=request, interaction=done)) is expected


def test_the_swedish_profile_takes_an_absent_prompt_as_login() -> None:
    client = a_client(reidentify_without_prompt=True)
    assert reason_to_identify(a_journey(client=client)) is ReasonToIdentify.PROMPT_LOGIN
    silent = a_request(prompt=frozenset({Prompt.NONE}))
    assert reason_to_identify(a_journey(client=client, request=silent)) is None


@pytest.mark.parametrize(
    ("max_age", "expected"), [(0, ReasonToIdentify.MAX_AGE), (299, ReasonToIdentify.MAX_AGE), (300, None), (301, None)]
)
def test_max_age_is_measured_at_the_requests_arrival(max_age: int, expected: Reason | None) -> None:
    assert reason_to_identify(a_journey(request=a_request(max_age=max_age))) is expected


@pytest.mark.parametrize(
    ("demanded", "expected"),
    [
        ({"essential": True, "values": ["urn:other"]}, ReasonToIdentify.ANOTHER_LEVEL),
        ({"essential": True, "values": ["urn:other", METHOD.acr]}, None),
        ({"value": "urn:other"}, None),
        (None, None),
    ],
)
def test_a_session_of_another_level_than_the_client_demands_is_not_enough(
    demanded: Any, expected: Reason | None
) -> None:
    assert reason_to_identify(a_journey(request=a_request(claims={"id_token": {"acr": demanded}}))) is expected


def test_max_age_zero_is_satisfied_by_a_login_after_the_request() -> None:
    journey = a_journey(
        request=a_request(max_age=0), interaction=an_interaction(identified=identified(at=NOW + timedelta(seconds=9)))
    )
    assert reason_to_identify(journey) is None


def test_a_hint_at_another_person_asks_for_an_identification() -> None:
    assert reason_to_identify(a_journey(request=a_request(hinted_sub="sub-2"))) is ReasonToIdentify.OTHER_PERSON_HINTED
    assert reason_to_identify(a_journey(request=a_request(hinted_sub="sub-1"))) is None


@pytest.mark.parametrize(
    ("hinted", "interaction", "is_told"),
    [
        ("sub-2", an_interaction(identified=identified()), True),
        ("sub-1", an_interaction(identified=identified()), False),
        (None, an_interaction(identified=identified()), False),
        ("sub-2", an_interaction(), False),
    ],
)
def test_only_who_has_just_identified_is_told_that_somebody_else_was_meant(
    hinted: str | None, interaction: Interaction, is_told: bool
) -> None:
    journey = a_journey(request=a_request(hinted_sub=hinted), interaction=interaction)
    assert has_identified_another_person(journey) is is_told


@each("identified_after, needed", {"before": (-1, True), "at that moment": (0, True), "after": (1, False)})
def test_who_asked_to_identify_again_must_do_so_after_asking(identified_after: int, needed: bool) -> None:
    at = NOW + timedelta(seconds=identified_after)
    interaction = an_interaction(identified=identified(at=at), passed={IDENTIFY_AGAIN: NOW})
    reason = reason_to_identify(a_journey(session=None, person=None, interaction=interaction))
    assert reason is (ReasonToIdentify.ASKED_BY_PERSON if needed else None)


def test_a_session_from_before_does_not_count_either_once_that_was_asked() -> None:
    interaction = an_interaction(passed={IDENTIFY_AGAIN: NOW})
    assert reason_to_identify(a_journey(interaction=interaction)) is ReasonToIdentify.ASKED_BY_PERSON


@each("minutes, reason", [(11, ReasonToIdentify.BEFORE_A_NEW_CUSTOMER), (9, None)])
def test_one_more_company_is_linked_by_who_has_just_identified(minutes: int, reason: Any) -> None:
    earlier = a_customer(linked_at=NOW - timedelta(days=30))
    event = an_authentication(at=NOW - timedelta(minutes=minutes))
    session = a_session(authentication=event, person=a_person(links=(earlier,)))
    assert reason_to_identify(a_journey(session=session, request=a_request(wants_new_customer=True))) is reason
