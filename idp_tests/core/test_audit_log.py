from dataclasses import FrozenInstanceError

import pytest

from idp.core.audit_log import Event, event


@event("door.opened")
class DoorOpened(Event):
    """Somebody opened the door."""

    person_id: str


def test_an_event_bears_its_name_and_its_docstring_is_what_support_reads() -> None:
    opened = DoorOpened(person_id="p1")
    assert (opened.name, opened.sentence) == ("door.opened", "Somebody opened the door.")
    assert DoorOpened.name == "door.opened"


def test_an_event_is_equal_by_its_facts_and_never_changes() -> None:
    opened = DoorOpened(person_id="p1")
    assert opened == DoorOpened(person_id="p1") != DoorOpened(person_id="p2")
    with pytest.raises(FrozenInstanceError):
        opened.person_id = "p2"  # type: ignore[misc]
