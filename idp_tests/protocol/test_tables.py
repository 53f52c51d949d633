"""The tables of README.md and authlib_traps.md: every module and trap has a row, and every test named there exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from idp_tests.protocol.modules import FORM_POST, MODULES, TRAPS

HERE = Path(__file__).parent
README = (HERE / "README.md").read_text(encoding="utf-8")
TRAPS_TABLE = (HERE / "authlib_traps.md").read_text(encoding="utf-8")
_TEST = re.compile(r"`([\w./]+\.py)::(test_\w+)`")


def section(heading: str) -> str:
    """What stands under the heading that ends with the plan's name."""
    found = re.search(rf"(?m)^## [^\n]*\b{re.escape(heading)}\n(.*?)(?=^## |\Z)", README, re.DOTALL)
    assert found is not None, heading
    return found[1]


def rows(text: str) -> dict[str, list[str]]:
    """First column without its ticks, and the other columns."""
    lines = [line.strip().strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    found = [[cell.strip() for cell in line] for line in lines]
    names = [line[0].strip("`") for line in found]
    assert len(names) == len(set(names)), "a row stands twice"
    return {name: line[1:] for name, line in zip(names, found, strict=True)}


@cache
def arguments_by_test(path: Path) -> dict[str, frozenset[str]]:
    """The tests of a module and the names of their arguments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: frozenset(argument.arg for argument in node.args.args)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("plan", MODULES)
def test_every_module_of_a_plan_has_a_row_with_rule_section_and_test(plan: str) -> None:
    table = rows(section(plan))
    table.pop("module")
    assert sorted(table) == sorted(MODULES[plan])
    for name, (rule, where, tests) in table.items():
        assert len(rule.split()) >= 3, name
        assert re.search(r"\d", where), name
        assert _TEST.search(tests), name


def test_a_module_that_does_not_apply_says_why() -> None:
    for plan, names in MODULES.items():
        for name in names:
            rule = rows(section(plan))[name][0]
            foreign = "australia-connectid" in name or "intent-id" in name or name.endswith("client-refresh-token-test")
            assert rule.startswith("Does not apply") is foreign, name


def test_every_trap_has_a_row_with_rule_and_test() -> None:
    table = rows(TRAPS_TABLE)
    table.pop("trap")
    assert list(table) == list(TRAPS)
    for name, (rule, tests) in table.items():
        assert len(rule.split()) >= 3, name
        assert _TEST.search(tests), name


@pytest.mark.parametrize("text", [README, TRAPS_TABLE], ids=["README.md", "authlib_traps.md"])
def test_every_test_that_is_named_exists(text: str) -> None:
    named = _TEST.findall(text)
    assert len(named) > 50
    missing = [f"{path}::{test}" for path, test in named if test not in arguments_by_test((HERE / path).resolve())]
    assert missing == []


def test_every_rule_of_the_basic_plan_is_held_in_both_response_modes() -> None:
    """The fixture `suite` runs a test once with query and once with form_post."""
    table = rows(section("oidcc-basic-certification-test-plan"))
    for name in MODULES["oidcc-basic-certification-test-plan"]:
        in_both = [
            test
            for path, test in _TEST.findall(table[name][-1])
            if "suite" in arguments_by_test((HERE / path).resolve())[test]
        ]
        assert in_both, name
    assert len(_TEST.findall(section(FORM_POST))) >= 4


def test_every_file_of_this_room_is_in_the_map() -> None:
    files = {path.name for path in HERE.glob("test_*.py")}
    assert files == {name for name in files if f"`{name}`" in README}
