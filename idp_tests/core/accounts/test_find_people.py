from collections.abc import Sequence
from typing import Any

import pytest

from idp.core.accounts.find_people import FindPeople, PersonalNumberGiven
from idp.core.people.person import Person
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder


def find(ports: Recorder, text: str, *, unmasked: bool = False) -> Sequence[Person] | PersonalNumberGiven:
    people: Any = ports.port("people")
    return FindPeople(people=people, audit=ports.port("audit"))(text, NOW, operator="eva", unmasked=unmasked)


def test_what_is_shown_masked_leaves_no_trace() -> None:
    ports = Recorder({"people.search": [a_person()]})
    assert find(ports, " anna@example.se ") == [a_person()]
    assert ports.calls == [("people.search", ("anna@example.se",), {})]


def test_everybody_who_is_shown_unmasked_is_written_down_with_who_looked() -> None:
    ports = Recorder({"people.search": [a_person(), a_person(id="p2")]})
    find(ports, "10012345", unmasked=True)
    told = [arguments[0] for name, arguments, _ in ports.calls if name == "audit.record"]
    assert [(event.person_id, event.operator) for event in told] == [("p1", "eva"), ("p2", "eva")]


@pytest.mark.parametrize("text", ["199001012385", "19900101-2385", "900101-2385", " 900101-2385 "])
def test_nobody_is_looked_for_by_a_personal_number(text: str) -> None:
    ports = Recorder()
    assert find(ports, text) == PersonalNumberGiven()
    assert ports.calls == []
