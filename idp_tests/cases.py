"""Cases: one test over a table, run case by case in subtests, so that a failure lists the names of all cases that fail.

A parametrized test is collected, scheduled and reported case by case, which costs more than most cases themselves, and buries
what failed under what did not. Use it where the fixtures may be shared by all cases of the table.
"""

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

Test = Callable[..., None]
LONGEST_NAME = 80
"""Characters of a row's name that are shown."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One table of a test: which arguments it fills, and its rows with their names."""

    arguments: tuple[str, ...]
    rows: Sequence[tuple[str, tuple[Any, ...]]]


def each(
    arguments: str, rows: Mapping[str, Any] | Iterable[Any], *, name: Callable[[Any], str] = str
) -> Callable[[Test], Test]:
    """Run the test for each row of a table; several tables multiply, the uppermost turning slowest.

    A mapping's keys name its rows; other rows are named by `name`.
    """
    names = tuple(part.strip() for part in arguments.split(","))
    pairs = rows.items() if isinstance(rows, Mapping) else ((name(row), row) for row in rows)
    values = [(label, tuple(row) if len(names) > 1 else (row,)) for label, row in pairs]
    axis = Axis(names, values)

    def decorate(test: Test) -> Test:
        known: tuple[Axis, ...] = getattr(test, "axes", ())
        body: Test = getattr(test, "body", test)
        return _over((axis, *known), body)

    return decorate


def _shown(label: str) -> str:
    """A part of the label that every terminal and the way between two processes can take: half a pair is no UTF-8."""
    return label[:LONGEST_NAME].encode("utf-8", "backslashreplace").decode()


def _over(axes: tuple[Axis, ...], body: Test) -> Test:
    filled = [argument for axis in axes for argument in axis.arguments]

    @functools.wraps(body)
    def test(*, subtests: pytest.Subtests, **fixtures: Any) -> None:
        __tracebackhide__ = True
        for row in itertools.product(*(axis.rows for axis in axes)):
            values = dict(zip(filled, itertools.chain.from_iterable(values for _, values in row), strict=True))
            with subtests.test(" - ".join(_shown(label) for label, _ in row)):
                body(**fixtures, **values)

    own = [parameter for name, parameter in inspect.signature(body).parameters.items() if name not in filled]
    wanted = inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY, annotation=pytest.Subtests)
    test.__signature__ = inspect.Signature([*own, wanted])  # type: ignore[attr-defined]
    test.axes, test.body = axes, body  # type: ignore[attr-defined]
    return test
