"""Key changes: what an operator does with the files of one key directory; running workers notice it by themselves."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from idp.adapters.keys.directory import (
    KeyProblem,
    key_path,
    make_private_directory,
    read_keyring,
    read_secrets,
    secret_path,
    write_key,
    write_secrets,
)
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.canary import SECRET_NAMES
from idp.core.oidc.keys.keyring import RETIRED_FOR, KeyState, SigningKey, generate_key
from idp.core.oidc.keys.reference_tokens import SECRET_BYTES, SecretKey


@dataclass(frozen=True, slots=True)
class KeyDirectory:
    """The port `KeyChanges`; every method raises KeyProblem for files that cannot be used."""

    directory: Path

    def missing_secrets(self) -> Sequence[str]:
        """Names of secrets that have no file."""
        return [name for name in SECRET_NAMES if not secret_path(self.directory, name).exists()]

    def init(self, now: datetime, versions: Mapping[str, int] = MappingProxyType({})) -> Sequence[Path]:
        """Make whatever is missing: one active signing key per algorithm and every secret. Returns the files made.

        `versions` are those of new secrets that must not be 1, by name.
        """
        for folder in (self.directory, self._signing, self.directory / "secrets"):
            make_private_directory(folder)
        present = {key.alg for key in read_keyring(self._signing, {}).keys}
        made = [self._write_new(alg, now, activates_at=now) for alg in SIGNING_ALGS if alg not in present]
        for name in self.missing_secrets():
            path = secret_path(self.directory, name)
            value = secrets.token_bytes(SECRET_BYTES)
            write_secrets(path, [SecretKey(version=versions.get(name, 1), value=value, made_at=now)])
            made.append(path)
        return made

    def versions(self, name: str) -> Sequence[SecretKey]:
        """Those of a secret, newest first."""
        return read_secrets(secret_path(self.directory, name))

    def add_version(self, name: str, version: int, now: datetime, *, used_from: datetime) -> None:
        """Make a version that closes nothing before `used_from`."""
        made = SecretKey(version=version, value=secrets.token_bytes(SECRET_BYTES), made_at=now, used_from=used_from)
        write_secrets(secret_path(self.directory, name), [made, *self.versions(name)])

    def remove_version(self, name: str, version: int) -> None:
        """Delete a version."""
        left = [each for each in self.versions(name) if each.version != version]
        write_secrets(secret_path(self.directory, name), left)

    def all(self) -> Sequence[SigningKey]:
        """All signing keys, by algorithm and age."""
        keys = read_keyring(self._signing, {}).keys
        return sorted(keys, key=lambda key: (SIGNING_ALGS.index(key.alg), key.created_at, key.kid))

    def new(self, alg: str, now: datetime, *, next_for: timedelta) -> SigningKey:
        """Make a key that is published now and signs after `next_for`, when its predecessor retires."""
        if alg not in SIGNING_ALGS:
            raise KeyProblem(f"{alg}: no such algorithm; known: {', '.join(SIGNING_ALGS)}")
        activates_at = now + next_for
        kid = self._write_new(alg, now, activates_at=activates_at).stem
        self._retire_predecessors(kid, alg, activates_at)
        return self._get(kid)

    def promote(self, kid: str, now: datetime) -> SigningKey:
        """Let a published key sign from now on; the one before it retires now. Raises KeyProblem for any other."""
        key = self._get(kid)
        match key.state(now):
            case KeyState.ACTIVE:
                raise KeyProblem(f"{kid}: signs already")
            case KeyState.RETIRED:
                raise KeyProblem(f"{kid}: is retired; make a new key instead")
            case KeyState.NEXT:
                write_key(self.directory, replace(key, activates_at=now))
        self._retire_predecessors(kid, key.alg, now)
        return self._get(kid)

    def retire(self, kid: str, now: datetime) -> SigningKey:
        """Stop a key from signing; it stays published. Raises KeyProblem when nothing would sign in its place.

        A key that was to give way to it goes on signing, unless another one follows.
        """
        key = self._get(kid)
        if key.state(now) is KeyState.RETIRED:
            raise KeyProblem(f"{kid}: is retired already")
        others = [other for other in self.all() if other.alg == key.alg and other.kid != kid]
        if not any(other.state(now) is KeyState.ACTIVE for other in others):
            raise KeyProblem(f"{kid}: is the only key that signs {key.alg}; make and promote another one first")
        write_key(self.directory, replace(key, retires_at=now))
        for other in others:
            if other.state(now) is KeyState.ACTIVE and not any(_follows(one, other) for one in others):
                write_key(self.directory, replace(other, retires_at=None))
        return self._get(kid)

    def remove_expired(self, now: datetime) -> Sequence[str]:
        """Delete keys that have been retired for so long that nothing they signed counts any more. Returns their ids."""
        gone = [key.kid for key in self.all() if key.retires_at is not None and key.retires_at + RETIRED_FOR <= now]
        for kid in gone:
            key_path(self.directory, kid).unlink(missing_ok=True)
        return gone

    @property
    def _signing(self) -> Path:
        return self.directory / "signing"

    def _write_new(self, alg: str, now: datetime, *, activates_at: datetime) -> Path:
        key = generate_key(alg)
        made = SigningKey(kid=key.thumbprint(), alg=alg, created_at=now, activates_at=activates_at, key=key)
        return write_key(self.directory, made)

    def _retire_predecessors(self, kid: str, alg: str, at: datetime) -> None:
        for other in self.all():
            ends_before = other.retires_at is not None and other.retires_at <= at
            if other.alg == alg and other.kid != kid and other.activates_at <= at and not ends_before:
                write_key(self.directory, replace(other, retires_at=at))

    def _get(self, kid: str) -> SigningKey:
        found = next((key for key in self.all() if key.kid == kid), None)
        if found is None:
            raise KeyProblem(f"{kid}: no such key in {self._signing}")
        return found


def _follows(one: SigningKey, other: SigningKey) -> bool:
    """Whether one key signs at the moment when the other ceases to."""
    end = other.retires_at
    return end is not None and one.activates_at <= end and (one.retires_at is None or end < one.retires_at)
