"""BankID: our certificate there, what its signatures prove, and whether it answers."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from idp.cli.doctor.clock import compare
from idp.cli.doctor.finding import Finding, Grade
from idp.cli.production_checks import find_unproved
from idp.core.identification.bankid.api import BankIdError, BankIdMisused
from idp.settings import Settings
from idp.settings_bankid import BankIdSettings

_ON_THE_WAY: Final = frozenset({"connection", "network", "tls"})
_WHOLE_SECONDS: Final = timedelta(seconds=1)
WARN_DAYS: Final = 60
"""The bank sends its own notice about two months before."""


def look_at_certificate(expires_at: datetime, now: datetime) -> Iterator[Finding]:
    """How long BankID will know us."""
    left = (expires_at - now).days
    near = left <= WARN_DAYS
    yield Finding(
        Grade.FAIL if left < 1 else Grade.WARN if near else Grade.OK,
        "BankID certificate",
        f"{'expired' if left < 0 else 'valid until'} {expires_at:%Y-%m-%d} ({left} days)",
        remedy="order a new one from the bank" if near else "",
    )


def look_at_evidence(settings: Settings) -> Iterator[Finding]:
    """What a login's signature proves."""
    unproved = list(find_unproved(settings))
    for seen in unproved:
        roots = "ask BankID for the roots and name them in bankid.people_roots"
        remedy = "remove bankid.evidence" if settings.bankid.people_roots else roots
        yield Finding(Grade.WARN, "BankID evidence", seen, remedy=remedy)
    if not unproved:
        yield Finding(Grade.OK, "BankID evidence", "a login needs a signature that leads to BankID's roots")


def look_at_bankid(
    chosen: BankIdSettings, ping: Callable[[], datetime | None], clock: Callable[[], datetime]
) -> Iterator[Finding]:
    """Whether BankID works for us, and what time it is there."""
    host = urlsplit(chosen.api_url).netloc
    before = clock()
    try:
        there = ping()
    except BankIdError as problem:
        seen = f"{host}: {problem.code} {problem.details}".strip()
        yield Finding(Grade.FAIL, "BankID", seen, remedy=_remedy(problem))
        return
    yield Finding(Grade.OK, "BankID", f"{host} looks for orders when we ask over mutual TLS")
    if there is not None:
        yield from compare("BankID's", before, there, clock(), precise_to=_WHOLE_SECONDS)


def _remedy(problem: BankIdError) -> str:
    if problem.code in _ON_THE_WAY:
        return "check the network, bankid.server_ca and the certificate"
    if isinstance(problem, BankIdMisused):
        return "BankID does not take our calls: check bankid.client_certificate and bankid.api_url"
    return "BankID is in trouble itself: see its status page; people who are logged in go on"
