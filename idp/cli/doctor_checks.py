"""Examination: what `idp doctor` looks at, each check one function that yields findings with what to do about them."""

import ssl
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from idp.assembly.provider import Provider
from idp.cli.clients import weak_choices
from idp.cli.production_checks import find_unsafe
from idp.core.oidc.keys.keyring import Keyring, KeyState
from idp.settings import Settings

_LONG_IDLE = timedelta(hours=2)
_OLD_KEY = timedelta(days=365)
_SKEW = timedelta(seconds=5)
_WARN_DAYS = 60


class Grade(StrEnum):
    """How bad a finding is; only FAIL gives an exit code."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was seen, and the remedy where there is something to mend."""

    grade: Grade
    what: str
    seen: str
    remedy: str = field(default="", kw_only=True)


Check = Callable[[Provider, datetime], Iterator[Finding]]


def examine(provider: Provider) -> Iterator[Finding]:
    """Every check in order; one that breaks is a finding itself and keeps nobody else from being heard."""
    now = provider.clock()
    for check in CHECKS:
        try:
            yield from check(provider, now)
        except Exception as problem:  # noqa: BLE001 - whatever is broken here is what the doctor is asked about
            yield Finding(Grade.FAIL, check.__name__.strip("_").replace("_", " "), _said(problem))


def _said(problem: Exception) -> str:
    reason = getattr(problem, "orig", None) or problem
    text = str(reason).strip().splitlines()
    return text[0] if text else type(reason).__name__


def _address(provider: Provider, _now: datetime) -> Iterator[Finding]:
    settings = provider.settings
    if settings.secure_cookies:
        yield Finding(Grade.OK, "issuer", f"{settings.issuer}; cookies are Secure")
    else:
        yield Finding(
            Grade.WARN, "issuer", f"{settings.issuer} is not https; for laptops only", remedy="set issuer to https://…"
        )
    behind_tls = settings.server.tls_certificate is None and settings.secure_cookies
    if behind_tls and not settings.server.trusted_proxies:
        yield Finding(
            Grade.WARN,
            "trusted proxies",
            "none, but somebody else must end TLS: every visitor seems to come from the proxy's address",
            remedy="name the proxy's network in server.trusted_proxies",
        )
    wide = [str(network) for network in settings.server.trusted_proxies if network.prefixlen == 0]
    if wide:
        yield Finding(
            Grade.FAIL, "trusted proxies", f"{', '.join(wide)} believes everybody", remedy="name the proxies only"
        )
    elif settings.server.trusted_proxies:
        yield Finding(Grade.OK, "trusted proxies", ", ".join(map(str, settings.server.trusted_proxies)))


def _sessions(provider: Provider, _now: datetime) -> Iterator[Finding]:
    sign_in = provider.settings.sign_in
    idle = sign_in.session_idle
    if idle > _LONG_IDLE:
        yield Finding(
            Grade.WARN,
            "sessions",
            f"single sign-on survives {idle} without use; BankID's rules do not allow to stand in for BankID",
            remedy="set sign_in.session_idle to 2 hours at most",
        )
    else:
        yield Finding(Grade.OK, "sessions", f"{idle} idle, {sign_in.session_absolute} in all")


def _keys(provider: Provider, now: datetime) -> Iterator[Finding]:
    from idp.core.oidc.keys.algorithms import SIGNING_ALGS

    directory, keyring = provider.settings.keys.directory, provider.keys.keyring
    yield Finding(Grade.OK, "keys", f"{len(keyring.keys)} signing keys and all secrets in {directory}, private")
    for alg in sorted(set(SIGNING_ALGS) - set(keyring.algs(now))):
        yield Finding(Grade.FAIL, "signing keys", f"none is active for {alg}", remedy=_key_remedy(alg, keyring, now))
    old = [key for key in provider.key_changes.all() if key.retires_at is None and now - key.activates_at > _OLD_KEY]
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


def _key_remedy(alg: str, keyring: Keyring, now: datetime) -> str:
    """`keys init` makes a key only for an algorithm that has none of any state."""
    states = {key.state(now): key.kid for key in keyring.keys if key.alg == alg}
    if not states:
        return "run `idp keys init`"
    following = states.get(KeyState.NEXT)
    return f"run `idp keys promote {following}`" if following else f"run `idp keys new {alg} --next-for 0`"


def _database(provider: Provider, now: datetime) -> Iterator[Finding]:
    installation = provider.installation
    found = installation.schema()
    if not found.is_current:
        yield Finding(
            Grade.FAIL,
            "database",
            f"{installation.address} has schema {found.current or 'none'}, {found.head} is needed",
            remedy="run `idp db upgrade`",
        )
        return
    with provider.database.opened():
        writable = provider.database.is_writable()
    seen = f"{installation.address} at {found.current}, {'writable' if writable else 'READ-ONLY'}"
    yield Finding(Grade.OK if writable else Grade.FAIL, "database", seen)
    yield from _pool(provider.settings, installation.connection_limit())
    there = installation.clock()
    if there is not None:
        skew = abs(there - now)
        grade = Grade.OK if skew <= _SKEW else Grade.FAIL
        yield Finding(
            grade,
            "clock",
            f"{skew.total_seconds():.1f} s from the database's",
            remedy="" if grade is Grade.OK else "keep the clocks of all machines with NTP",
        )


