"""The tables of README.md and authlib_traps.md: every module and trap has a row, and every test named there exists."""

import re
from pathlib import Path

import pytest

from idp_tests.named_tests import NAMED_TEST, arguments_by_test, missing_tests, rows
from idp_tests.protocol.modules import FORM_POST, MODULES, TRAPS

HERE = Path(__file__).parent
README = (HERE / "README.md").read_text(encoding="utf-8")
TRAPS_TABLE = (HERE / "authlib_traps.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands under the heading that ends with the plan's name."""
    found = re.search(rf"(?m)^## [^\n]*\b{re.escape(heading)}\n(.*?)(?=^## |\Z)", README, re.DOTALL)
    assert found is not None, heading
    return found[1]


@pytest.mark.parametrize("plan", MODULES)
def test_every_module_of_a_plan_has_a_row_with_rule_section_and_test(plan: str) -> None:
    table = rows(section(plan))
    table.pop("module")
    assert sorted(table) == sorted(MODULES[plan])
    for name, (rule, where, tests) in table.items():
        assert len(rule.split()) >= 3, name
        assert re.search(r"\d", where), name
        assert NAMED_TEST.search(tests), name


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
        assert NAMED_TEST.search(tests), name


@pytest.mark.parametrize("text", [README, TRAPS_TABLE], ids=["README.md", "authlib_traps.md"])
def test_every_test_that_is_named_exists(text: str) -> None:
    assert len(NAMED_TEST.findall(text)) > 50
    assert missing_tests(text, HERE) == []


def test_every_rule_of_the_basic_plan_is_held_in_both_response_modes() -> None:
    """The fixture `suite` runs a test once with query and once with form_post."""
    table = rows(section("oidcc-basic-certification-test-plan"))
    for name in MODULES["oidcc-basic-certification-test-plan"]:
        in_both = [
            test
            for path, test in NAMED_TEST.findall(table[name][-1])
            if "suite" in arguments_by_test((HERE / path).resolve())[test]
        ]
        assert in_both, name
    assert len(NAMED_TEST.findall(section(FORM_POST))) >= 4


def test_every_file_of_this_room_is_in_the_map() -> None:
    files = {path.name for path in HERE.glob("test_*.py")}
    assert files == {name for name in files if f"`{name}`" in README}
