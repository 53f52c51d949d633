from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.core.events import EvidenceRejected, LoginIdentified, LoginRejected, SessionStarted
from idp.core.evidence.bundle import Act, ActKind
from idp.core.identification.assertion import NotBelieved
from idp.core.identification.verdict import Verdict
from idp.core.oidc.logout.end_session import SignedIn
from idp.core.overtaken import Overtaken
from idp.core.people.person import PendingIdentity, Profile
from idp.core.signin.device import recognise
from idp.core.signin.identify import (
    Blocked,
    Caller,
    Identify,
    LoginPolicy,
    NobodyYet,
    NotThisPerson,
    Recognised,
    Rejected,
    SomebodyElse,
    Unknown,
)
from idp.core.signin.journey import Journey
from idp.core.signin.tell_of_login import Login, Visit
from idp_tests.builders import (
    METHOD,
    NOW,
    a_client,
    a_journey,
    a_person,
    a_profile,
    a_session,
    an_assertion,
    an_identity,
    an_interaction,
    identified,
)
from idp_tests.cases import each
from idp_tests.recorder import Recorder

LATER = NOW + timedelta(seconds=20)
POLICY = LoginPolicy(session_life=timedelta(hours=8))
VISIT = Visit(cookie_hash="known", device=recognise(""), networks=None)
CALLER = Caller(session_hash="fresh", browser_hash="browser-hash-of-64-digits", visit=VISIT)


def at_the_page(**changes: Any) -> Journey:
    return a_journey(**{"session": None, "interaction": an_interaction(), **changes})


def identify(ports: Recorder, journey: Journey) -> Any:
    ports.answers.setdefault("method.complete", an_assertion())
    ports.answers.setdefault("people.refresh", lambda person_id, _profile: a_person(id=person_id))
    use_case = Identify(
        methods=(ports.port("other"), ports.port("method")),
        people=ports.port("people"),
        interactions=ports.port("interactions"),
        sessions=ports.port("sessions"),
        end_session=ports.function("end_session"),
        tell_of_login=ports.function("tell_of_login"),  # type: ignore[arg-type]
        evidence=ports.port("evidence"),
        audit=ports.port("audit"),
        policy=POLICY,
    )
    return use_case(journey, CALLER, LATER)


def test_a_known_person_gets_a_session_after_both_comparisons() -> None:
    ports = Recorder({"people.find_by_identity": a_person()})
    assert identify(ports, at_the_page()) == Recognised(person_id="p1")
    assert ports.names == [
        "other.complete",
        "method.complete",
        "people.find_by_identity",
        "interactions.record_identified",
        "people.refresh",
        "people.record_authentication",
        "evidence.keep_login",
        "sessions.start",
        "audit session.started",
        "tell_of_login",
        "audit login.identified",
    ]


def test_what_is_recorded_says_who_when_and_how() -> None:
    ports = Recorder({"people.find_by_identity": a_person()})
    identify(ports, at_the_page())
    authentication, assertion = ports.arguments("people.record_authentication")
    assert (authentication.person_id, authentication.at) == ("p1", NOW)
    assert (authentication.method, authentication.provider, authentication.acr) == (
        METHOD.name,
        METHOD.provider,
        METHOD.acr,
    )
    assert authentication.amr == ("swk", "mfa")
    assert assertion == an_assertion()
    interaction, recorded, session_id, _ = ports.arguments("interactions.record_identified")
    assert interaction == an_interaction()
    assert (recorded.at, recorded.person_id, recorded.pending) == (NOW, "p1", None)
    session, cookie_hash = ports.arguments("sessions.start")
    assert (session.id, cookie_hash) == (session_id, "fresh")
    assert session.expires_at == LATER + timedelta(hours=8)
    assert ports.event(SessionStarted).browser == "browser-hash-of-"


def test_evidence_of_a_login_is_what_the_method_gave() -> None:
    ports = Recorder({"people.find_by_identity": a_person()})
    identify(ports, at_the_page())
    act, found = ports.arguments("evidence.keep_login")
    assert act == Act(kind=ActKind.LOGIN, at=NOW, person_id="p1", client_id="minasidor")
    assert (found.method, found.reference, found.at) == (METHOD.name, "o1", NOW)
    assert (found.kind, found.parts) == ("signature", an_assertion().evidence.parts)


def test_somebody_without_an_account_waits_in_the_interaction_and_has_no_session() -> None:
    ports = Recorder()
    assert identify(ports, at_the_page()) == Unknown()
    _, recorded, session_id, _ = ports.arguments("interactions.record_identified")
    assert recorded.person_id is None
    assert recorded.pending == PendingIdentity(identity=an_identity(), profile=a_profile())
    assert session_id is None
    assert not any(name.startswith("sessions") for name in ports.names)


