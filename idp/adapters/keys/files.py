"""Key files: the provider's keys as its running workers see them, and the operator's changes to them."""

import logging
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from idp.adapters.keys.directory import (
    KeyProblem,
    key_path,
    make_private_directory,
    read_keyring,
    read_secrets,
    secret_path,
    stamp,
    write_key,
    write_secrets,
)
from idp.core.oidc.keys.keyring import SIGNING_ALGS, Keyring, KeyState, SigningKey, generate_key
from idp.core.oidc.keys.reference_tokens import SECRET_BYTES, Sealer, SecretKey

__all__ = [
    "KeyFiles",
    "KeyProblem",
    "Secrets",
    "init_keys",
    "list_keys",
    "load_keys",
    "new_key",
    "promote",
    "remove_expired",
    "retire",
]

SECRET_NAMES = ("sealing", "pepper", "fields")
RETIRED_FOR = timedelta(days=30)
"""How long a retired key is kept, so that old ID tokens still count as logout hints."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The versions of each secret, newest first."""

    sealing: tuple[SecretKey, ...]
    """Seals codes and tokens; rotated by adding a version and removing old ones when their tokens are over."""
    pepper: tuple[SecretKey, ...]
    """Keyed hashes for finding people, and pairwise subjects; old versions must stay."""
    fields: tuple[SecretKey, ...]
    """Encrypts columns of the database; old versions must stay while rows need them."""


class KeyFiles:
    """The keys of one directory, read once and again when the directory has changed."""

    def __init__(self, directory: Path) -> None:
        """Read everything. Raises KeyProblem."""
        self._directory = directory
        self._lock = threading.Lock()
        self._stamp = stamp(directory)
        self._told: str | None = None
        self._keyring, self._secrets = _read_all(directory, {})
        self._sealer = _sealer(self._secrets)

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
    def sealer(self) -> Sealer:
        """The sealer of references now."""
        self._refresh()
        return self._sealer

    def _refresh(self) -> None:
        """Read again when the files changed; with broken files the keys in use stay in use.

        Broken files are tried again every time: what mends them, such as chmod, need not change their folder.
        """
        present = stamp(self._directory, before=self._stamp)
        if present == self._stamp:
            return
        with self._lock:
            if present == self._stamp:
                return
            try:
                known = {key.kid: key for key in self._keyring.keys}
                keyring, found = _read_all(self._directory, known)
            except KeyProblem as problem:
                self._tell(str(problem))
                return
            self._keyring, self._secrets, self._sealer = keyring, found, _sealer(found)
            self._stamp, self._told = present, None

    def _tell(self, problem: str) -> None:
        """Log a problem once, however many requests meet it."""
        if problem != self._told:
            _log.error("keys not reloaded", extra={"problem": problem})
        self._told = problem


def load_keys(directory: Path) -> KeyFiles:
    """Read and check all key files. Raises KeyProblem naming the first file that is missing, readable or broken."""
    return KeyFiles(directory)


def init_keys(directory: Path, now: datetime) -> Sequence[Path]:
    """Make whatever is missing: one active signing key per algorithm and every secret. Returns the files made."""
    for folder in (directory, directory / "signing", directory / "secrets"):
        make_private_directory(folder)
    keyring = read_keyring(directory / "signing", {})
    present = {key.alg for key in keyring.keys}
    made = [_write_new_key(directory, alg, now, activates_at=now) for alg in SIGNING_ALGS if alg not in present]
    for name in SECRET_NAMES:
        path = secret_path(directory, name)
        if not path.exists():
            write_secrets(path, [SecretKey(version=1, value=secrets.token_bytes(SECRET_BYTES))])
            made.append(path)
    return made


def list_keys(directory: Path) -> Sequence[SigningKey]:
    """All signing keys, by algorithm and age. Raises KeyProblem."""
    keys = read_keyring(directory / "signing", {}).keys
    return sorted(keys, key=lambda key: (SIGNING_ALGS.index(key.alg), key.created_at, key.kid))


