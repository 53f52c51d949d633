"""The nursery: processes that have everything loaded but the product, and run tests with one module replaced."""

import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from idp_tests.mutants.changes import Change, changed

ROOT = Path(__file__).resolve().parents[2]
PASSED, FAILED = 0, 1
LIBRARIES = (
    "pytest", "hypothesis", "flask", "flask_wtf", "flask_sqlalchemy", "sqlalchemy", "joserfc", "pydantic", "babel",
    "cryptography.x509", "phonenumbers", "structlog", "playwright.sync_api", "requests", "psycopg", "xdist.scheduler",
)  # fmt: skip
_forking = threading.Lock()


def prepare() -> None:
    """Load what every child needs, once."""
    for name in LIBRARIES:
        importlib.import_module(name)


def run_tests(tests: Sequence[str], patience: float, module: Path, change: Change | None) -> int:
    """Run tests until the first failure in a child in which the module is changed; what takes too long has failed."""
    with _forking:
        child = os.fork()
    if child == 0:
        os._exit(_in_child(tests, module, change))
    watchdog = threading.Timer(patience, _kill, [child])
    watchdog.start()
    try:
        _, status = os.waitpid(child, 0)
    finally:
        watchdog.cancel()
    return PASSED if os.waitstatus_to_exitcode(status) == PASSED else FAILED


def _kill(child: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


def _in_child(tests: Sequence[str], module: Path, change: Change | None) -> int:
    os.setpgid(0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if change is not None:
        sys.meta_path.insert(0, _Mutated(module, change))
    import pytest

    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not browser and not postgres"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning", "--rootdir", str(ROOT)]
    code = pytest.main([*options, *tests])
    return PASSED if code in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED} else FAILED


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from its changed tree."""

    def __init__(self, path: Path, change: Change) -> None:
        self.path, self.change = path, change
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> Any:
        if fullname != self.name:
            return None
        package = self.path.name == "__init__.py"
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=str(self.path), is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [str(self.path.parent)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        tree = changed(ast.parse(self.path.read_text(encoding="utf-8")), self.change)
        exec(compile(tree, str(self.path), "exec"), module.__dict__)
