"""Registration names: under which name a client that registers itself may be shown to people.

The name stands on the consent page, so it must not be another's, nor look like it (OpenID Connect Registration 9.1).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from idp.core.oidc.clients.client import Client
from idp.core.oidc.dynamic_registration.members import refuse

MAX_NAME_LENGTH = 60
_WRITTEN = re.compile(r"[A-Za-z0-9À-ÖØ-öø-ÿ .,&'’()+!–-]+")
"""Few enough to know all their look-alikes; no address can be written with them."""
_LOOKS_LIKE = str.maketrans({"0": "o", "ø": "o", "ð": "d", "þ": "p", "1": "i", "l": "i", "|": "i", "5": "s"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedNames:
    """Names that no registered client bears."""

    parts: tuple[str, ...]
    """Not even inside a longer name: BankID, the company."""
    whole: tuple[str, ...] = ()
    """Those of our relying parties."""

    @classmethod
    def of(cls, brand: str, clients: Iterable[Client]) -> Self:
        """BankID, the company, and our own relying parties in every language."""
        ours = [client for client in clients if client.first_party]
        names = tuple(name for client in ours for name in (client.client_name, *client.client_names.values()))
        return cls(parts=("BankID", brand), whole=names)


def check_names(read: Mapping[str, Any], reserved: ReservedNames) -> None:
    """Raise MetadataRefused for a name that is too long, of another script than ours, or somebody else's."""
    parts = {folded for name in reserved.parts if (folded := _fold(name))}
    whole = {_fold(name) for name in reserved.whole}
    for member, name in read.items():
        if member.partition("#")[0] != "client_name":
            continue
        if not name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
            refuse("client_name", f"must be 1 to {MAX_NAME_LENGTH} printable characters")
        if not _WRITTEN.fullmatch(name):
            refuse("client_name", "must be written with the letters of western Europe, digits and plain marks")
        folded = _fold(name)
        if folded in whole or any(part in folded for part in parts):
            refuse("client_name", "is or holds a name that is reserved")


def _fold(name: str) -> str:
    """What is left of a name for the eye: no case, no accents, no spaces, and letters for what looks like them."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKS_LIKE)
    return "".join(letter for letter in plain if letter.isalnum())
