"""Expiry warnings: what will end one day and must be renewed before, said aloud at 60, 30, 14, 7 and 1 days."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from prometheus_client import Gauge

from idp.core.oidc.clients.client import Client
from idp.core.oidc.keys.keyring import Keyring, SigningKey

_log = structlog.get_logger("idp.expiry")

DAYS: Final = (60, 30, 14, 7, 1)
EVERY_SECONDS: Final = 3600.0
_LAST_SECOND: Final = int(datetime.max.replace(tzinfo=UTC).timestamp()) - 1

_days_left = Gauge(
    "idp_days_left",
    "Days until something must be renewed; negative when it is too late.",
    ["what"],
    multiprocess_mode="livemostrecent",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """Something with an end, and what to do about it."""

    what: str
    ends_at: datetime
    remedy: str

    def days_left(self, now: datetime) -> float:
        return (self.ends_at - now) / timedelta(days=1)

    def threshold(self, now: datetime) -> int | None:
        """The least of DAYS that is not under what is left; 0 when it has ended, None while there is time."""
        left = self.days_left(now)
        return 0 if left <= 0 else min((days for days in DAYS if left <= days), default=None)


@dataclass(kw_only=True)
class ExpiryWarnings:
    """Says each threshold once per process."""

    look: Mapping[str, Callable[[datetime], Iterable[Expiring]]]
    """What to look at, by what it is called in the log when it cannot be read."""
    clock: Callable[[], datetime]
    _said: dict[str, int] = field(default_factory=dict)

    def run(self, stop: threading.Event) -> None:
        """Look at once and then each hour until `stop` is set."""
        while not stop.is_set():
            self.beat()
            stop.wait(EVERY_SECONDS)

    def beat(self) -> None:
        """Warn of what has come nearer since the last time; what cannot be read hides nothing else."""
        now = self.clock()
        for what, look in self.look.items():
            try:
                for one in look(now):
                    self._warn(one, now)
            except Exception:  # noqa: BLE001 - a file that cannot be read now must not end the warnings
                _log.exception("not looked at", what=what)

    def _warn(self, one: Expiring, now: datetime) -> None:
        _days_left.labels(what=one.what).set(one.days_left(now))
        threshold = one.threshold(now)
        if threshold is None:
            self._said.pop(one.what, None)  # renewed: its next end is warned of again
            return
        if self._said.get(one.what) == threshold:
            return
        self._said[one.what] = threshold
        say = _log.error if threshold <= 1 else _log.warning
        say("expires", what=one.what, days=int(one.days_left(now)), at=one.ends_at.isoformat(), remedy=one.remedy)


def signing_ends(keyring: Keyring, now: datetime) -> Iterator[Expiring]:
    """Algorithms that nothing will sign with from some day on."""
    for alg in keyring.algs(now):
        ends = [key.retires_at for key in keyring.keys if key.alg == alg and not _is_over(key, now)]
        known = [moment for moment in ends if moment is not None]
        if len(known) == len(ends) and known:
            remedy = f"run `idp keys new {alg}`"
            yield Expiring(what=f"signing with {alg}", ends_at=max(known), remedy=remedy)


def client_keys_end(client: Client) -> Iterator[Expiring]:
    """Keys of a client whose JWK says when it ends (`exp`, seconds since 1970)."""
    for number, jwk in enumerate(client.jwks["keys"], 1):
        moment = _stated_end(jwk.get("exp"))
        if moment is not None:
            what = f"key {jwk.get('kid', number)} of client {client.client_id}"
            yield Expiring(what=what, ends_at=moment, remedy="ask for the client's new key")


def _stated_end(exp: Any) -> datetime | None:
    """A client's own word: beyond the calendar it means never, or long ago, and keeps no other key from being looked at."""
    if not isinstance(exp, int | float) or isinstance(exp, bool) or exp != exp:  # noqa: PLR0124 - not a number
        return None
    return datetime.fromtimestamp(min(max(exp, 0), _LAST_SECOND), tz=UTC)


def _is_over(key: SigningKey, now: datetime) -> bool:
    return key.retires_at is not None and key.retires_at <= now
