"""`idp people export`: all that is stored about a person, as a page to read or as JSON for another program."""

import getpass
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli.case_id import case_option
from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.brand import Brand
    from idp.core.accounts.export_person import ExportPerson, Extract


@click.command()
@click.argument("person_id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@case_option("The case in which the person asked for it; for the audit log.")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.accounts.export_person,
    lambda provider: provider.settings.brand,
    lambda provider: provider.clock(),
)
def export(
    database: "OwnDatabase",
    export_person: "ExportPerson",
    brand: "Brand",
    now: "datetime",
    person_id: str,
    file: Path,
    case_id: str,
) -> None:
    """Write all that is stored about a person into FILE: a page in Swedish (.html), or JSON (.json).

    Verify first that it is the person who asks. The file is readable for you alone: hand it over safely, then remove it.
    """
    from idp.core.people.person import NoSuchPerson

    if file.suffix not in {".html", ".json"}:
        raise Problem(f"{file}: say .html for a page to read, or .json for a program")
    with database.unit_of_work():
        extract = export_person(person_id, now, operator=getpass.getuser(), case_id=case_id)
    if isinstance(extract, NoSuchPerson):
        raise Problem(f"{person_id}: no such person; `idp people find TEXT` shows ids")
    _write_private(file, _text(extract, file, brand))
    click.echo(f"{file}: {sum(len(rows) for rows in extract.tables.values())} records about {person_id}")


def _text(extract: "Extract", file: Path, brand: "Brand") -> str:
    from idp.cli.extract_page import extract_page

    if file.suffix == ".html":
        return extract_page(extract, organisation=brand.name, local=brand.local)
    told = {"person_id": extract.person_id, "made_at": extract.made_at.isoformat(), "tables": extract.tables}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _write_private(file: Path, text: str) -> None:
    """Never over a file that is there. Raises OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
