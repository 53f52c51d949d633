"""Canaries: a mark of each secret kept beside what it closed, so that a wrong or lost secret is noticed before a person is."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from idp.core.oidc.keys.reference_tokens import SecretKey

SecretVersions = Mapping[str, Sequence[SecretKey]]
"""The versions of each secret by its name."""

SECRET_NAMES = ("tokens", "pepper", "fields", "audit", "identity", "evidence")
_PASSING = frozenset({"tokens", "evidence"})
"""Their old versions may go: tokens end by themselves, and evidence carries the public key that it is verified with."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One version of one secret, as a mark from which nobody finds the secret."""

    name: str
    version: int
    mark: bytes
    """Empty for a version that was retired: it is not missed, and no other one gets its number."""

    @property
    def is_retired(self) -> bool:
        return not self.mark

    @classmethod
    def of(cls, name: str, secret: SecretKey) -> "Canary":
        """The mark is an HMAC-SHA-256 under the 256-bit secret itself."""
        return cls(name, secret.version, hmac.digest(secret.value, f"canary {name}".encode(), "sha256"))


@dataclass(frozen=True, slots=True)
class WrongSecret:
    """There is another secret of this name and version than the one in whose time the database was filled."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class LostSecret:
    """The database was filled with a version that is not among the secrets any more."""

    name: str
    version: int


class Canaries(Protocol):
    """The marks beside the data; they go into every backup of it."""

    def all(self) -> Sequence[Canary]:
        """Every one that was noted."""

    def note(self, canaries: Iterable[Canary]) -> None:
        """Keep those whose name and version have none yet; the first one counts."""

    def retire(self, name: str, version: int) -> None:
        """Leave an empty mark."""


class SecretFiles(Protocol):
    """The secrets as they are now."""

    def by_name(self) -> SecretVersions:
        """Every version of every secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSecrets:
    """Tells whether the secrets are those with which the database was filled."""

    secrets: SecretFiles
    canaries: Canaries

    def __call__(self) -> Sequence[WrongSecret | LostSecret]:
        """Read only; a secret that is not noted yet is right."""
        return compare(self.secrets.by_name(), self.canaries.all())

    def and_note(self) -> Sequence[WrongSecret | LostSecret]:
        """Compare, and note what is new unless something is wrong; of two rivals the second one is wrong."""
        present, noted = self.secrets.by_name(), self.canaries.all()
        known = {(canary.name, canary.version) for canary in noted}
        new = [canary for canary in _canaries(present) if (canary.name, canary.version) not in known]
        if compare(present, noted) or not new:
            return compare(present, noted)
        self.canaries.note(new)
        return self()


def compare(present: SecretVersions, noted: Iterable[Canary]) -> Sequence[WrongSecret | LostSecret]:
    """What is wrong with the secrets, beside the canaries that were noted."""
    marks = {(canary.name, canary.version): canary.mark for canary in _canaries(present)}
    found: list[WrongSecret | LostSecret] = []
    for canary in noted:
        mark = marks.get((canary.name, canary.version))
        if canary.is_retired:
            continue
        if mark is None and canary.name not in _PASSING:
            found.append(LostSecret(canary.name, canary.version))
        elif mark is not None and not hmac.compare_digest(mark, canary.mark):
            found.append(WrongSecret(canary.name, canary.version))
    return found


def _canaries(present: SecretVersions) -> list[Canary]:
    return [Canary.of(name, secret) for name, versions in present.items() for secret in versions]
