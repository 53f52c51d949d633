"""Checks: which there are, in which order, and what each looks at; one that breaks keeps nobody else from being heard."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from idp.assembly.provider import Provider
from idp.cli.doctor import address, audit, bankid, brand, caller_address, clients, database, keys, mail, mode, sms
from idp.cli.doctor.finding import Finding, Grade

Check: TypeAlias = Callable[[Provider, datetime], Iterator[Finding]]
"""Looks at one thing; raises when it cannot, which is a finding as well."""

CHECKS: Mapping[str, Check] = {
    "mode": lambda p, _: mode.look_at_mode(p.settings),
    "production": lambda p, _: mode.look_at_production(p.settings),
    "issuer": lambda p, _: address.look_at_issuer(p.settings),
    "proxies": lambda p, _: address.look_at_proxies(p.settings),
    "callers address": lambda p, now: caller_address.look_at_callers_address(
        p.settings, p.address_probe.ask("doctor", now), p.ask_own_address
    ),
    "address families": lambda p, _: caller_address.look_at_address_families(p.settings),
    "tls certificate": lambda p, now: address.look_at_tls_certificate(p.settings.server, p.tls_expires_at, now),
    "sessions": lambda p, _: address.look_at_sessions(p.settings.sign_in),
    "keys": lambda p, now: keys.look_at_keys(
        p.settings.keys.directory, p.key_changes, p.own_secrets, lambda: p.keys.keyring, now
    ),
    "database": lambda p, _: database.look_at_database(p.settings, p.installation, p.database, p.clock),
    "erasures": lambda p, _: database.look_at_erasures(p.installation, p.database, p.store.keyless),
    "secrets": lambda p, _: keys.look_at_secrets(p.key_changes, p.own_secrets),
    "audit anchors": lambda p, now: audit.look_at_anchors(p.audit_proof, now, is_sandbox=p.settings.is_sandbox),
    "certificate": lambda p, now: bankid.look_at_certificate(p.certificate.expires_at, now),
    "evidence": lambda p, _: bankid.look_at_evidence(p.settings),
    "bankid": lambda p, _: bankid.look_at_bankid(p.settings.bankid, _pinging(p), p.clock),
    "collector": lambda p, now: database.look_at_collector(p.installation, p.database, p.collector_watch, now),
    "clients": lambda p, _: clients.look_at_clients(p.client_files.values(), p.check_sector),
    "mail": lambda p, _: mail.look_at_mail(p.settings.mail, lambda: p.email_sender),
    "sms": lambda p, _: sms.look_at_sms(p.settings.sms, lambda: p.sms_sender),
    "texts": lambda p, _: brand.look_at_texts(p.catalogs, p.email_texts),
    "colours": lambda p, _: brand.look_at_colours(p.settings.brand),
    "links": lambda p, _: brand.look_at_links(p.settings),
    "notice": lambda p, now: brand.look_at_notice(p.settings, now),
}
"""By the word that stands for what was looked at when the check itself breaks."""


def examine(provider: Provider) -> Iterator[Finding]:
    """Every check in order; one that breaks is a finding itself."""
    now = provider.clock()
    for what, check in CHECKS.items():
        try:
            yield from check(provider, now)
        except Exception as problem:  # noqa: BLE001 - whatever is broken here is what the doctor is asked about
            yield Finding(Grade.FAIL, what, _said(problem))


def _pinging(provider: Provider) -> Callable[[], datetime | None]:
    client = provider.bankid

    async def ping() -> datetime | None:
        try:
            return await client.ping()
        finally:
            await client.close()

    return lambda: asyncio.run(ping())


def _said(problem: Exception) -> str:
    reason = getattr(problem, "orig", None) or problem
    text = str(reason).strip().splitlines()
    return text[0] if text else type(reason).__name__
