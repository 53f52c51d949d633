from typing import Any

import pytest

from idp.core.oidc.clients.client import Client
from idp.core.signin.enter_interaction import (
    AccountBlocked,
    ClientGone,
    Entered,
    EnterInteraction,
    RedirectUriGone,
)
from idp.core.signin.identification import ReasonToIdentify
from idp.core.signin.interaction import Interaction, Outcome
from idp.core.signin.journey import Journey
from idp.core.signin.next_step import Flow, RequiredStep
from idp.core.signin.steps.log_in import LogIn
from idp_tests.builders import NOW, a_client, a_journey, a_person, a_session, an_interaction
from idp_tests.recorder import Recorder

STEP = LogIn("bankid")


def enter(ports: Recorder, journey: Journey, interaction: Interaction | None = None, *, by_person: bool = True) -> Any:
    note_use: Any = ports.function("note_use")
    ports.answers.setdefault("clients.find", a_client())

    def read(client: Client) -> Journey:
        ports.answer("read", (client,), {})
        return journey

    use_case = EnterInteraction(clients=ports.port("clients"), flow=Flow([STEP]), note_use=note_use)
    return use_case(interaction or an_interaction(), read, NOW, by_person=by_person)


def test_a_person_is_where_the_first_step_is_that_is_still_needed() -> None:
    nobody = a_journey(session=None, interaction=an_interaction())
    required = RequiredStep(STEP, ReasonToIdentify.NO_SESSION)
    assert enter(Recorder(), nobody) == Entered(journey=nobody, required=required)
    assert enter(Recorder(), a_journey()) == Entered(journey=a_journey(), required=None)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_nothing_is_required_of_a_login_that_is_over(outcome: Outcome) -> None:
    nobody = a_journey(session=None, interaction=an_interaction())
    assert enter(Recorder(), nobody, an_interaction(outcome=outcome)).required is None


@pytest.mark.parametrize("by_person", [True, False])
def test_a_session_is_in_use_when_a_person_looks_and_not_when_a_script_does(by_person: bool) -> None:
    ports = Recorder()
    enter(ports, a_journey(), by_person=by_person)
    assert ports.names == ["clients.find", "read", *(["note_use"] if by_person else [])]
    if by_person:
        assert ports.arguments("note_use") == (a_session(), NOW)


@pytest.mark.parametrize("client", [None, a_client(disabled=True)])
def test_a_client_that_is_gone_is_not_answered_and_nobody_is_read(client: Any) -> None:
    ports = Recorder({"clients.find": client})
    assert enter(ports, a_journey()) == ClientGone()
    assert ports.names == ["clients.find"]


def test_an_address_that_was_taken_from_the_client_ends_the_logins_that_named_it() -> None:
    ports = Recorder({"clients.find": a_client(redirect_uris=frozenset({"https://minasidor.example/new"}))})
    assert enter(ports, a_journey()) == RedirectUriGone()
    assert ports.names == ["clients.find"]


def test_an_account_that_is_blocked_between_two_pages_goes_no_further() -> None:
    assert enter(Recorder(), a_journey(person=a_person(blocked_at=NOW))) == AccountBlocked()
