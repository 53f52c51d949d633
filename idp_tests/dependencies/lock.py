"""The lock of what runs: every package with its version, what wants it, and the digests that are accepted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "requirements" / "run.txt"
_PACKAGE = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+))?")
_DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_WANTED_BY = re.compile(r"    #(?: via)? +(?P<name>[a-z0-9][a-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Package:
    """One line of a lock and what stands below it."""

    name: str
    version: str
    marker: str
    """Where it is installed; empty: everywhere."""
    digests: tuple[str, ...]
    wanted_by: tuple[str, ...]
    """Names of packages; `idp` is ourselves."""

    @property
    def purl(self) -> str:
        """Its name for programs that read bills of materials and advisories."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(path: Path = RUN) -> Sequence[Package]:
    """Every package of a lock, in its order."""
    blocks = re.split(r"\n(?=[a-z0-9])", path.read_text(encoding="utf-8"))
    return [_package(block, found) for block in blocks if (found := _PACKAGE.match(block))]


def _package(block: str, found: re.Match[str]) -> Package:
    return Package(
        name=found["name"],
        version=found["version"],
        marker=(found["marker"] or "").strip(),
        digests=tuple(_DIGEST.findall(block)),
        wanted_by=tuple(wanted["name"] for wanted in _WANTED_BY.finditer(block)),
    )
