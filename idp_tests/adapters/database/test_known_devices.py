"""Known devices: counted by one statement, forgotten once."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.known_devices import DatabaseKnownDevices
from idp.adapters.database.tables import known_devices
from idp_tests.adapters.database.seeds import add_person, race
from idp_tests.databases import NOW

pytestmark = pytest.mark.usefixtures("database_context")

DEVICES = DatabaseKnownDevices()
LATER = NOW + timedelta(days=1)


def note(person_id: str, cookie_hash: str = "one", now: datetime = NOW) -> tuple[str, bool]:
    noted = DEVICES.note(person_id, cookie_hash, now, now + timedelta(days=399))
    return noted.id, noted.is_new


def test_a_device_is_new_once_for_each_person() -> None:
    with unit_of_work():
        anna, bo = add_person("199001010017").id, add_person("199002020028").id
        first, is_new = note(anna)
        assert is_new
        assert note(anna, now=LATER) == (first, False)
        assert note(bo)[1]
        assert note(anna, "two")[1]


def test_each_login_keeps_it_longer() -> None:
    with unit_of_work():
        anna = add_person().id
        note(anna)
        note(anna, now=LATER)
        assert connection().execute(select(known_devices.c.expires_at)).scalar_one() == LATER + timedelta(days=399)


def test_it_is_forgotten_once_and_is_new_again() -> None:
    with unit_of_work():
        anna = add_person().id
        first, _ = note(anna)
        assert DEVICES.exists(first)
        assert DEVICES.forget(first) == anna
        assert DEVICES.forget(first) is None
        assert not DEVICES.exists(first)
        again, is_new = note(anna)
        assert is_new
        assert again != first


def test_of_many_at_once_one_is_first_and_one_forgets(database_app: Flask) -> None:
    with unit_of_work():
        anna = add_person().id
    noted = race(database_app, lambda: note(anna))
    assert sum(is_new for _, is_new in noted) == 1
    forgotten = race(database_app, lambda: DEVICES.forget(noted[0][0]))
    assert sorted(forgotten, key=str).count(anna) == 1
