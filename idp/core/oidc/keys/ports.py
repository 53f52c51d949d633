"""What the protocol needs of the provider's keys, as they are on disk now; they change without a restart."""

from typing import Protocol

from idp.core.oidc.keys.keyring import Keyring
from idp.core.oidc.keys.reference_tokens import Sealer


class Keys(Protocol):
    """The keys in force."""

    @property
    def keyring(self) -> Keyring:
        """Signs and verifies tokens."""

    @property
    def sealer(self) -> Sealer:
        """Seals codes and tokens."""