def new_key(directory: Path, alg: str, now: datetime, *, next_for: timedelta) -> SigningKey:
    """Make a key that is published now and signs after `next_for`, when its predecessor retires. Raises KeyProblem."""
    if alg not in SIGNING_ALGS:
        raise KeyProblem(f"{alg}: no such algorithm; known: {', '.join(SIGNING_ALGS)}")
    activates_at = now + next_for
    kid = _write_new_key(directory, alg, now, activates_at=activates_at).stem
    _retire_predecessors(directory, kid, alg, activates_at)
    return _find(directory, kid)


def promote(directory: Path, kid: str, now: datetime) -> SigningKey:
    """Let a published key sign from now on; the one before it retires now. Raises KeyProblem."""
    key = _find(directory, kid)
    match key.state(now):
        case KeyState.ACTIVE:
            raise KeyProblem(f"{kid}: signs already")
        case KeyState.RETIRED:
            raise KeyProblem(f"{kid}: is retired; make a new key instead")
        case KeyState.NEXT:
            write_key(directory, replace(key, activates_at=now))
    _retire_predecessors(directory, kid, key.alg, now)
    return _find(directory, kid)


def retire(directory: Path, kid: str, now: datetime) -> SigningKey:
    """Stop a key from signing; it stays published. Raises KeyProblem when nothing would sign in its place.

    A key that was to give way to it goes on signing, unless another one follows.
    """
    key = _find(directory, kid)
    if key.state(now) is KeyState.RETIRED:
        raise KeyProblem(f"{kid}: is retired already")
    others = [other for other in list_keys(directory) if other.alg == key.alg and other.kid != kid]
    if not any(other.state(now) is KeyState.ACTIVE for other in others):
        raise KeyProblem(f"{kid}: is the only key that signs {key.alg}; make and promote another one first")
    write_key(directory, replace(key, retires_at=now))
    for other in others:
        if other.state(now) is KeyState.ACTIVE and not any(_follows(one, other) for one in others):
            write_key(directory, replace(other, retires_at=None))
    return _find(directory, kid)


def _follows(one: SigningKey, other: SigningKey) -> bool:
    """Whether one key signs at the moment when the other ceases to."""
    end = other.retires_at
    return end is not None and one.activates_at <= end and (one.retires_at is None or end < one.retires_at)


def remove_expired(directory: Path, now: datetime) -> Sequence[str]:
    """Delete keys that have been retired for so long that nothing they signed counts any more. Returns their ids."""
    gone = [
        key.kid for key in list_keys(directory) if key.retires_at is not None and key.retires_at + RETIRED_FOR <= now
    ]
    for kid in gone:
        key_path(directory, kid).unlink(missing_ok=True)
    return gone


def _read_all(directory: Path, known: Mapping[str, SigningKey]) -> tuple[Keyring, Secrets]:
    keyring = read_keyring(directory / "signing", known)
    if not keyring.keys:
        raise KeyProblem(f"{directory / 'signing'}: holds no signing key; run `idp keys init`")
    sealing, pepper, fields = (read_secrets(secret_path(directory, name)) for name in SECRET_NAMES)
    return keyring, Secrets(sealing=sealing, pepper=pepper, fields=fields)


def _sealer(found: Secrets) -> Sealer:
    return Sealer(sealing=found.sealing, identity=found.pepper[-1])


def _write_new_key(directory: Path, alg: str, now: datetime, *, activates_at: datetime) -> Path:
    key = generate_key(alg)
    return write_key(
        directory, SigningKey(kid=key.thumbprint(), alg=alg, created_at=now, activates_at=activates_at, key=key)
    )


def _retire_predecessors(directory: Path, kid: str, alg: str, at: datetime) -> None:
    for other in list_keys(directory):
        ends_before = other.retires_at is not None and other.retires_at <= at
        if other.alg == alg and other.kid != kid and other.activates_at <= at and not ends_before:
            write_key(directory, replace(other, retires_at=at))


def _find(directory: Path, kid: str) -> SigningKey:
    found = next((key for key in list_keys(directory) if key.kid == kid), None)
    if found is None:
        raise KeyProblem(f"{kid}: no such key in {directory / 'signing'}")
    return found
