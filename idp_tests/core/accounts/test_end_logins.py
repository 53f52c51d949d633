from idp.core.accounts.end_logins import EndLogins
from idp.core.oidc.logout.end_session import SignedIn
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder


def test_every_session_of_the_person_ends_as_a_logout_does() -> None:
    ports = Recorder({"sessions.end_for_person": ["s1", "s2"]})
    ended = EndLogins(sessions=ports.port("sessions"), end_session=ports.port("end_session"))(
        a_person(), NOW, reason="blocked"
    )
    assert ended == 2
    assert ports.names == ["sessions.end_for_person", "end_session.conclude", "end_session.conclude"]
    told = [arguments[0] for name, arguments, _ in ports.calls if name == "end_session.conclude"]
    assert told == [SignedIn(session_id="s1", person=a_person()), SignedIn(session_id="s2", person=a_person())]
