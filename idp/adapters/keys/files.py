"""Key files: the provider's keys as its running workers see them."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from idp.adapters.keys.directory import (
    NO_KEYS,
    KeyProblem,
    read_keyring,
    read_secrets,
    secret_path,
    stamp,
)
from idp.core.oidc.keys.canary import SECRET_NAMES
from idp.core.oidc.keys.keyring import Keyring, SigningKey
from idp.core.oidc.keys.reference_tokens import ReferenceTokens, SecretKey

__all__ = [
    "KeyFiles",
    "KeyProblem",
    "Secrets",
    "load_keys",
]


_log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How long a change of the files may go unnoticed: looking costs a request as much as a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The versions of each secret: first the one in use, then the others, newest first."""

    tokens: tuple[SecretKey, ...]
    """Encrypts codes and tokens; rotated by adding a version and removing old ones when their tokens are over."""
    pepper: tuple[SecretKey, ...]
    """Keyed hashes for finding people and companies; old versions must stay while rows need them."""
    fields: tuple[SecretKey, ...]
    """Encrypts columns of the database; old versions must stay while rows need them."""
    audit: tuple[SecretKey, ...]
    """Marks the rows of the audit log and signs its anchors; the database does not know it."""
    identity: tuple[SecretKey, ...]
    """Derives what must stay the same for ever, such as pairwise subjects; never rotated."""
    evidence: tuple[SecretKey, ...]
    """Seals evidence; an old version is of no more use, but its thumbprint says who sealed."""

    def by_name(self) -> Mapping[str, Sequence[SecretKey]]:
        """The versions of each by its name."""
        return {name: getattr(self, name) for name in SECRET_NAMES}


class KeyFiles:
    """The keys of one directory, read once and again when the directory has changed."""

    def __init__(
        self, directory: Path, now: Callable[[], datetime], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Read everything; `clock` gives seconds. Raises KeyProblem."""
        self._directory, self._clock, self._now = directory, clock, now
        self._looked_at = clock()
        self._lock = threading.Lock()
        self._stamp = stamp(directory)
        self._told: str | None = None
        self._keyring, self._secrets = _read_all(directory, {}, now())
        self._waits_until = _next_use(self._secrets, now())
        self._reference_tokens = _reference_tokens(self._secrets)

    @property
    def keyring(self) -> Keyring:
        """The signing keys now."""
        self._refresh()
        return self._keyring

    @property
    def secrets(self) -> Secrets:
        """The secrets now."""
        self._refresh()
        return self._secrets

    @property
    def reference_tokens(self) -> ReferenceTokens:
        """What makes and reads codes and opaque tokens now."""
        self._refresh()
        return self._reference_tokens

    def _refresh(self) -> None:
        """Read again when the files changed; with broken files the keys in use stay in use.

        Broken files are tried again every time: what mends them, such as chmod, need not change their folder.
        """
        now = self._clock()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        present = stamp(self._directory, before=self._stamp)
        waits = self._waits_until is None or self._now() < self._waits_until
        if present == self._stamp and waits:
            return
        with self._lock:
            if present == self._stamp and waits:
                return
            try:
                known = {key.kid: key for key in self._keyring.keys}
                keyring, found = _read_all(self._directory, known, self._now())
            except KeyProblem as problem:
                self._tell(str(problem))
                return
            self._keyring, self._secrets, self._reference_tokens = keyring, found, _reference_tokens(found)
            self._stamp, self._told, self._waits_until = present, None, _next_use(found, self._now())

    def _tell(self, problem: str) -> None:
        """Log a problem once, however many requests meet it."""
        if problem != self._told:
            _log.error("keys not reloaded", extra={"problem": problem})
        self._told = problem


def load_keys(directory: Path, now: Callable[[], datetime]) -> KeyFiles:
    """Read and check all key files. Raises KeyProblem naming the first file that is missing, readable or broken."""
    return KeyFiles(directory, now)


def _read_all(directory: Path, known: Mapping[str, SigningKey], now: datetime) -> tuple[Keyring, Secrets]:
    keyring = read_keyring(directory / "signing", known)
    if not keyring.keys:
        raise KeyProblem(f"{directory / 'signing'}: holds no signing key; {NO_KEYS}")
    return keyring, Secrets(**{name: _by_use(read_secrets(secret_path(directory, name)), now) for name in SECRET_NAMES})


def _by_use(versions: Sequence[SecretKey], now: datetime) -> tuple[SecretKey, ...]:
    """First the one that closes new values: the highest that may be used, for the others wait until every node has them."""
    used = next((each for each in versions if each.is_used(now)), versions[-1])
    return (used, *(each for each in versions if each is not used))


def _next_use(found: Secrets, now: datetime) -> datetime | None:
    """When the next version will be used; None when none waits."""
    versions = (each for each_of in found.by_name().values() for each in each_of)
    return min(
        (each.used_from for each in versions if each.used_from is not None and not each.is_used(now)), default=None
    )


def _reference_tokens(found: Secrets) -> ReferenceTokens:
    return ReferenceTokens(tokens=found.tokens, identity=found.identity[-1])
