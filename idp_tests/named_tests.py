"""Tests that a document names as `file.py::test_name`: a table that leads to a test that is gone is worse than none."""

import ast
import re
from functools import cache
from pathlib import Path

NAMED_TEST = re.compile(r"`([\w./]+\.py)::(test_\w+)`")


def rows(text: str) -> dict[str, list[str]]:
    """The rows of a document's tables: first column without its ticks, and the other columns."""
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


def missing_tests(text: str, folder: Path) -> list[str]:
    """The tests that a text names, by paths from a folder, and that are not there."""
    return [
        f"{path}::{test}"
        for path, test in NAMED_TEST.findall(text)
        if not (folder / path).is_file() or test not in arguments_by_test((folder / path).resolve())
    ]
