"""The provider's own keys and secrets: all there, private, and young enough."""

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from idp.assembly.provider import Provider
from idp.cli.doctor.finding import Finding, Grade
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.keyring import Keyring, KeyState

OLD_KEY: Final = timedelta(days=365)


def look_at_keys(provider: Provider, now: datetime) -> Iterator[Finding]:
    """An active signing key per algorithm, and every secret."""
    directory, keyring = provider.settings.keys.directory, provider.keys.keyring
    yield Finding(Grade.OK, "keys", f"{len(keyring.keys)} signing keys and all secrets in {directory}, private")
    for alg in sorted(set(SIGNING_ALGS) - set(keyring.algs(now))):
        yield Finding(Grade.FAIL, "signing keys", f"none is active for {alg}", remedy=_remedy(alg, keyring, now))
    old = [key for key in provider.key_changes.all() if key.retires_at is None and now - key.activates_at > OLD_KEY]
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


def _remedy(alg: str, keyring: Keyring, now: datetime) -> str:
    """`keys init` makes a key only for an algorithm that has none of any state."""
    states = {key.state(now): key.kid for key in keyring.keys if key.alg == alg}
    if not states:
        return "run `idp keys init`"
    following = states.get(KeyState.NEXT)
    return f"run `idp keys promote {following}`" if following else f"run `idp keys new {alg} --next-for 0`"
