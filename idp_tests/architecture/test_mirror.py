"""The tree of tests mirrors the product, and a step of the sign-in has one word on every floor."""

import ast
from pathlib import Path

import pytest

from idp_tests.cases import each

ROOT = Path(__file__).resolve().parents[2]
PRODUCT, TESTS = ROOT / "idp", ROOT / "idp_tests"

ELSEWHERE = {
    "adapters/database/decoding.py": "adapters/database/test_grants.py",
    "adapters/database/bankid/order_leases.py": "adapters/database/bankid/test_orders.py",
    "adapters/database/bankid/order_rows.py": "adapters/database/bankid/test_orders.py",
    "adapters/database/schema.py": "adapters/database/test_migrations.py",
    "adapters/database/tables.py": "adapters/database/test_migrations.py",
    "adapters/database/upsert.py": "adapters/database/test_budgets.py",
    "assembly/oidc.py": "protocol/test_basic_plan.py",
    "assembly/dynamic_registration.py": "web/oidc/test_dynamic_registration.py",
    "assembly/store.py": "assembly/test_accounts.py",
    "assembly/web.py": "assembly/test_step_order.py",
    "cli/jobs.py": "cli/test_serve.py",
    "cli/new_client.py": "cli/test_clients.py",
    "cli/with_provider.py": "cli/test_command.py",
    "cli/problems.py": "cli/test_command.py",
    "cli/settings_file.py": "architecture/test_config.py",
    "misconfiguration.py": "cli/test_command.py",
    "serving/connection.py": "serving/test_server.py",
    "serving/exchange.py": "serving/test_server.py",
    "serving/poller.py": "serving/test_server.py",
    "serving/process.py": "cli/test_serve.py",
    "settings_file.py": "test_settings.py",
    "settings_linking.py": "test_settings.py",
    "web/account/approval.py": "web/signin/test_approval.py",
    "core/linking/take_invitation.py": "web/signin/test_invitation.py",
    "web/account/invitation.py": "web/signin/test_invitation.py",
    "web/account/own_login.py": "web/signin/test_approval.py",
    "web/oidc/client_requests.py": "web/oidc/test_token.py",
    "web/signin/bankid/order.py": "web/signin/bankid/test_log_in.py",
    "web/signin/bankid/status.py": "web/signin/bankid/test_log_in.py",
}
"""Modules that are shown by the test of what they are a part of, which would be written twice otherwise."""

STEPS = sorted(path.stem for path in (PRODUCT / "core/signin/steps").glob("[a-z]*.py"))
OF_THE_METHOD = ("log_in", "sign_in_again")
"""Steps whose page belongs to the method of identification, and stands in its room; `log_in` answers both."""
FLOORS = (
    "idp/core/signin/steps/{}.py",
    "idp/web/signin/{}.py",
    "idp/web/templates/signin/{}.html",
    "idp_tests/core/signin/steps/test_{}.py",
    "idp_tests/web/signin/test_{}.py",
)
METHODS_FLOORS = (
    "idp/core/signin/steps/{}.py",
    "idp/web/templates/signin/bankid/{}.html",
    "idp_tests/core/signin/steps/test_{}.py",
    "idp_tests/web/signin/bankid/test_{}.py",
)


def behaves(module: Path) -> bool:
    """Whether a module has a statement that could be wrong: a function or method of more than its description."""
    functions = (
        node
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return any(any(not _describes(statement) for statement in function.body) for function in functions)


def _describes(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def modules() -> list[str]:
    """Modules that behave, by their address in the product; migrations are judged as a whole."""
    paths = (path for path in sorted(PRODUCT.rglob("*.py")) if "migrations" not in path.parts)
    return [path.relative_to(PRODUCT).as_posix() for path in paths if path.name != "__init__.py" and behaves(path)]


def mirrored(module: str) -> Path:
    path = TESTS / module
    return path.with_name(f"test_{path.name}")


def test_every_module_that_behaves_has_a_test_of_its_name() -> None:
    missing = {module for module in modules() if not mirrored(module).is_file()}
    unheard_of = missing - ELSEWHERE.keys()
    assert sorted(unheard_of) == [], "write a test of its name"


def test_what_is_shown_elsewhere_is_shown_by_a_test_that_is_there() -> None:
    assert [place for place in ELSEWHERE.values() if not (TESTS / place).is_file()] == []


def test_what_has_its_test_now_is_taken_off_the_list() -> None:
    waiting = {module for module in modules() if not mirrored(module).is_file()}
    assert sorted(ELSEWHERE.keys() - waiting) == []
    assert [place for place in ELSEWHERE.values() if not (TESTS / place).is_file()] == []


@each("step", STEPS)
def test_a_step_has_the_same_word_on_every_floor(step: str) -> None:
    floors = METHODS_FLOORS if step in OF_THE_METHOD else FLOORS
    missing = {floor.format(step) for floor in floors if not (ROOT / floor.format(step)).is_file()}
    assert sorted(missing) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X = 1", False),
        ("class Port:\n    def find(self) -> int:\n        'Says what.'\n        ...", False),
        ("def double(x):\n    return 2 * x", True),
    ],
)
def test_only_statements_count_as_behaviour(tmp_path: Path, text: str, expected: bool) -> None:
    module = tmp_path / "module.py"
    module.write_text(text, encoding="utf-8")
    assert behaves(module) is expected
