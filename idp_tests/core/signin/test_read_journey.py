from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from idp.core.oidc.clients.client import Client
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.read_journey import ReadJourney, standing
from idp_tests.builders import (
    NOW,
    a_client,
    a_pending_identity,
    a_person,
    a_request,
    a_session,
    an_interaction,
    identified,
)
from idp_tests.cases import each
from idp_tests.recorder import Recorder

IDLE = timedelta(minutes=60)
THIRD_PARTY = a_client(first_party=False)


def read(
    ports: Recorder, interaction: Interaction | None = None, client: Client | None = None, cookie: str | None = "hash"
) -> Journey:
    use_case = ReadJourney(
        sessions=ports.port("sessions"),
        people=ports.port("people"),
        consents=ports.port("consents"),
        keys=SimpleNamespace(reference_tokens=ports.port("tokens")),
        session_idle=IDLE,
    )
    return use_case(
        a_request(),
        client or a_client(),
        interaction,
        session_cookie_hash=cookie,
        remembered_customer_id="c2",
        now=NOW,
    )


def test_a_live_session_is_read_at_once_with_its_person() -> None:
    ports = Recorder({"sessions.find": a_session()})
    journey = read(ports)
    assert (journey.session, journey.person, journey.subject) == (a_session(), a_person(), "sub-1")
    assert journey.remembered_customer_id == "c2"
    assert ports.names == ["sessions.find"]
    assert ports.arguments("sessions.find") == ("hash", a_client(), NOW, IDLE)


def test_a_browser_without_the_cookie_is_asked_nothing() -> None:
    ports = Recorder()
    journey = read(ports, cookie=None)
    assert (journey.session, journey.person, journey.subject) == (None, None, None)
    assert ports.names == []


def test_a_person_identified_here_is_read_when_no_session_says_who_it_is() -> None:
    ports = Recorder({"people.find": a_person()})
    journey = read(ports, an_interaction(identified=identified()))
    assert journey.person == a_person()
    assert journey.identified_at == NOW


def test_the_identification_of_this_interaction_counts_before_the_session() -> None:
    other = a_person(id="p2")
    ports = Recorder({"sessions.find": a_session(), "people.find": other})
    assert read(ports, an_interaction(identified=identified(person_id="p2"))).person == other


def test_somebody_without_an_account_is_no_person_yet() -> None:
    interaction = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
    journey = read(Recorder(), interaction)
    assert journey.person is None
    assert journey.ongoing.identified == interaction.identified


def test_an_identification_of_an_account_that_was_erased_stands_for_nobody() -> None:
    journey = read(Recorder(), an_interaction(identified=identified(), session_id=None))
    assert journey.person is None
    assert journey.ongoing.identified is None
    assert journey.identified_at is None


STARTED = an_interaction(identified=identified(), session_id="s1")


def test_an_identification_stands_as_long_as_the_session_that_it_started() -> None:
    assert standing(STARTED, a_session()) == STARTED


@each("session", [None, a_session(id="s2")])
def test_a_logout_elsewhere_ends_the_identification(session: Any) -> None:
    assert standing(STARTED, session) == replace(STARTED, identified=None, session_id=None)


@each("session", [None, a_session()])
def test_an_identification_that_started_no_session_needs_none(session: Any) -> None:
    pending = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
    assert standing(pending, session) == pending
    assert standing(None, session) is None


def test_our_own_clients_need_no_memory_of_consent() -> None:
    ports = Recorder({"sessions.find": a_session(allowed_scope=frozenset({"openid"}))})
    assert read(ports).allowed_scope == frozenset()


def test_what_was_allowed_comes_with_the_session() -> None:
    ports = Recorder({"sessions.find": a_session(allowed_scope=frozenset({"openid"}))})
    assert read(ports, client=THIRD_PARTY).allowed_scope == {"openid"}
    assert ports.names == ["sessions.find"]


def test_what_was_allowed_is_read_for_the_person_who_is_identified() -> None:
    ports = Recorder({"people.find": a_person(), "consents.find": frozenset({"email"})})
    assert read(ports, an_interaction(identified=identified()), THIRD_PARTY).allowed_scope == {"email"}
    assert ports.arguments("consents.find") == ("p1", "minasidor", NOW)