@each(
    "known, registered_at, is_first",
    {
        "a known person": (a_person(), None, False),
        "who has just registered": (a_person(), NOW, True),
        "an account made at once": (None, None, True),
    },
)
def test_a_login_is_told_of_with_what_it_is_worth(known: Any, registered_at: Any, is_first: bool) -> None:
    ports = Recorder(
        {
            "people.find_by_identity": known,
            "people.create": lambda person_id, _assertion, _now: a_person(id=person_id),
            "method.complete": an_assertion(verdict=Verdict.WARN),
        }
    )
    interaction = an_interaction(registered_at=registered_at)
    identify(ports, at_the_page(interaction=interaction, client=a_client(require_customer_link=known is not None)))
    login, visit, now = ports.arguments("tell_of_login")
    session, _ = ports.arguments("sessions.start")
    assert login == Login(person=session.person, session_id=session.id, verdict=Verdict.WARN, is_first=is_first)
    assert (visit, now, session.verdict) == (VISIT, LATER, Verdict.WARN)


def test_what_the_identification_is_worth_stands_in_the_interaction_and_the_audit_log() -> None:
    ports = Recorder({"method.complete": an_assertion(verdict=Verdict.STEP_UP, decided_by="risk_moderate")})
    identify(ports, at_the_page())
    assert ports.arguments("interactions.record_identified")[1].verdict is Verdict.STEP_UP
    event = ports.event(LoginIdentified)
    assert (event.verdict, event.decided_by) == ("step_up", "risk_moderate")
    assert "tell_of_login" not in ports.names, "nobody is known yet"


@pytest.mark.parametrize("needed", [True, False])
def test_an_account_is_made_at_once_only_for_a_client_without_customers(needed: bool) -> None:
    ports = Recorder({"people.create": lambda person_id, _assertion, _now: a_person(id=person_id)})
    answer = identify(ports, at_the_page(client=a_client(require_customer_link=needed)))
    assert isinstance(answer, Unknown if needed else Recognised)
    assert ("people.create" in ports.names) is not needed


def test_a_new_account_and_a_changed_name_are_written_after_the_comparison() -> None:
    ports = Recorder({"people.create": lambda person_id, _assertion, _now: a_person(id=person_id)})
    identify(ports, at_the_page(client=a_client(require_customer_link=False)))
    assert ports.names[3:5] == ["interactions.record_identified", "people.create"]
    _, recorded, _, _ = ports.arguments("interactions.record_identified")
    assert ports.arguments("people.create") == (recorded.person_id, an_assertion(), LATER)
    ports = Recorder({"people.find_by_identity": a_person(), "people.refresh": a_person(name="Anna Berg")})
    identify(ports, at_the_page())
    assert ports.names[3:5] == ["interactions.record_identified", "people.refresh"]
    assert ports.arguments("people.refresh") == ("p1", a_profile())


def test_nothing_is_written_of_a_person_who_is_the_same_as_before() -> None:
    ports = Recorder({"people.find_by_identity": a_person(**_names(a_profile()))})
    identify(ports, at_the_page())
    assert "people.refresh" not in ports.names


def test_an_identification_without_any_name_takes_none_away() -> None:
    nameless = a_profile(name="", given_name="", surname="")
    ports = Recorder({"people.find_by_identity": a_person(), "method.complete": an_assertion(profile=nameless)})
    identify(ports, at_the_page())
    assert "people.refresh" not in ports.names


def _names(profile: Profile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in ("name", "given_name", "surname", "birthdate")}


def test_the_session_of_the_same_person_goes_on_under_a_new_cookie() -> None:
    ports = Recorder({"people.find_by_identity": a_person()})
    identify(ports, at_the_page(session=a_session()))
    session, cookie_hash = ports.arguments("sessions.renew")
    assert (session.id, cookie_hash, session.authentication.at) == ("s1", "fresh", NOW)
    assert "end_session" not in ports.names
    assert "sessions.start" not in ports.names


def test_the_session_of_another_person_ends_and_is_never_merged() -> None:
    ports = Recorder({"people.find_by_identity": a_person(id="p2")})
    identify(ports, at_the_page(session=a_session()))
    assert ports.arguments("end_session")[0] == SignedIn(session_id="s1", person=a_person())
    session, _ = ports.arguments("sessions.start")
    assert session.id != "s1"
    assert ports.names.index("interactions.record_identified") < ports.names.index("end_session")


