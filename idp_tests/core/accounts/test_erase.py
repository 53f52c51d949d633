"""Erase: compared first, once; logins end, clients hear of it, and the audit log keeps who did it in which case."""

from typing import Any

from idp.core.accounts.erase import AlreadyErased, Erase, Erased, ShutOut
from idp.core.accounts.ports import Remainder, StillKept
from idp.core.events import PersonErased
from idp.core.people.person import NoSuchPerson
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder

KEPT = [StillKept(what=Remainder.AUDIT, count=3, until=NOW)]


def erase(ports: Recorder, **options: bool) -> Any:
    use_case = Erase(
        people=ports.port("people"),
        traces=ports.port("traces"),
        grants=ports.port("grants"),
        end_logins=ports.function("end_logins"),  # type: ignore[arg-type]
        end_session=ports.port("end_session"),
        audit=ports.port("audit"),
    )
    return use_case("p1", NOW, operator="eva", case_id="C-1", **options)


def test_the_key_goes_first_and_then_logins_and_tokens_end() -> None:
    ports = Recorder({"people.find": a_person(), "traces.erase": KEPT, "end_logins": 2})
    assert erase(ports) == Erased(logins_ended=2, kept=KEPT)
    assert ports.names == [
        "people.find",
        "traces.is_kept_out",
        "traces.erase",
        "end_logins",
        "end_session.tell_who_still_acts",
        "grants.revoke_for_person",
        "audit person.erased",
    ]
    assert ports.event(PersonErased) == PersonErased(person_id="p1", operator="eva", case_id="C-1")


def test_of_two_erasures_the_second_changes_nothing() -> None:
    ports = Recorder({"people.find": a_person(), "traces.erase": None})
    assert erase(ports) == AlreadyErased()
    assert ports.names[-1] == "traces.erase"


def test_who_was_erased_is_told_from_who_never_was() -> None:
    assert erase(Recorder({"traces.was_erased": True})) == AlreadyErased()
    assert erase(Recorder({"traces.was_erased": False})) == NoSuchPerson()


def test_who_is_shut_out_does_not_come_back_by_an_erasure_unless_the_operator_says_so() -> None:
    blocked = {"people.find": a_person(blocked_at=NOW), "traces.erase": KEPT, "end_logins": 0}
    kept_out = {"people.find": a_person(), "traces.is_kept_out": True, "traces.erase": KEPT, "end_logins": 0}
    for answers in (blocked, kept_out):
        assert erase(Recorder(answers)) == ShutOut()
        assert isinstance(erase(Recorder(answers), although_shut_out=True), Erased)
