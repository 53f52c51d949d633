from idp.core.accounts.end_logins import EndLogins, EndSession
from idp.core.oidc.logout import LoggedOut, SignedIn
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder
from idp_tests.tokens import TOKEN_ISSUER, Desk


def test_every_session_of_the_person_ends_as_a_logout_does() -> None:
    ports = Recorder({"sessions.end_for_person": ["s1", "s2"]})
    ended = EndLogins(sessions=ports.port("sessions"), end_session=ports.port("end_session"))(
        a_person(), NOW, reason="blocked"
    )
    assert ended == 2
    assert ports.names == ["sessions.end_for_person", "end_session.conclude", "end_session.conclude"]
    told = [arguments[0] for name, arguments, _ in ports.calls if name == "end_session.conclude"]
    assert told == [SignedIn(session_id="s1", person=a_person()), SignedIn(session_id="s2", person=a_person())]


def make_end_session(desk: Desk, ports: Recorder) -> EndSession:
    return EndSession(
        sessions=ports.port("sessions"),
        grants=desk.grants,
        outbox=ports.port("outbox"),
        clients=ports.port("clients"),
        audit=desk.audit,
        token_issuer=lambda: TOKEN_ISSUER,
    )


def test_a_session_ends_with_its_grants_and_is_written_down() -> None:
    desk, ports = Desk(), Recorder({"sessions.end": True})
    end_session = make_end_session(desk, ports)
    assert end_session(SignedIn(session_id="s1", person=a_person()), NOW, reason="logout") == LoggedOut(frames=())
    assert ports.names == ["sessions.end"]
    assert desk.audit.names == ["session.ended"]


def test_a_session_that_the_caller_ended_is_not_ended_once_more() -> None:
    desk, ports = Desk(), Recorder()
    session = SignedIn(session_id="s1", person=a_person())
    assert make_end_session(desk, ports).conclude(session, NOW, reason="blocked") == LoggedOut(frames=())
    assert ports.names == []
    assert desk.audit.names == ["session.ended"]