def test_an_identification_that_is_not_believed_is_rejected_and_nobody_is_looked_up() -> None:
    refused = NotBelieved(reference="o1", reason="anotherDevice", decided_by="not_returned")
    ports = Recorder({"method.complete": refused})
    assert identify(ports, at_the_page()) == Rejected()
    assert ports.names == ["other.complete", "method.complete", "audit login.rejected"]
    rejected = ports.event(LoginRejected)
    assert (rejected.reason, rejected.decided_by) == ("anotherDevice", "not_returned")


def test_evidence_that_is_refused_is_told_to_the_audit_log() -> None:
    ports = Recorder(
        {"method.complete": NotBelieved(reference="o1", reason="evidenceRefused", evidence_problem="no chain")}
    )
    assert identify(ports, at_the_page()) == Rejected()
    assert ports.names == ["other.complete", "method.complete", "audit evidence.rejected", "audit login.rejected"]
    assert ports.event(EvidenceRejected).reason == "no chain"


def test_evidence_that_does_not_prove_it_is_noted_where_the_settings_believe_without() -> None:
    ports = Recorder({"method.complete": an_assertion(unproved="no chain"), "people.find_by_identity": a_person()})
    assert isinstance(identify(ports, at_the_page()), Recognised)
    assert ports.event(EvidenceRejected).reason == "no chain"


def test_a_blocked_person_uses_the_identification_up_and_gets_nothing() -> None:
    ports = Recorder({"people.find_by_identity": a_person(blocked_at=NOW)})
    assert identify(ports, at_the_page()) == Blocked()
    assert ports.names == ["other.complete", "method.complete", "people.find_by_identity", "audit login.rejected"]
    assert ports.event(LoginRejected).reason is NotThisPerson.BLOCKED
    assert ports.event(LoginRejected).person_id == "p1"


REGISTERED = an_interaction(identified=identified(), registered_at=NOW)


@pytest.mark.parametrize("other", [None, a_person(id="p2")])
def test_after_registering_only_the_same_person_goes_on(other: Any) -> None:
    ports = Recorder({"people.find_by_identity": other})
    assert identify(ports, at_the_page(interaction=REGISTERED, person=a_person())) == SomebodyElse()
    assert ports.names == ["other.complete", "method.complete", "people.find_by_identity", "audit login.rejected"]


def test_after_registering_the_same_person_goes_on() -> None:
    ports = Recorder({"people.find_by_identity": a_person()})
    assert isinstance(identify(ports, at_the_page(interaction=REGISTERED)), Recognised)


def test_before_registering_another_person_may_take_the_place() -> None:
    ports = Recorder({"people.find_by_identity": a_person(id="p2")})
    interaction = replace(REGISTERED, registered_at=None)
    assert isinstance(identify(ports, at_the_page(interaction=interaction)), Recognised)


@pytest.mark.parametrize("needed", [True, False])
def test_a_lost_race_for_the_interaction_makes_no_account(needed: bool) -> None:
    ports = Recorder({"interactions.record_identified": Overtaken})
    with pytest.raises(Overtaken):
        identify(ports, at_the_page(client=a_client(require_customer_link=needed)))
    assert ports.names[-1] == "interactions.record_identified"


@pytest.mark.parametrize("client", [a_client(), a_client(require_customer_link=False)])
def test_no_account_is_made_of_somebody_else_than_who_registered(client: Any) -> None:
    ports = Recorder()
    assert identify(ports, at_the_page(interaction=REGISTERED, person=a_person(), client=client)) == SomebodyElse()
    assert "people.create" not in ports.names


@pytest.mark.parametrize("lost", ["method.complete", "interactions.record_identified", "sessions.renew"])
def test_each_lost_race_is_raised_before_anything_is_told(lost: str) -> None:
    ports = Recorder({"people.find_by_identity": a_person(), lost: Overtaken})
    with pytest.raises(Overtaken):
        identify(ports, at_the_page(session=a_session()))
    assert not any(name.startswith("audit") for name in ports.names)


def test_where_no_method_is_ready_nothing_is_written() -> None:
    ports = Recorder({"method.complete": lambda _identification_id, _now: None})
    assert identify(ports, at_the_page()) == NobodyYet()
    assert ports.names == ["other.complete", "method.complete"]
    assert ports.arguments("method.complete") == ("i1", LATER)


def test_the_first_method_that_is_ready_is_the_one_that_counts() -> None:
    ports = Recorder({"other.complete": an_assertion(), "people.find_by_identity": a_person()})
    assert identify(ports, at_the_page()) == Recognised(person_id="p1")
    assert "method.complete" not in ports.names
