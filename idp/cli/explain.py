"""`idp explain CODE`: what happened when somebody saw an error page, in words for the support desk."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from idp.cli.audit import told
from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from idp.assembly.own_database import OwnDatabase
    from idp.core.audit_log import AuditLog, Recorded
    from idp.core.signin.ports import Incidents

ADVICE = {
    "expired": "The login stood still for too long. Nothing is wrong: start again from the app.",
    "no_cookie": "The browser sent no cookie of ours: another browser, a private window, or cookies are blocked. "
    "Start again from the app, in one browser, and allow cookies.",
    "bad_request": "The app sent a login request that breaks the rules. The person can do nothing: tell the people who "
    "maintain the app, with the lines below.",
    "refused": "A program's request was refused, or its login request answered with an error. Tell its maintainers, with "
    "the lines below; in test mode they say what was sent and what is registered.",
    "locked": "This person has made too many wrong tries at customer numbers. The page said when it opens by itself; a "
    "colleague of the same company can try meanwhile, and the right numbers are on the invoice. `idp linking show CODE` "
    "says what was tried.",
    "company_locked": "Too many wrong organisation numbers were tried with this customer number, by this person or by "
    "many people. The page said when it opens by itself. `idp linking show CODE` says whether the company has tries left: "
    "then it was this person, and a colleague can try; if not, `idp linking unlock` gives one back.",
    "codes_used_up": "Too many codes were asked for: by this person, at this company, or from this place. The page said when "
    "the next one can be sent. A code that has arrived can still be entered.",
    "requests_used_up": "Too many people, or this one, asked to be let into the company today. The page said when the next "
    "question can be sent; a question that was sent still stands.",
    "blocked": "The account is blocked. See `idp people find` and the reason in `idp audit show`.",
    "number_moved": "An import gave the customer number to another customer, or closed it, while the person was logging in. "
    "The number that is valid now is in the register.",
    "not_found": "The address does not exist: a mistyped or old bookmark. Start from the app.",
    "too_many": "Too many requests from one place. Wait a minute.",
    "maintenance": "Logins were closed for a planned stop, `[notice]` in the settings. The page said until when.",
    "unavailable": "Our own database did not answer at that moment. Try again in a minute; the log says what it was.",
    "method": "A page was opened in a way it is not made for, often a bookmark of a form. Start from the app.",
    "forbidden": "A form came without its proof of origin: an old page, or another site tried. Reload and try again.",
    "server": "A fault of ours. The log has the same code with the cause.",
    "disowned": "This person was told of a login by e-mail and said that it was somebody else's. Every session and token was ended. "
    "Look at the login with `idp audit show PERSON`, and ask who had the person's BankID or made the person use it.",
    "frozen": "Somebody who was told of a new user froze that user's link to the company below. "
    "Find out whether the person belongs to the company. If so, `idp people unlink PERSON "
    "NUMBER` lifts the freeze: the person can be linked again. If not, keep the evidence of the login.",
    "bankid": "The identification with BankID did not work out; the page said why, and the person could try again there.",
}
"""By the name of the error page, or `bankid` for a failure on its page."""


@click.command("explain")
@click.argument("code")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.store.incidents,
    lambda provider: provider.store.audit,
    lambda provider: provider.reasons,
)
def command(
    database: "OwnDatabase", incidents: "Incidents", audit: "AuditLog", reasons: Mapping[str, str], code: str
) -> None:
    """Explain the error CODE that stands on somebody's screen."""
    tidy = re.sub(r"[^0-9A-Z]", "", code.upper())
    with database.opened():
        facts = incidents.find(tidy)
        events = _events(facts or {}, audit)
    if facts is None:
        raise Problem(
            f"{tidy}: nothing is known about this code here. It may be mistyped (0, O, 1, I and L are never used), older "
            "than 90 days, or of a crash, or one of too many on its day: search the log for it."
        )
    for line in _explanation(tidy, facts):
        click.echo(line)
    if events:
        click.echo("What happened in this login:")
    for event in events:
        for line in told(event, reasons):
            click.echo(f"    {line}")


def _events(facts: Mapping[str, Any], audit: "AuditLog") -> "Sequence[Recorded]":
    """The whole login in which the person saw the page, if it was one."""
    login, at = facts.get("interaction_id"), facts.get("at")
    return audit.of_interaction(login, datetime.fromisoformat(at)) if login and at else ()


def _explanation(code: str, facts: Mapping[str, Any]) -> Iterator[str]:
    from idp.web.language import Catalogs

    page, catalogs = str(facts.get("page", "")), Catalogs.load()
    yield f"{code}  {facts['at']}"
    seen = str(facts.get("message") or f"error.{page}.title")
    if catalogs.knows(seen):
        yield f"The person saw: “{catalogs.texts['sv'][seen]}”"
    yield ADVICE.get(page, "No advice is written for this page.")
    for name, value in facts.items():
        if name not in {"at", "page", "message"} and value:
            yield f"    {name}: {value}"
