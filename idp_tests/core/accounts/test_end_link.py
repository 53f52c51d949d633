from typing import Any

from idp.core.accounts.end_link import AlreadyKeptOut, EndLink, KeepOut, NotLinked, Unlinked
from idp.core.events import LinkEnded, LinkSuspended
from idp.core.people.person import NoSuchPerson
from idp_tests.builders import NOW, a_customer, a_person
from idp_tests.cases import each
from idp_tests.recorder import Recorder

UNKNOWN = {"links.end": None, "links.keep_out": None, "links.is_kept_out": False}


def end(ports: Recorder, use_case: type[EndLink] | type[KeepOut]) -> Any:
    made = use_case(
        people=ports.port("people"), links=ports.port("links"), grants=ports.port("grants"), audit=ports.port("audit")
    )
    return made("p1", "10012345", NOW, operator="eva", reason="left")


@each("use_case, verb, event", [(EndLink, "links.end", LinkEnded), (KeepOut, "links.keep_out", LinkSuspended)])
def test_the_tokens_that_act_for_the_customer_end_with_the_link(
    use_case: type[EndLink] | type[KeepOut], verb: str, event: type[LinkEnded] | type[LinkSuspended]
) -> None:
    ports = Recorder({verb: "c1", "grants.revoke_for_person_and_customer": 3})
    assert end(ports, use_case) == Unlinked(grants_revoked=3)
    assert ports.names == [verb, "grants.revoke_for_person_and_customer", f"audit {event.name}"]
    assert ports.arguments("grants.revoke_for_person_and_customer")[:2] == ("p1", "c1")
    assert ports.event(event) == event(person_id="p1", customer_id="c1", operator="eva", reason="left")


@each("use_case", [EndLink, KeepOut])
def test_an_unknown_number_ends_nothing_and_is_answered_with_those_that_there_are(
    use_case: type[EndLink] | type[KeepOut],
) -> None:
    ports = Recorder({**UNKNOWN, "people.find": a_person(links=(a_customer(),))})
    assert end(ports, use_case) == NotLinked(numbers=[str(a_customer().number)])
    assert not any(name.startswith(("grants", "audit")) for name in ports.names)
    assert end(Recorder(UNKNOWN), use_case) == NoSuchPerson()


def test_who_is_kept_out_already_is_left_alone() -> None:
    ports = Recorder({**UNKNOWN, "links.is_kept_out": True})
    assert end(ports, KeepOut) == AlreadyKeptOut()
    assert ports.names == ["links.keep_out", "links.is_kept_out"]
