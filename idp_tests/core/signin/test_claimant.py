import pytest

from idp.core.overtaken import Overtaken
from idp.core.signin.claimant import account_of, facts_of, identity_of
from idp_tests.builders import a_journey, a_pending_identity, a_person, an_identity, an_interaction, identified
from idp_tests.recorder import Recorder

PENDING = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))


def test_a_person_without_an_account_is_named_by_the_identity_that_waits() -> None:
    ports = Recorder({})
    journey = a_journey(session=None, person=None, interaction=PENDING)
    assert identity_of(journey, ports.port("people")) == an_identity("191212121212")
    assert ports.names == []


def test_an_account_is_named_by_its_first_identity() -> None:
    ports = Recorder({"people.identity_of": an_identity("199001012385")})
    journey = a_journey(interaction=an_interaction(identified=identified()))
    assert identity_of(journey, ports.port("people")) == an_identity("199001012385")


def test_nobody_has_no_name() -> None:
    with pytest.raises(Overtaken):
        identity_of(a_journey(session=None, person=None, interaction=an_interaction()), Recorder({}).port("people"))


def test_who_has_no_contact_details_has_no_account_yet() -> None:
    assert account_of(a_journey(person=a_person(contact=None), interaction=PENDING)) is None
    assert account_of(a_journey(person=None, interaction=PENDING)) is None
    registered = a_person()
    assert account_of(a_journey(person=registered, interaction=PENDING)) == registered


def test_the_facts_say_who_for_which_client_in_which_login() -> None:
    assert facts_of(a_journey(person=None, interaction=PENDING)) == {
        "person_id": None,
        "client_id": "minasidor",
        "interaction_id": PENDING.id,
    }
