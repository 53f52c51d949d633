"""`idp clients`: list relying parties, explain a client file in words before it is used, and write a good one."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idp.cli import client_trial, dynamic_registration
from idp.cli.command import config_path
from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.cli.new_client import Answers
    from idp.core.oidc.clients.client import Client
    from idp.core.oidc.clients.sector_document import CheckSector
    from idp.settings import Settings


@click.group("clients")
def command() -> None:
    """Relying parties: the programs that people log in to."""


command.add_command(dynamic_registration.token)
command.add_command(dynamic_registration.remove)
command.add_command(client_trial.command)


@command.command("list")
@given(lambda provider: provider.settings, lambda provider: provider.client_files)
def list_all(settings: "Settings", clients: "Mapping[str, Client]") -> None:
    """Every client: id, profile, how it proves itself, and where its file lies."""
    width = max(map(len, clients), default=0)
    for client_id, client in sorted(clients.items()):
        methods = ",".join(sorted(client.token_endpoint_auth_methods))
        state = "  DISABLED" if client.disabled else ""
        click.echo(f"{client_id:{width}}  {client.security_profile:16}  {methods}  {_file(settings, client_id)}{state}")
    if not clients:
        click.echo("none; `idp clients new` writes the first")


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@given(lambda provider: provider.read_client_file, lambda provider: provider.check_sector)
def check(read_client_file: "Callable[[Path], Client]", check_sector: "CheckSector", file: Path) -> None:
    """Say in words what FILE would mean, before it is used; exit code 2 and every mistake when it cannot be."""
    from idp.core.oidc.clients.explanation import explain
    from idp.core.oidc.clients.weaknesses import weaknesses_of

    client = read_client_file(file)
    if problem := check_sector(client):
        raise Problem(f"{file}: sector_identifier_uri: {problem}")
    for sentence in explain(client):
        click.echo(sentence)
    for warning in weaknesses_of(client):
        click.echo(f"WARN {warning}")


@command.command()
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Else the last of `clients`, of those beside the settings.",
)
@given(lambda provider: provider.settings)
def new(settings: "Settings", directory: Path | None) -> None:
    """Write a client file by asking what the client has; a secret is shown once and only its hash is kept."""
    from idp.cli import new_client

    answers = new_client.ask()
    path = (directory or _home(settings)) / f"{answers.client_id}.toml"
    if path.exists():
        raise Problem(f"{path} is there already")
    _write(path, answers, settings)
    at_once = "; under `./dev up` at once" if settings.is_sandbox else ""
    click.echo(f"Wrote {path}. It counts after SIGHUP to `idp serve`, or a restart{at_once}.")
    if answers.secret is not None:
        click.echo("The client's secret, shown this once; hand it over by a safe way:")
        click.echo(answers.secret)


def _home(settings: "Settings") -> Path:
    """Where a person looks for it; the sandbox's last directory is the playground's, which is emptied at each start."""
    beside = [directory for directory in settings.clients if directory.parent == config_path().resolve().parent]
    return (beside or settings.clients)[-1]


def _write(path: Path, answers: "Answers", settings: "Settings") -> None:
    """Write a client that is a good one, and nothing over a file that is there. Raises Problem."""
    _require_good(path, answers, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted: dict[Path, str] = {}
    beside = path.with_name(answers.jwks_file)
    if answers.jwks is not None and not _holds(beside, answers.jwks):
        wanted[beside] = json.dumps(answers.jwks, indent=2) + "\n"
    wanted[path] = answers.text()  # last: a client file without its keys would stop the next start
    written: list[Path] = []
    try:
        for file, text in wanted.items():
            with file.open("x", encoding="utf-8") as opened:
                written.append(file)
                opened.write(text)
    except OSError as problem:
        for file in written:
            file.unlink(missing_ok=True)
        said = "is there already" if isinstance(problem, FileExistsError) else f"cannot be written: {problem.strerror}"
        raise Problem(f"{problem.filename} {said}") from None


def _require_good(path: Path, answers: "Answers", settings: "Settings") -> None:
    from idp.core.oidc.clients.metadata import MetadataProblems, read_client

    members = tomllib.loads(answers.text())
    if members.pop("jwks_file", None) is not None:
        members["jwks"] = answers.jwks
    try:
        read_client(answers.client_id, members, issuer=settings.issuer, sandbox=settings.is_sandbox)
    except MetadataProblems as found:
        raise Problem(*(f"{path}: {problem}" for problem in found.problems)) from None


def _holds(file: Path, jwks: Mapping[str, Any]) -> bool:
    """Whether the file has these very keys; it may be the one that the operator named."""
    from idp.cli.new_client import public_keys

    return file.exists() and public_keys(file) == jwks


def _file(settings: "Settings", client_id: str) -> Path:
    name = f"{client_id}.toml"
    return next(path for directory in reversed(settings.clients) if (path := directory / name).exists())
