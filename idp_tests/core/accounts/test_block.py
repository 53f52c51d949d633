from typing import Any

from idp.core.accounts.block import AlreadyBlocked, Block, Blocked, NotBlocked, Unblock, Unblocked
from idp.core.events import PersonBlocked, PersonUnblocked
from idp.core.people.person import NoSuchPerson
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder


def block(ports: Recorder) -> Any:
    use_case = Block(
        people=ports.port("people"),
        grants=ports.port("grants"),
        end_logins=ports.function("end_logins"),  # type: ignore[arg-type]
        audit=ports.port("audit"),
    )
    return use_case("p1", NOW, operator="eva", reason="stolen")


def unblock(ports: Recorder) -> Any:
    return Unblock(people=ports.port("people"), audit=ports.port("audit"))("p1", NOW, operator="eva")


def test_who_is_blocked_has_no_login_and_no_token_left() -> None:
    ports = Recorder({"people.block": True, "people.find": a_person(), "end_logins": 2})
    assert block(ports) == Blocked(logins_ended=2)
    assert ports.names == [
        "people.block",
        "people.find",
        "end_logins",
        "grants.revoke_for_person",
        "audit person.blocked",
    ]
    assert ports.event(PersonBlocked) == PersonBlocked(person_id="p1", operator="eva", reason="stolen")


def test_who_is_blocked_already_is_left_alone() -> None:
    ports = Recorder({"people.block": False, "people.find": a_person(blocked_at=NOW)})
    assert block(ports) == AlreadyBlocked()
    assert ports.names == ["people.block", "people.find"]


def test_nobody_is_blocked_who_is_not_there() -> None:
    assert block(Recorder({"people.block": False})) == NoSuchPerson()


def test_an_account_is_opened_again_and_nothing_comes_back() -> None:
    ports = Recorder({"people.unblock": True})
    assert unblock(ports) == Unblocked()
    assert ports.names == ["people.unblock", "audit person.unblocked"]
    assert ports.event(PersonUnblocked) == PersonUnblocked(person_id="p1", operator="eva")


def test_only_what_is_blocked_is_opened() -> None:
    assert unblock(Recorder({"people.unblock": False, "people.find": a_person()})) == NotBlocked()
    assert unblock(Recorder({"people.unblock": False})) == NoSuchPerson()
