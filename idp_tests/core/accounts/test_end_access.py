from idp.core.accounts.end_access import EndAccess
from idp.core.oidc.logout.end_session import SignedIn
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder


def end_access(ports: Recorder) -> EndAccess:
    return EndAccess(
        people=ports.port("people"),
        sessions=ports.port("sessions"),
        grants=ports.port("grants"),
        end_session=ports.function("end_session"),  # type: ignore[arg-type]
    )


def test_tokens_for_a_customer_end_and_the_sessions_that_gave_them() -> None:
    ports = Recorder({"sessions.acting_for": ["s1", "s2"], "people.find": a_person()})
    end_access(ports).end("p1", "c1", NOW, reason="number_moved")
    assert ports.names == [
        "sessions.acting_for",
        "grants.revoke_for_person_and_customer",
        "people.find",
        "end_session",
        "end_session",
    ]
    assert ports.arguments("grants.revoke_for_person_and_customer")[:2] == ("p1", "c1")
    told = [arguments[0] for name, arguments, _ in ports.calls if name == "end_session"]
    assert told == [SignedIn(session_id="s1", person=a_person()), SignedIn(session_id="s2", person=a_person())]


def test_a_person_who_was_erased_has_no_session_to_end() -> None:
    ports = Recorder({"sessions.acting_for": ["s1"]})
    end_access(ports).end("p1", "c1", NOW, reason="number_moved")
    assert "end_session" not in ports.names


def test_tokens_for_closed_customers_end() -> None:
    ports = Recorder({"grants.revoke_for_closed_customers": 7})
    assert end_access(ports).end_for_closed(NOW) == 7
