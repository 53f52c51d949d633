"""Text messages: whether people who have a telephone only can be told what happens to their company."""

from collections.abc import Callable, Iterator

from idp.cli.doctor.finding import Finding, Grade
from idp.core.messages import SmsSender, Undelivered
from idp.settings import Sms


def look_at_sms(sms: Sms, make_sender: Callable[[], SmsSender]) -> Iterator[Finding]:
    """The gateway is asked whether it answers, without a message to anybody."""
    if not sms.leaves:
        said = "no text messages: companies that have a telephone only are told nothing (linking.untold)"
        yield Finding(Grade.OK, "sms", said)
        return
    way = str(sms.folder) if sms.folder is not None else sms.gateway
    try:
        make_sender().check()
    except Undelivered as problem:
        remedy = "those companies are told nothing until this works; check [sms], the network and the gateway"
        yield Finding(Grade.FAIL, "sms", f"{way}: {problem.reason}", remedy=remedy)
    else:
        said = "can be written" if sms.folder is not None else "answers"
        yield Finding(Grade.OK, "sms", f"{way} {said}")
