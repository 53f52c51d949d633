"""The list of audit events: named once, told in a sentence, and made of facts that may be kept for a year."""

import re
from dataclasses import fields
from typing import get_type_hints

from idp.core.events import EVENTS

NEVER_FACTS = {
    "access_token", "address", "auth_code", "code", "cookie", "digits", "email", "given_name", "id_token", "ip",
    "last_four", "name", "nonce", "organisation_number", "password", "personal_number", "phone", "refresh_token",
    "secret", "state", "surname", "token",
}  # fmt: skip
"""Names of facts that would make the log a place of secrets, or of persons."""
KINDS_OF_FACTS = {str, bool, int, str | None, int | None, tuple[str, ...]}


def test_every_event_has_a_name_of_its_own_that_says_what_happened_to_what() -> None:
    types = {each.__name__ for each in EVENTS.values()}
    assert len(types) == len(EVENTS)
    assert [name for name in EVENTS if not re.fullmatch(r"[a-z_]+\.[a-z_]+", name)] == []
    assert [name for name in EVENTS if len(name) > 64] == []


def test_every_event_is_told_in_one_sentence() -> None:
    odd = [each.name for each in EVENTS.values() if not re.fullmatch(r"[A-Z][^\n]*[.)]\.?", each.sentence)]
    assert odd == []


def test_no_event_has_room_for_a_secret_or_a_name() -> None:
    named = {field.name for each in EVENTS.values() for field in fields(each)}
    assert named & NEVER_FACTS == set()


def test_facts_are_words_numbers_and_yes_or_no() -> None:
    odd = {
        f"{event.name}.{field.name}"
        for event in EVENTS.values()
        for field in fields(event)
        if get_type_hints(event)[field.name] not in KINDS_OF_FACTS
    }
    assert odd == set()
