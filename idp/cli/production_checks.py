"""Production checks: what production must not start with, though every file in itself can be used, and what it does not prove."""

import stat
from collections.abc import Iterator

from idp.settings import Settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def find_unsafe(settings: Settings) -> Iterator[str]:
    """One line per thing that is unsafe in production, naming the key; nothing in a sandbox."""
    if settings.is_sandbox:
        return
    yield from _readable_secrets(settings)
    yield from _open_door(settings)


def find_unproved(settings: Settings) -> Iterator[str]:
    """One line per thing that a login does not prove, naming the key."""
    if not settings.bankid.people_roots:
        yield (
            "bankid.people_roots: none is named; signatures are verified, but not that a bank issued their certificates, "
            "so a login rests on BankID's word over TLS alone"
        )
    elif not settings.bankid.evidence_required:
        yield "bankid.evidence: record; a login whose signature does not verify is let in, and noted in the audit log"


def _readable_secrets(settings: Settings) -> Iterator[str]:
    """Files that hold a secret and that others than the owner can read or replace."""
    for key, path in (
        ("bankid.client_certificate", settings.bankid.client_certificate),
        ("bankid.client_key", settings.bankid.client_key),
        ("bankid.passphrase_file", settings.bankid.passphrase_file),
        ("database.password_file", settings.database.password_file),
        ("mail.password_file", settings.mail.password_file),
        ("server.tls_key", settings.server.tls_key),
    ):
        if path is not None and path.exists() and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            yield f"{key}: {path} can be read or changed by others; run chmod 600 {path}"


def _open_door(settings: Settings) -> Iterator[str]:
    """Who sends a body without ever ending it holds one of our few threads; a proxy reads requests whole before us."""
    server = settings.server
    if server.host not in _LOOPBACK and not server.trusted_proxies:
        yield f"server.host: {server.host} is reached without a proxy; put one before it, and name it in server.trusted_proxies"
