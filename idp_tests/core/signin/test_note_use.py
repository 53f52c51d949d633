from datetime import timedelta

from idp.core.signin.note_use import NoteUse
from idp_tests.builders import NOW, a_session
from idp_tests.recorder import Recorder


def test_a_page_that_is_seen_with_a_session_is_noted_once_a_minute() -> None:
    ports = Recorder()
    note = NoteUse(sessions=ports.port("sessions"))
    note(a_session(seen_at=NOW - timedelta(minutes=1) + timedelta(microseconds=1)), NOW)
    assert ports.names == []
    note(a_session(seen_at=NOW - timedelta(minutes=1)), NOW)
    assert ports.arguments("sessions.seen") == ("s1", NOW)


def test_without_a_session_there_is_nothing_to_note() -> None:
    ports = Recorder()
    NoteUse(sessions=ports.port("sessions"))(None, NOW)
    assert ports.names == []
