"""The provider's own keys and secrets: all there, private, and young enough."""

import stat
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from idp.assembly.secrets import REMEDY, OwnSecrets
from idp.cli.doctor.finding import Finding, Grade
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.keyring import Keyring, KeyState
from idp.core.oidc.keys.ports import KeyChanges

OLD_KEY: Final = timedelta(days=365)


def look_at_keys(
    directory: Path,
    key_changes: KeyChanges,
    own_secrets: OwnSecrets,
    read_keyring: Callable[[], Keyring],
    now: datetime,
) -> Iterator[Finding]:
    """An active signing key per algorithm, and every secret; of those that the database knows another check tells."""
    if _lost_files(key_changes, own_secrets):
        return
    if missing := key_changes.missing_secrets():
        seen = f"{directory / 'secrets'} lacks {', '.join(missing)}"
        yield Finding(Grade.FAIL, "keys", seen, remedy="run `idp keys init`")
        return
    keyring = read_keyring()
    yield Finding(Grade.OK, "keys", f"{len(keyring.keys)} signing keys and all secrets in {directory}, private")
    for alg in sorted(set(SIGNING_ALGS) - set(keyring.algs(now))):
        yield Finding(Grade.FAIL, "signing keys", f"none is active for {alg}", remedy=_remedy(alg, keyring, now))
    old = [key for key in key_changes.all() if key.retires_at is None and now - key.activates_at > OLD_KEY]
    for key in old:
        yield Finding(
            Grade.WARN,
            "signing keys",
            f"{key.alg} {key.kid[:8]}… signs since {key.activates_at:%Y-%m-%d}",
            remedy=f"run `idp keys new {key.alg}`",
        )
    group_bits = stat.S_IMODE(directory.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    if group_bits:
        yield Finding(Grade.FAIL, "keys", f"{directory} is open to others", remedy=f"run chmod 700 {directory}")


def look_at_secrets(key_changes: KeyChanges, own_secrets: OwnSecrets) -> Iterator[Finding]:
    """Whether the secrets are those with which the database was filled; asked while its schema is ours."""
    if not own_secrets.installation.schema().serves_this_program:
        return
    if lost := _lost_files(key_changes, own_secrets):
        for path in lost:
            seen = f"{path} is missing, and the database was filled with it"
            yield Finding(Grade.FAIL, "secrets", seen, remedy=f"{REMEDY}; a new one would not fit")
        return
    wrong = _differences(own_secrets)
    for seen in wrong:
        yield Finding(Grade.FAIL, "secrets", seen, remedy=REMEDY)
    if not wrong:
        yield Finding(Grade.OK, "secrets", "they fit the database")


def _differences(own_secrets: OwnSecrets) -> Sequence[str]:
    with own_secrets.database.opened():
        return list(own_secrets.said(own_secrets.differences()))


def _lost_files(key_changes: KeyChanges, own_secrets: OwnSecrets) -> Sequence[Path]:
    """Of secrets that the database knows."""
    missing = key_changes.missing_secrets()
    if not missing or not own_secrets.installation.schema().serves_this_program:
        return []
    known = {canary.name for canary in own_secrets.noted()}
    return [own_secrets.path(name) for name in missing if name in known]


def _remedy(alg: str, keyring: Keyring, now: datetime) -> str:
    """`keys init` makes a key only for an algorithm that has none of any state."""
    states = {key.state(now): key.kid for key in keyring.keys if key.alg == alg}
    if not states:
        return "run `idp keys init`"
    following = states.get(KeyState.NEXT)
    return f"run `idp keys promote {following}`" if following else f"run `idp keys new {alg} --next-for 0`"
