"""Make the keys that are missing, but none in the place of a secret that the database needs."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from idp.core.oidc.keys.canary import SECRET_NAMES, Canary
from idp.core.oidc.keys.ports import KeyChanges


@dataclass(frozen=True, slots=True)
class Made:
    """What was missing is there now."""

    files: Sequence[Path]


@dataclass(frozen=True, slots=True)
class InUse:
    """These secrets are missing, and the database was filled with them; nothing was made."""

    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class DatabaseSilent:
    """Some secrets are there and these are missing, and nobody can say whether the database was filled with them."""

    names: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeKeys:
    """Never makes a second secret of a version that the database knows.

    Where there is no secret at all and the database does not answer, an installation begins; what is made then and does
    not fit is refused at the start.
    """

    changes: KeyChanges
    noted: Callable[[], Sequence[Canary] | None]
    """Asked only while a secret is missing; None when the database does not answer."""

    def __call__(self, now: datetime, *, replacing: Collection[str] = ()) -> Made | InUse | DatabaseSilent:
        """Make everything, with new versions of those that are given up."""
        missing = self.changes.missing_secrets()
        noted = self.noted() if missing else ()
        if noted is None and len(missing) < len(SECRET_NAMES):
            return DatabaseSilent(missing)
        newest: dict[str, int] = {}
        for canary in noted or ():
            newest[canary.name] = max(canary.version, newest.get(canary.name, 0))
        if in_use := [name for name in missing if name in newest and name not in replacing]:
            return InUse(in_use)
        return Made(self.changes.init(now, {name: newest[name] + 1 for name in missing if name in newest}))
