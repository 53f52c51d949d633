"""A method of identification is named in its own rooms: nothing that another method would use says BankID."""

import ast
from collections.abc import Iterator
from pathlib import Path

PRODUCT = Path(__file__).resolve().parents[2] / "idp"
ROOMS = (
    "core/identification/bankid/",
    "adapters/bankid/",
    "adapters/database/bankid/",
    "adapters/database/migrations/",
    "web/signin/bankid/",
)
FLOORS = (
    "core/identification",
    "core/signin",
    "core/accounts",
    "core/linking",
    "core/people",
    "adapters/database",
    "web",
)
"""What a sign-in by any method passes through. A client's file and the settings may well say BankID."""
NAMED_ELSEWHERE = {
    "adapters/database/tables.py": "every table is there",
    "adapters/database/sweeper.py": "deletes from every table",
    "adapters/database/erasures.py": "deletes from every table, too",
    "adapters/database/extracts.py": "reads from every table",
    "web/request_log.py": "names what is polled",
}


def named(module: Path) -> Iterator[str]:
    """Every name and text of a module's code; docstrings may explain."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in told:
            yield from (str(value) for _, value in ast.iter_fields(node) if isinstance(value, str))


def test_only_its_own_rooms_name_bankid() -> None:
    modules = {
        path.relative_to(PRODUCT).as_posix(): path for floor in FLOORS for path in (PRODUCT / floor).rglob("*.py")
    }
    naming = {
        name
        for name, path in modules.items()
        if not name.startswith(ROOMS) and any("bankid" in word.lower() for word in named(path))
    }
    assert naming == NAMED_ELSEWHERE.keys()
