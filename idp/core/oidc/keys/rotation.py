"""Rotation of secrets: a version is added, what it closed is closed anew under the newest one, and the old one is retired.

A new version opens before it closes anything, so that every node has it by then. A version goes only when nothing hangs on it any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final, Protocol

from idp.core.audit_log import Audit
from idp.core.oidc.keys.canary import Canaries, Canary
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp.core.operator_events import SecretAdded, SecretRetired

ROTATED: Final = ("tokens", "pepper", "fields", "audit", "evidence")
"""All but `identity`, from which is made what must stay the same for ever."""
MOST_VERSIONS: Final = 255
SETTLED: Final = timedelta(minutes=1)
"""After so long every process has noticed that another version is in use."""


class Remedy(Enum):
    """What frees a version of something that hangs on it."""

    REENCRYPT = auto()
    """It can be written again under the newest version."""
    WAIT = auto()
    """It ends by itself, and what it says is lost with the version."""
    STAYS = auto()
    """It ends by itself, and nothing may be lost of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What hangs on one version of a secret."""

    place: str
    """A column, as `table.column`, or words for what lies outside of the database."""
    rows: int
    remedy: Remedy
    until: datetime | None = None
    """When the last of it ends by itself; None: nobody knows."""


class SecretFileChanges(Protocol):
    """The versions of secrets in their files."""

    def versions(self, name: str) -> Sequence[SecretKey]:
        """Those of a secret, newest first."""

    def add_version(self, name: str, version: int, now: datetime, *, used_from: datetime) -> None:
        """Make a version that closes nothing before `used_from`."""

    def remove_version(self, name: str, version: int) -> None:
        """Delete a version."""


class SecretUse(Protocol):
    """What the database holds under each version."""

    def held(self, name: str, versions: Sequence[SecretKey], now: datetime) -> Mapping[int, Sequence[Held]]:
        """By version; of the one in use as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came of some rows."""

    last: str | None
    """The key of the last one; None: there was none left."""
    renewed: int
    unreadable: int


class Reencryption(Protocol):
    """Writes again under the newest version what an older one closed; each call in a unit of work of its own."""

    def places(self, name: str) -> Sequence[str]:
        """The columns that can be written again, as `table.column`; none for a secret of which nothing can."""

    def left(self, name: str, where: str) -> int:
        """How many rows of a column are of another version than the newest."""

    def batch(self, name: str, where: str, after: str, *, limit: int = 50) -> Batch:
        """Write the next rows again, by their keys."""


@dataclass(frozen=True, slots=True)
class InUse:
    """A version closes new values, or is about to, and another one has to first."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such version."""


@dataclass(frozen=True, slots=True)
class StillHeld:
    """These hang on the version."""

    held: Sequence[Held]


@dataclass(frozen=True, slots=True)
class Retired:
    """The version is gone; this went with it."""

    given_up: Sequence[Held]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What an operator does with the versions of a secret; needs an open connection."""

    files: SecretFileChanges
    canaries: Canaries
    use: SecretUse
    audit: Audit

    def new(self, name: str, now: datetime, *, used_after: timedelta, operator: str) -> SecretKey | None:
        """Add a version; None when all numbers are used up. No number is used twice, for rows tell versions by it."""
        known = [canary.version for canary in self.canaries.all() if canary.name == name]
        version = max([*known, *(each.version for each in self.files.versions(name))]) + 1
        if version > MOST_VERSIONS:
            return None
        self.files.add_version(name, version, now, used_from=now + used_after)
        made = self.files.versions(name)[0]
        self.canaries.note([Canary.of(name, made)])
        self.audit.record(SecretAdded(operator=operator, kind=name, version=version), now)
        return made

    def retire(
        self, name: str, version: int, now: datetime, *, operator: str, give_up: bool = False
    ) -> Retired | StillHeld | InUse | Unknown:
        """Give a version's canary up, unless something hangs on it; `give_up` says that what would be lost may be.

        `remove` follows.
        """
        versions = self.files.versions(name)
        if version not in {each.version for each in versions}:
            return Unknown()
        in_use = next((each.version for each in versions if each.is_used(now - SETTLED)), versions[-1].version)
        if version >= in_use:
            return InUse()
        held = self.use.held(name, versions, now).get(version, ())
        given_up = [each for each in held if give_up and each.remedy is Remedy.WAIT]
        if kept := [each for each in held if each not in given_up]:
            return StillHeld(kept)
        self.canaries.retire(name, version)
        places = tuple(each.place for each in given_up)
        self.audit.record(SecretRetired(operator=operator, kind=name, version=version, given_up=places), now)
        return Retired(given_up)

    def remove(self, name: str, version: int) -> None:
        """Delete a version that was retired, once that is committed: a version that is missed stops everything."""
        self.files.remove_version(name, version)
