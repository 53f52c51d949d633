"""Finish erasures: tokens end and the audit log hears of each."""

from idp.core.accounts.finish_erasures import FinishErasures
from idp.core.events import PersonErased
from idp_tests.builders import NOW
from idp_tests.recorder import Recorder


def test_each_person_without_a_key_is_erased_and_noted() -> None:
    ports = Recorder({"keyless.forget": ["p1", "p2"], "keyless.count": 2})
    finish = FinishErasures(keyless=ports.port("keyless"), grants=ports.port("grants"), audit=ports.port("audit"))
    assert finish.count() == 2
    assert finish(NOW, operator="eva", case_id="C-1") == 2
    assert ports.names[1:] == ["keyless.forget", *["grants.revoke_for_person", "audit person.erased"] * 2]
    told = [arguments[0] for name, arguments, _ in ports.calls if name == "audit.record"]
    assert told == [PersonErased(person_id=who, operator="eva", case_id="C-1") for who in ("p1", "p2")]
