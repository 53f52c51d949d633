"""What the protocol needs of the provider's keys, as they are on disk now; they change without a restart."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from idp.core.oidc.keys.keyring import Keyring, SigningKey
from idp.core.oidc.keys.reference_tokens import ReferenceTokens


class Keys(Protocol):
    """The keys in force."""

    @property
    def keyring(self) -> Keyring:
        """Signs and verifies tokens."""

    @property
    def reference_tokens(self) -> ReferenceTokens:
        """Makes and reads codes and opaque tokens."""


class KeyChanges(Protocol):
    """What an operator does with the keys; running workers notice it by themselves."""

    def missing_secrets(self) -> Sequence[str]:
        """Names of secrets that have no file."""

    def init(self, now: datetime, versions: Mapping[str, int] = ...) -> Sequence[Path]:
        """Make whatever is missing, secrets as version 1 or as said. Returns the files made."""

    def all(self) -> Sequence[SigningKey]:
        """All signing keys, by algorithm and age."""

    def new(self, alg: str, now: datetime, *, next_for: timedelta) -> SigningKey:
        """Make a key that is published now and signs after `next_for`, when its predecessor retires."""

    def promote(self, kid: str, now: datetime) -> SigningKey:
        """Let a published key sign from now on; the one before it retires now."""

    def retire(self, kid: str, now: datetime) -> SigningKey:
        """Stop a key from signing; it stays published."""

    def remove_expired(self, now: datetime) -> Sequence[str]:
        """Delete keys that have been retired for long. Returns their ids."""
