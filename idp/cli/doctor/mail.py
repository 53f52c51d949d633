"""E-mail: whether people can be told what happens to their accounts."""

from collections.abc import Iterator
from datetime import datetime

from idp.assembly.provider import Provider
from idp.cli.doctor.finding import Finding, Grade


def look_at_mail(provider: Provider, _now: datetime) -> Iterator[Finding]:
    """Where messages go."""
    mail = provider.settings.mail
    if mail.folder is not None:
        yield Finding(Grade.OK, "mail", f"is written into {mail.folder}")
    elif mail.smtp_host:
        yield Finding(Grade.OK, "mail", f"by {mail.smtp_host}:{mail.smtp_port}")
    else:
        yield Finding(Grade.WARN, "mail", "nothing is sent: nobody is told of new users", remedy="set mail.smtp_host")
