"""Dependencies: allowed licences, advisories that are never taken for looked up when they were not, a bill of materials."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from idp_tests.dependencies import __main__ as command
from idp_tests.dependencies.advisories import KNOWN_TO_BE_VULNERABLE, Query, look_up
from idp_tests.dependencies.bill import bill_of
from idp_tests.dependencies.licences import is_allowed, read_licences
from idp_tests.dependencies.lock import read_lock

PACKAGES = read_lock()


def a_database(advisories: dict[str, list[str]]) -> Any:
    """Answers like the real one: an empty answer for whatever it has no advisory about."""

    def ask(queries: Sequence[Query]) -> Any:
        ids = [advisories.get(query["package"]["purl"], []) for query in queries]
        return {"results": [{"vulns": [{"id": one} for one in each]} if each else {} for each in ids]}

    return ask


ALIVE = {KNOWN_TO_BE_VULNERABLE.purl: ["GHSA-known"]}


def test_every_package_that_runs_here_has_a_licence_that_is_allowed() -> None:
    found = read_licences(PACKAGES)
    assert found.refused == {}
    assert [package for package in found.not_looked if not package.marker] == []
    assert len(found.stated) + len(found.not_looked) == len(PACKAGES) > 30


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("AGPL-3.0-only", False),
        ("AGPL-3.0-only OR MIT", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("Apache-2.0 AND AGPL-3.0-only", False),
        ("", False),
    ],
)
def test_a_choice_of_licences_needs_one_that_is_allowed_and_a_sum_needs_all(expression: str, expected: bool) -> None:
    assert is_allowed(expression) is expected


def test_an_advisory_is_found_and_all_others_are_looked_up() -> None:
    flask = next(package for package in PACKAGES if package.name == "flask")
    found = look_up(PACKAGES, a_database(ALIVE | {flask.purl: ["GHSA-1", "PYSEC-2"]}))
    assert found.known == {flask: ["GHSA-1", "PYSEC-2"]}
    assert (found.looked, found.not_looked) == (list(PACKAGES), {})


def refuse(_queries: Sequence[Query]) -> Any:
    raise OSError("no route to host")


SILENT = {
    "unreachable": (refuse, "OSError"),
    "empty for everything": (a_database({}), "knows nothing even of jinja2"),
    "shorter than the question": (lambda _: {"results": [{"vulns": [{"id": "x"}]}]}, "not about these packages"),
    "of another form": (lambda _: ["sorry"], "cannot be read"),
    "without a meaning": (lambda queries: {"results": [None] * len(queries)}, "cannot be read"),
}


@pytest.mark.parametrize(("ask", "reason"), SILENT.values(), ids=SILENT.keys())
def test_an_answer_that_proves_nothing_is_no_answer(ask: Any, reason: str) -> None:
    found = look_up(PACKAGES, ask)
    assert (found.looked, found.known) == ([], {})
    assert set(found.not_looked) == set(PACKAGES)
    assert all(reason in why for why in found.not_looked.values())


@pytest.mark.parametrize(
    ("advisories", "code", "said"),
    [
        (ALIVE, 0, "advisories: {0} of {0} packages were looked up"),
        (ALIVE | {PACKAGES[0].purl: ["GHSA-1"]}, 1, f"advisory: {PACKAGES[0].name}"),
        ({}, 2, f"advisories NOT LOOKED UP: {PACKAGES[0].name}"),
    ],
    ids=["nothing known", "something known", "nothing proved"],
)
def test_the_command_says_so_when_it_could_not_look(
    advisories: dict[str, list[str]],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["dependencies"])
    monkeypatch.setattr(command, "ask_database", a_database(advisories))
    assert command.main() == code
    assert said.format(len(PACKAGES)) in capsys.readouterr().out


def test_the_bill_of_materials_names_all_that_runs_and_is_the_same_for_the_same_lock() -> None:
    bill = bill_of(PACKAGES, read_licences(PACKAGES))
    assert json.dumps(bill) == json.dumps(bill_of(read_lock(), read_licences(read_lock())))
    components = {component["name"]: component for component in bill["components"]}
    assert components["flask"]["purl"] == f"pkg:pypi/flask@{components['flask']['version']}"
    assert components["flask"]["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]
    assert len(components) == len(PACKAGES)
    assert all(component["properties"] for component in components.values())
    refs = {bill["metadata"]["component"]["bom-ref"], *(component["bom-ref"] for component in bill["components"])}
    wants = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    assert set(wants) == refs
    assert {ref for wanted in wants.values() for ref in wanted} == refs - {bill["metadata"]["component"]["bom-ref"]}
    assert components["blinker"]["bom-ref"] in wants[components["flask"]["bom-ref"]]
