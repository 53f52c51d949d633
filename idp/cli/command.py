"""The `idp` command: which commands there are, and which settings file they use."""

from importlib import import_module
from pathlib import Path

import click

from idp.cli.problems import Problem, explained

COMMANDS = {
    "serve": "idp.cli.serve",
    "jobs": "idp.cli.jobs",
    "db": "idp.cli.db",
    "keys": "idp.cli.keys",
    "secrets": "idp.cli.secrets",
    "clients": "idp.cli.clients",
    "customers": "idp.cli.customers",
    "people": "idp.cli.people",
    "linking": "idp.cli.linking",
    "consents": "idp.cli.consents",
    "audit": "idp.cli.audit",
    "evidence": "idp.cli.evidence",
    "explain": "idp.cli.explain",
    "doctor": "idp.cli.doctor.command",
    "settings": "idp.cli.settings_file",
}
"""Name of each command and the module whose `command` it is, in the order of the help."""


class _Commands(click.Group):
    """Imports a command when it is asked for, and turns an operator's mistakes into lines."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> object:
        with explained():
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="IDP_CONFIG",
    help="The settings file (TOML); also from the environment as IDP_CONFIG.",
)
@click.pass_context
def idp(context: click.Context, config: Path | None) -> None:
    """Identity provider with Swedish BankID."""
    context.obj = config


def config_path() -> Path:
    """The settings file that was named. Raises Problem."""
    found = click.get_current_context().find_root().obj
    if not isinstance(found, Path):
        raise Problem("Which settings? Say --config FILE, or set IDP_CONFIG.")
    return found
