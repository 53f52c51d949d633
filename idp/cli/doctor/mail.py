"""E-mail: whether people can be told what happens to their accounts."""

from collections.abc import Callable, Iterator

from idp.cli.doctor.finding import Finding, Grade
from idp.core.messages import EmailSender, Undelivered
from idp.settings import Mail


def look_at_mail(mail: Mail, make_sender: Callable[[], EmailSender]) -> Iterator[Finding]:
    """The way that messages leave by is gone up to the last step before one would be sent."""
    if mail.folder is None and not mail.smtp_host:
        yield Finding(Grade.WARN, "mail", "nothing is sent: nobody is told of new users", remedy="set mail.smtp_host")
        return
    way = str(mail.folder) if mail.folder is not None else f"{mail.smtp_host}:{mail.smtp_port}"
    try:
        make_sender().check()
    except Undelivered as problem:
        remedy = "people are told nothing until this works; check [mail], the network and that server"
        yield Finding(Grade.FAIL, "mail", f"{way}: {problem.reason}", remedy=remedy)
    else:
        said = "can be written" if mail.folder is not None else f"takes messages from {mail.sender}"
        yield Finding(Grade.OK, "mail", f"{way} {said}")
