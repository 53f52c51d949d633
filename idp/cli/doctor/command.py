"""The command: findings as lines or JSON, and an exit code when something must be mended."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from idp.cli.problems import MISCONFIGURED
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from idp.assembly.provider import Provider
    from idp.cli.doctor.finding import Finding


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of lines.")
@given(lambda provider: provider)
def command(provider: "Provider", *, as_json: bool) -> None:
    """Examine settings, keys, certificates, database, BankID, clients and texts.

    Exit code 0, or 2 when anything is FAIL.
    """
    from idp.cli.doctor.checks import examine
    from idp.cli.doctor.finding import Grade

    found = list(examine(provider))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))
    else:
        for finding in found:
            click.echo(_line(finding))
    if any(finding.grade is Grade.FAIL for finding in found):
        raise click.exceptions.Exit(MISCONFIGURED)


def _line(finding: "Finding") -> str:
    remedy = f"  → {finding.remedy}" if finding.remedy else ""
    return f"{finding.grade:4}  {finding.what}: {finding.seen}{remedy}"
