"""Keyring: the provider's signing keys, and which of them signs now.

A key is published before it signs and stays published after it signed (next → active → retired), so that no relying
party ever meets a signature by a key it could not know. Exactly one explicit key signs for an algorithm: a key set
that picks any of its keys would sign with unpublished and retired ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from joserfc.jwk import Key, RSAKey

from idp.core.oidc.keys.algorithms import RSA_BITS, SIGNING_ALGS, get_algorithm
from idp.core.oidc.keys.jose import read_public_key

RETIRED_FOR = timedelta(days=30)
"""How long a retired key is kept, so that old ID tokens still count as logout hints."""


class KeyState(StrEnum):
    """Published in all three states; signs only when active."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


class NoSigningKey(LookupError):
    """No key is active for an algorithm: the operator has to make or promote one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key with its dates; `kid` is its thumbprint (RFC 7638), so it cannot name another key."""

    kid: str
    alg: str
    created_at: datetime
    activates_at: datetime
    retires_at: datetime | None = None
    key: Key = field(repr=False)
    """The imported key object; importing costs a hundred signatures, so it is made once."""

    def state(self, now: datetime) -> KeyState:
        """Where the key is in its life."""
        if self.retires_at is not None and self.retires_at <= now:
            return KeyState.RETIRED
        return KeyState.ACTIVE if self.activates_at <= now else KeyState.NEXT

    def public_jwk(self) -> dict[str, Any]:
        """The public members only, with `kid`, `alg` and `use` (RFC 7517 4)."""
        members = self.key.as_dict(private=False)
        return {**members, "kid": self.kid, "alg": self.alg, "use": "sig"}


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """All signing keys; immutable, replaced as a whole when the files change."""

    keys: tuple[SigningKey, ...]

    def signer(self, alg: str, now: datetime) -> SigningKey:
        """The one key that signs with this algorithm now: of several active ones the latest. Raises NoSigningKey."""
        for key in self._latest_first.get(alg, ()):
            if key.state(now) is KeyState.ACTIVE:
                return key
        raise NoSigningKey(f"no active signing key for {alg}")

    def find(self, kid: str) -> SigningKey | None:
        """A key of any state by its id."""
        return self._by_kid.get(kid)

    def algs(self, now: datetime) -> tuple[str, ...]:
        """The algorithms with an active key, in the order of preference of our documents."""
        active = {key.alg for key in self.keys if key.state(now) is KeyState.ACTIVE}
        return tuple(alg for alg in SIGNING_ALGS if alg in active)

    def verification_keys(self) -> Sequence[Key]:
        """Public keys of every state: what we signed with a retired key still counts as a hint."""
        return self._verifying

    def public_jwks(self) -> Mapping[str, Any]:
        """The JWK Set to publish (RFC 7517 5): every state, public members only, the same bytes from the same keys."""
        return {"keys": list(self._public)}

    @cached_property
    def _latest_first(self) -> Mapping[str, Sequence[SigningKey]]:
        """By algorithm."""
        ordered = sorted(self.keys, key=lambda key: (key.activates_at, key.kid), reverse=True)
        return {alg: [key for key in ordered if key.alg == alg] for alg in {key.alg for key in ordered}}

    @cached_property
    def _by_kid(self) -> dict[str, SigningKey]:
        return {key.kid: key for key in self.keys}

    @cached_property
    def _verifying(self) -> tuple[Key, ...]:
        return tuple(read_public_key(jwk) for jwk in self._public)

    @cached_property
    def _public(self) -> tuple[dict[str, Any], ...]:
        ordered = sorted(self.keys, key=lambda key: (SIGNING_ALGS.index(key.alg), key.created_at, key.kid))
        return tuple(key.public_jwk() for key in ordered)


def generate_key(alg: str) -> Key:
    """A fresh private key. Raises ValueError for an algorithm that is not in the table."""
    return get_algorithm(alg).make_key()


def import_private_key(alg: str, jwk: Mapping[str, Any]) -> Key:
    """Import a private JWK and check that it fits the algorithm. Raises ValueError, without any key material."""
    algorithm = get_algorithm(alg)
    try:
        key = algorithm.key_class.import_key(dict(jwk))
        is_short = isinstance(key, RSAKey) and key.public_key.key_size < RSA_BITS
        suits = key.is_private and algorithm.fits(key) and not is_short
    except Exception as error:  # noqa: BLE001 - the library and OpenSSL raise many kinds for broken material
        raise ValueError(f"not a private key for {alg} ({type(error).__name__})") from None
    if not suits:
        raise ValueError(f"not a private key for {alg}")
    return key
