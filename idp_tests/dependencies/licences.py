"""Licences of the packages that run, as their installed metadata states them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, metadata

from idp_tests.dependencies.lock import Package

ALLOWED = frozenset(
    {
        *("MIT", "MIT-0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0", "PSF-2.0", "Unlicense"),
        *("MPL-2.0", "LGPL-3.0-only"),  # their files and libraries are used as they are
    }
)
_CLASSIFIED = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
_SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR) [A-Za-z0-9.+-]+)*")


@dataclass(slots=True)
class Licences:
    """What each package says, and what nobody could read."""

    stated: dict[Package, str] = field(default_factory=dict)
    """SPDX expressions, or the words of a classifier."""
    not_looked: dict[Package, str] = field(default_factory=dict)
    """With the reason."""

    @property
    def refused(self) -> Mapping[Package, str]:
        """Those with a licence that nobody has allowed."""
        return {package: said for package, said in self.stated.items() if not is_allowed(said)}


def read_licences(packages: Iterable[Package]) -> Licences:
    """Read the metadata of what is installed here, in the very version of the lock."""
    found = Licences()
    for package in packages:
        try:
            about = metadata(package.name)
        except PackageNotFoundError:
            found.not_looked[package] = f"is not installed here ({package.marker or 'it should be'})"
            continue
        if about["Version"] != package.version:
            found.not_looked[package] = f"{about['Version']} is installed"
        elif said := _stated(
            about.get_all("License-Expression"), about.get_all("License"), about.get_all("Classifier")
        ):
            found.stated[package] = said
        else:
            found.not_looked[package] = "states no licence"
    return found


def is_allowed(expression: str) -> bool:
    """Whether one choice of an SPDX expression without parentheses is allowed in all of its parts."""
    return any(
        all(licence in ALLOWED for licence in choice.split(" AND ")) for choice in expression.strip().split(" OR ")
    )


def _stated(expression: list[str] | None, text: list[str] | None, classifiers: list[str] | None) -> str:
    """The first that says it in a word; the text of a licence says nothing to a program."""
    for said in (*(expression or ()), *(text or ())):
        if _SPDX.fullmatch(said):
            return str(said)
    named = [line.rpartition(" :: ")[2] for line in classifiers or () if line.startswith("License :: ")]
    return " OR ".join(_CLASSIFIED.get(name, name) for name in named)
