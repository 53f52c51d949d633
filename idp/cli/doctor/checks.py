"""Examination: which checks there are, in which order; one that breaks keeps nobody else from being heard."""

from collections.abc import Iterator, Sequence

from idp.assembly.provider import Provider
from idp.cli.doctor import address, bankid, brand, caller_address, clients, database, keys, mail, mode
from idp.cli.doctor.finding import Check, Finding, Grade

CHECKS: Sequence[Check] = (
    mode.look_at_mode,
    mode.look_at_safety,
    address.look_at_issuer,
    address.look_at_proxies,
    caller_address.look_at_callers_address,
    caller_address.look_at_address_families,
    address.look_at_tls_certificate,
    address.look_at_sessions,
    keys.look_at_keys,
    database.look_at_database,
    keys.look_at_secrets,
    bankid.look_at_certificate,
    bankid.look_at_evidence,
    bankid.look_at_bankid,
    database.look_at_collector,
    clients.look_at_clients,
    mail.look_at_mail,
    brand.look_at_texts,
    brand.look_at_colours,
    brand.look_at_links,
    brand.look_at_notice,
)


def examine(provider: Provider) -> Iterator[Finding]:
    """Every check in order; one that breaks is a finding itself."""
    now = provider.clock()
    for check in CHECKS:
        try:
            yield from check(provider, now)
        except Exception as problem:  # noqa: BLE001 - whatever is broken here is what the doctor is asked about
            what = check.__name__.removeprefix("look_at_").replace("_", " ")
            yield Finding(Grade.FAIL, what, _said(problem))


def _said(problem: Exception) -> str:
    reason = getattr(problem, "orig", None) or problem
    text = str(reason).strip().splitlines()
    return text[0] if text else type(reason).__name__
