"""`idp people erase`: a person's account and all that says who it was, and what must stay with its reason and its end."""

import getpass
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from idp.cli.case_id import case_option
from idp.cli.masking import person_in_lines
from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.core.accounts.erase import Erase
    from idp.core.accounts.find_people import FindPeople
    from idp.core.accounts.ports import StillKept


@click.command()
@click.argument("person_id")
@case_option("The case in which the person asked for it; for the audit log.")
@click.option(
    "--although-shut-out", is_flag=True, help="Also who is blocked or kept out of a company; nobody knows that later."
)
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.find_people,
    lambda provider: provider.accounts.erase,
    lambda provider: provider.clock(),
)
def erase(
    database: "OwnDatabase",
    find_people: "FindPeople",
    erase_person: "Erase",
    now: "datetime",
    person_id: str,
    case_id: str,
    *,
    although_shut_out: bool,
) -> None:
    """Erase an account for ever: logins and tokens end, apps are told, and the same BankID opens another account.

    Verify first that it is the person who asks. What must be kept is named. No backup brings back what is erased, as long as
    the table of the persons' keys is in no old one (see the README).
    """
    from idp.core.accounts.erase import AlreadyErased, Erased, ShutOut
    from idp.core.people.person import NoSuchPerson

    with database.unit_of_work():
        found = find_people(person_id, now, operator=getpass.getuser(), unmasked=False)
    for person in found if isinstance(found, Sequence) else ():
        click.echo("\n".join(person_in_lines(person)))
    click.confirm("Erase this account for ever?", abort=True, err=True)
    with database.unit_of_work():
        outcome = erase_person(
            person_id, now, operator=getpass.getuser(), case_id=case_id, although_shut_out=although_shut_out
        )
    match outcome:
        case Erased(logins_ended=ended, kept=kept):
            click.echo(f"{person_id} is erased; logins ended: {ended}")
            click.echo("\n".join(_named(kept)))
        case AlreadyErased():
            raise Problem(f"{person_id} is erased already")
        case ShutOut():
            raise Problem(
                f"{person_id} is blocked, or kept out of a company, and would come back as somebody who is not.",
                "End that first, or say --although-shut-out.",
            )
        case NoSuchPerson():
            raise Problem(f"{person_id}: no such person; `idp people find TEXT` shows ids")


def _named(kept: "Sequence[StillKept]") -> Iterator[str]:
    """What stays, why and until when."""
    from idp.core.accounts.ports import Remainder

    reasons = {
        Remainder.EVIDENCE: "evidence of registrations, links and consents, with name and personal number, sealed: for legal claims"
        " (GDPR 17.3 e)",
        Remainder.LINKS: "ended links with customer numbers and times, without a name: for disputes with the company"
        " (GDPR 17.3 e)",
        Remainder.AUDIT: "audit records, without a name: to answer for what was done (GDPR 5.2)",
        Remainder.TRIES: "counters of wrong tries, as keyed hashes: so that an erasure gives no new tries (GDPR 6.1 f)",
        Remainder.OWN_FIRM: "the person's own firm in the customer register: as long as the register has it (GDPR 6.1 b)",
    }
    yield "Kept, and why:"
    for each in kept:
        end = f"until {each.until:%Y-%m-%d} at the latest" if each.until else "until its time in the settings is over"
        yield f"    {'' if each.count is None else f'{each.count} '}{reasons[each.what]}; {end}"
