import pytest

from idp.core.people.identity import SWEDISH_PERSONAL_NUMBER
from idp.core.signin.identification import ReasonToIdentify, binding, identification_for, intention_for
from idp_tests.builders import a_client, a_journey, a_request, an_identity, an_interaction

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
