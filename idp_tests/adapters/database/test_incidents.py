"""Incidents: an error page is explained by its code, and no number of them fills the table."""

from datetime import timedelta

import pytest

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.incidents import PROGRAMS_IN_A_MINUTE, DatabaseIncidents
from idp_tests.databases import NOW, Statements

pytestmark = pytest.mark.usefixtures("database_context")

INCIDENTS = DatabaseIncidents()
LATER = NOW + timedelta(days=1)


def test_an_incident_is_explained_by_its_code() -> None:
    with unit_of_work():
        INCIDENTS.note("K7Q2", NOW, {"page": "error.crash", "status": 500})
        INCIDENTS.note("K7Q2", LATER, {"page": "later"})

        assert INCIDENTS.find("K7Q2") == {"page": "error.crash", "status": 500, "at": NOW.isoformat()}
        assert INCIDENTS.find("none") is None


def test_programs_that_go_wrong_leave_room_for_peoples_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.database.incidents.MOST_BEFORE_PROGRAMS", 1)
    with unit_of_work():
        for code in ("A", "B"):
            INCIDENTS.note(code, NOW, {}, of_program=True)
        INCIDENTS.note("C", NOW, {})
        assert [INCIDENTS.find(code) is not None for code in "ABC"] == [True, False, True]


def test_a_flood_of_refused_requests_costs_no_statement(statements: Statements) -> None:
    here = DatabaseIncidents()
    with unit_of_work():
        for number in range(PROGRAMS_IN_A_MINUTE):
            here.note(f"P{number}", NOW, {}, of_program=True)
        before = list(statements.texts)
        here.note("ONE-MORE", NOW, {}, of_program=True)
        assert statements.texts == before
        here.note("PERSON", NOW, {})
        here.note("LATER", NOW + timedelta(minutes=1), {}, of_program=True)
        found = [here.find(code) is not None for code in ("P59", "ONE-MORE", "PERSON", "LATER")]
        assert found == [True, False, True, True]


def test_error_pages_without_end_fill_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.database.incidents.MOST_IN_A_DAY", 2)
    with unit_of_work():
        for code in ("A", "B", "C"):
            INCIDENTS.note(code, NOW, {})
        assert INCIDENTS.find("C") is None
        INCIDENTS.note("D", LATER, {})
        assert INCIDENTS.find("D") is not None