def _pool(settings: Settings, limit: int | None) -> Iterator[Finding]:
    """Two extra connections of overflow per process; the jobs are one process more."""
    if limit is None:
        yield Finding(Grade.OK, "connections", "a file: one node only")
        return
    most = (settings.database.pool_size + 2) * (settings.server.workers + 1)
    grade = Grade.OK if most * 2 <= limit else Grade.WARN
    yield Finding(
        grade,
        "connections",
        f"at most {most} from this node, the server grants {limit} to all",
        remedy="" if grade is Grade.OK else "two nodes do not fit: lower database.pool_size or raise max_connections",
    )


def _bankid_certificate(provider: Provider, now: datetime) -> Iterator[Finding]:
    certificate = provider.certificate
    left = certificate.time_left(now).days
    near = left <= _WARN_DAYS
    yield Finding(
        Grade.FAIL if left < 1 else Grade.WARN if near else Grade.OK,
        "BankID certificate",
        f"{'expired' if left < 0 else 'valid until'} {certificate.expires_at:%Y-%m-%d} ({left} days)",
        remedy="order a new one from the bank" if near else "",
    )
    if not provider.settings.bankid.people_roots:
        yield Finding(
            Grade.WARN,
            "BankID evidence",
            "no roots of people's certificates: signatures are verified, their chain is not",
            remedy="ask BankID for the roots and name them in bankid.people_roots",
        )


def _bankid_reachable(provider: Provider, _now: datetime) -> Iterator[Finding]:
    from idp.core.identification.bankid.api import BankIdError

    host = urlsplit(provider.settings.bankid.api_url).netloc
    try:
        provider.bankid.ping()
    except BankIdError as problem:
        seen = f"{host}: {problem.code} {problem.details}".strip()
        yield Finding(Grade.FAIL, "BankID", seen, remedy="check the network, bankid.server_ca and the certificate")
    else:
        yield Finding(Grade.OK, "BankID", f"{host} answers over mutual TLS")


def _safety(provider: Provider, _now: datetime) -> Iterator[Finding]:
    for line in find_unsafe(provider.settings):
        what, _, seen = line.partition(": ")
        yield Finding(Grade.FAIL, what, seen)


def _simulator(provider: Provider, _now: datetime) -> Iterator[Finding]:
    if provider.settings.is_sandbox:
        yield Finding(
            Grade.WARN, "mode", "sandbox: weak choices and the BankID simulator are allowed", remedy="mode = production"
        )
    else:
        yield Finding(Grade.OK, "mode", "production; the simulator and the test environment are refused")


def _clients(provider: Provider, _now: datetime) -> Iterator[Finding]:
    clients = provider.client_files
    grade = Grade.OK if clients else Grade.WARN
    yield Finding(grade, "clients", f"{len(clients)} files", remedy="" if clients else "run `idp clients new`")
    for client in clients.values():
        for weakness in weak_choices(client):
            yield Finding(Grade.WARN, f"client {client.client_id}", weakness)


def _texts(_provider: Provider, _now: datetime) -> Iterator[Finding]:
    from idp.jobs.emails import TRANSLATIONS
    from idp.web.language import Catalogs

    count = sum(len(Catalogs.load(*place).texts["sv"]) for place in ((), (TRANSLATIONS,)))
    yield Finding(Grade.OK, "texts", f"{count} in Swedish and English, none missing")


def _mail(provider: Provider, _now: datetime) -> Iterator[Finding]:
    mail = provider.settings.mail
    if mail.folder is not None:
        yield Finding(Grade.OK, "mail", f"is written into {mail.folder}")
    elif mail.smtp_host:
        yield Finding(Grade.OK, "mail", f"by {mail.smtp_host}:{mail.smtp_port}")
    else:
        yield Finding(Grade.WARN, "mail", "nothing is sent: nobody is told of new users", remedy="set mail.smtp_host")


def _tls(provider: Provider, now: datetime) -> Iterator[Finding]:
    certificate, key = provider.settings.server.tls_certificate, provider.settings.server.tls_key
    if certificate is None or key is None:
        return
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    ends_at = provider.tls_expires_at()
    left = (ends_at - now).days if ends_at is not None else 0
    grade = Grade.FAIL if left < 1 else Grade.WARN if left <= _WARN_DAYS else Grade.OK
    yield Finding(grade, "TLS certificate", f"{left} days left", remedy="" if grade is Grade.OK else "renew it")


CHECKS: Sequence[Check] = (
    _simulator,
    _safety,
    _address,
    _tls,
    _sessions,
    _keys,
    _database,
    _bankid_certificate,
    _bankid_reachable,
    _clients,
    _mail,
    _texts,
)
