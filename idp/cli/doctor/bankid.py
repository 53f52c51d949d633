"""BankID: our certificate there, what its signatures prove, and whether it answers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from idp.assembly.provider import Provider
from idp.cli.doctor.finding import Finding, Grade
from idp.core.identification.bankid.api import BankIdError

WARN_DAYS: Final = 60
"""The bank sends its own notice about two months before."""


def look_at_certificate(provider: Provider, now: datetime) -> Iterator[Finding]:
    """How long BankID will know us."""
    certificate = provider.certificate
    left = certificate.time_left(now).days
    near = left <= WARN_DAYS
    yield Finding(
        Grade.FAIL if left < 1 else Grade.WARN if near else Grade.OK,
        "BankID certificate",
        f"{'expired' if left < 0 else 'valid until'} {certificate.expires_at:%Y-%m-%d} ({left} days)",
        remedy="order a new one from the bank" if near else "",
    )


def look_at_evidence(provider: Provider, _now: datetime) -> Iterator[Finding]:
    """What a login's signature proves."""
    if not provider.settings.bankid.people_roots:
        yield Finding(
            Grade.WARN,
            "BankID evidence",
            "no roots of people's certificates: signatures are verified, their chain is not",
            remedy="ask BankID for the roots and name them in bankid.people_roots",
        )


def look_at_bankid(provider: Provider, _now: datetime) -> Iterator[Finding]:
    """Whether BankID answers over mutual TLS."""
    host = urlsplit(provider.settings.bankid.api_url).netloc
    try:
        provider.bankid.ping()
    except BankIdError as problem:
        seen = f"{host}: {problem.code} {problem.details}".strip()
        yield Finding(Grade.FAIL, "BankID", seen, remedy="check the network, bankid.server_ca and the certificate")
    else:
        yield Finding(Grade.OK, "BankID", f"{host} answers over mutual TLS")
