"""`idp customers`: import the customer register from a file, after showing what would change; invite a person to a customer."""

import getpass
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli.customer_import import Answers, CustomerImport
from idp.cli.problems import MISCONFIGURED, Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from idp.assembly.customer_register import CustomerRegister
    from idp.assembly.own_database import OwnDatabase
    from idp.core.linking.invitation import Invite

_CASE = re.compile(r"[A-Za-z0-9_-]{1,40}")
INCOMPLETE = 1
"""Exit code of an import, or a dry run of one, that left lines out."""


@click.group("customers")
def command() -> None:
    """The customer register."""


class _Import(click.Command):
    """A command whose help ends with every header that a file may have."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write them; the reader of files is loaded for those who ask, not for every command."""
        from idp.assembly.customer_register import accepted_headers

        del ctx
        with formatter.section("Headers (capitals, spaces, dots and hyphens do not matter)"):
            formatter.write_dl(
                [
                    (names[0] + (" (needed)" if needed else ""), ", ".join(names[1:]))
                    for _, names, needed in accepted_headers()
                ]
            )


_PATH = click.Path(dir_okay=False, path_type=Path)


@command.command()
@click.argument("number")
@click.argument("email")
@click.option("--case", "case_id", required=True, help="The case in which the caller was verified; for the audit log.")
@given(
    lambda provider: provider.own_database, lambda provider: provider.accounts.invite, lambda provider: provider.clock()
)
def invite(database: "OwnDatabase", invite: "Invite", now: "datetime", number: str, email: str, case_id: str) -> None:
    """Invite a person by EMAIL to the customer with NUMBER: a link for seven days and one BankID, without any digits.

    Verify first that the caller may decide for the customer; the link that it makes is `support_verified`.
    """
    from idp.core.linking.invitation import NoSuchCompany
    from idp.core.people.contact import Email

    if not _CASE.fullmatch(case_id):
        raise Problem("--case: letters, digits, - and _, 40 at most")
    try:
        address = Email.parse(email)
    except ValueError:
        raise Problem(f"{email}: is no e-mail address") from None
    with database.unit_of_work():
        answer = invite.for_support(number, address, now, operator=getpass.getuser(), case_id=case_id)
    if isinstance(answer, NoSuchCompany):
        raise Problem(f"{number}: no active customer has this number")
    click.echo(f"Invited to {answer.customer_name}; the e-mail is on its way.")


@command.command("import", cls=_Import)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Write nothing when any line is refused.")
@click.option("--yes", is_flag=True, help="Import without asking, whatever the summary says.")
@click.option(
    "--allow-moved", is_flag=True, help="Let numbers move to another organisation; people linked by them lose access."
)
@click.option("--close-missing", is_flag=True, help="Close the customer numbers that the file does not have.")
@click.option(
    "--close-at-most",
    type=click.IntRange(0, 100),
    metavar="PERCENT",
    help="Let this import close up to this share of the active customers (customer_register.close_at_most_percent).",
)
@click.option("--empty-erases", is_flag=True, help="Let an empty cell erase the city or contact that is stored.")
@click.option(
    "--encoding", metavar="NAME", help="Of a text file, where it cannot be told: utf-8, windows-1252, cp850 …"
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook; else the visible one with these headers.")
@click.option("--report", type=_PATH, help="Write every refused line to this CSV, to mend it there and import that.")
@click.option("--missing", type=_PATH, help="Write the customer numbers that the file does not have to this CSV.")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.customer_register,
    lambda provider: provider.clock,
)
def import_file(
    database: "OwnDatabase",
    customer_register: "CustomerRegister",
    clock: "Callable[[], datetime]",
    /,
    file: Path,
    *,
    allow_moved: bool,
    close_missing: bool,
    empty_erases: bool,
    encoding: str | None,
    sheet: str | None,
    report: Path | None,
    missing: Path | None,
    **answers: bool | int | None,
) -> None:
    """Import FILE (CSV or XLSX); the same file again changes nothing.

    Needed columns: Kundnummer, Organisationsnummer, Företag. Known too: Ort, E-post, Telefon, Aktiv. Other headers
    that they may have are listed below. A cell may hold several customer numbers, separated by semicolon, comma,
    slash or bar. All lines of an organisation count together; a column that is not there, and an empty cell, change
    nothing. A cell that cannot be read is left out, and said; only the two numbers can refuse a line.

    Exit code 0: all lines are in; 1: some lines were left out; 2: nothing was imported.
    """
    from idp.core.customer_register.plan import ImportOptions

    options = ImportOptions(allow_moved=allow_moved, close_missing=close_missing, empty_erases=empty_erases)
    with database.opened():
        register = customer_register.open_file(file, clock().date(), encoding=encoding, sheet=sheet)
        importing = CustomerImport(customer_register, database, clock, file, register, options)
        plan = importing.plan()
        importing.show(plan)
        importing.write_lists(plan, report, missing)
        if not importing.carry_out(plan, Answers(**answers)):  # type: ignore[arg-type]
            click.echo("Nothing was imported.", err=True)
            raise click.exceptions.Exit(MISCONFIGURED)
    raise click.exceptions.Exit(INCOMPLETE if plan.refused else 0)
