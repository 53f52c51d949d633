"""Where browsers find us: the issuer, the proxies before us, TLS, and how long a browser stays logged in."""

import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from idp.cli.doctor.finding import Finding, Grade
from idp.settings import Server, Settings, SignIn

LONG_IDLE: Final = timedelta(hours=2)
WARN_DAYS: Final = 60


def look_at_issuer(settings: Settings) -> Iterator[Finding]:
    """Whether cookies can be Secure."""
    if settings.secure_cookies:
        yield Finding(Grade.OK, "issuer", f"{settings.issuer}; cookies are Secure")
    else:
        yield Finding(
            Grade.WARN, "issuer", f"{settings.issuer} is not https; for laptops only", remedy="set issuer to https://…"
        )


def look_at_proxies(settings: Settings) -> Iterator[Finding]:
    """Whose word about a visitor's address is believed."""
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


def look_at_tls_certificate(
    server: Server, expires_at: Callable[[], datetime | None], now: datetime
) -> Iterator[Finding]:
    """Ours, where we end TLS by ourselves."""
    certificate, key = server.tls_certificate, server.tls_key
    if certificate is None or key is None:
        return
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    ends_at = expires_at()
    left = (ends_at - now).days if ends_at is not None else 0
    grade = Grade.FAIL if left < 1 else Grade.WARN if left <= WARN_DAYS else Grade.OK
    yield Finding(grade, "TLS certificate", f"{left} days left", remedy="" if grade is Grade.OK else "renew it")


def look_at_sessions(sign_in: SignIn) -> Iterator[Finding]:
    """How long single sign-on stands in for BankID."""
    idle = sign_in.session_idle
    if idle > LONG_IDLE:
        yield Finding(
            Grade.WARN,
            "sessions",
            f"single sign-on survives {idle} without use; BankID's rules do not allow to stand in for BankID",
            remedy="set sign_in.session_idle to 2 hours at most",
        )
    else:
        yield Finding(Grade.OK, "sessions", f"{idle} idle, {sign_in.session_absolute} in all")
