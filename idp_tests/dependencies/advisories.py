"""Known advisories about the packages that run; what was not looked up is never taken for safe.

A lookup that reached nothing looks like one that found nothing. So each batch also asks about a release that is known to be
vulnerable: while the answer about that one is silent, the answers about the others mean nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from idp_tests.dependencies.lock import Package

DATABASE = "https://api.osv.dev/v1/querybatch"
KNOWN_TO_BE_VULNERABLE = Package("jinja2", "2.4.1", "", (), ())
_BATCH = 100
_SECONDS = 30

Query = Mapping[str, Any]
Ask = Callable[[Sequence[Query]], Any]
"""Send queries; what comes back is not trusted to be of any form. Raises OSError or ValueError."""


@dataclass(slots=True)
class Advisories:
    """What is known, and about what nobody was told."""

    known: dict[Package, list[str]] = field(default_factory=dict)
    """Ids of advisories."""
    not_looked: dict[Package, str] = field(default_factory=dict)
    """With the reason."""
    looked: list[Package] = field(default_factory=list)
    """Those about which the database has answered, with or without an advisory."""


def look_up(packages: Sequence[Package], ask: Ask) -> Advisories:
    """Ask about every package."""
    found = Advisories()
    for at in range(0, len(packages), _BATCH):
        batch = packages[at : at + _BATCH]
        try:
            answers = list(_answers([KNOWN_TO_BE_VULNERABLE, *batch], ask))
        except (OSError, ValueError) as problem:
            reason = str(problem) if type(problem) is ValueError else type(problem).__name__
            found.not_looked.update(dict.fromkeys(batch, reason))
            continue
        for package, ids in zip(batch, answers[1:], strict=True):
            found.looked.append(package)
            if ids:
                found.known[package] = ids
    return found


def ask_database(queries: Sequence[Query]) -> Any:
    """Ask the database of advisories over the network."""
    answer = requests.post(DATABASE, json={"queries": list(queries)}, timeout=_SECONDS)
    answer.raise_for_status()
    return answer.json()


def _answers(packages: Sequence[Package], ask: Ask) -> Iterator[list[str]]:
    """The ids of advisories for each; raises ValueError when they are not answers to these questions."""
    said = ask([{"package": {"purl": package.purl}} for package in packages])
    results: Any = said.get("results") if isinstance(said, dict) else None
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise ValueError("the answer cannot be read")
    if len(results) != len(packages):
        raise ValueError("the answer is not about these packages")
    for package, result in zip(packages, results, strict=True):
        ids = [str(one["id"]) for one in result.get("vulns", ()) if isinstance(one, dict) and "id" in one]
        if package is KNOWN_TO_BE_VULNERABLE and not ids:
            raise ValueError(
                f"it knows nothing even of {package.name} {package.version}, which is known to be vulnerable"
            )
        yield ids
