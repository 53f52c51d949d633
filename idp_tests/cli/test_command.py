"""The `idp` command as a whole: which commands there are, and what an operator's mistakes look like."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.cli.command import COMMANDS, idp
from idp_tests.cli.installation import Installation
from idp_tests.patience import PATIENCE

MISTAKES = {
    "unknown key": ('mode = "sandbox"', 'mode = "sandbox"\nisuer = "x"', ["isuer: unknown key; did you mean issuer?"]),
    "wrong number": ("[server]", "[server]\nport = 99999", ["server.port: "]),
    "issuer with a slash": ('"https://id.example"', '"https://id.example/"', ["issuer: must not end with a slash"]),
    "network": ("10.0.0.0/24", "10.0.0.0/99", ["server.trusted_proxies.0: must be a network"]),
    "database": ("sqlite:///idp.db", "mysql://x", ["database.url: must begin with"]),
    "two at once": (
        'mode = "sandbox"',
        'mode = "play"\ncolour = 1',
        ["mode: Input should be 'production' or 'sandbox'", "colour: unknown key"],
    ),
    "all that is unsafe in production": (
        'mode = "sandbox"',
        'mode = "production"',
        ["bankid.api_url: ", "bankid.test_environment: ", "mail.folder: "],
    ),
    "mail password": ("[mail]", '[mail]\nuser = "x"', ["mail.password_file: is missing; user is set"]),
    "not TOML": ('mode = "sandbox"', "mode = ", ["is not TOML"]),
}


def test_the_help_names_every_command() -> None:
    shown = CliRunner().invoke(idp, ["--help"]).stdout
    assert [name for name in COMMANDS if f"\n  {name} " in shown] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_that_says_what_it_does(name: str) -> None:
    result = CliRunner().invoke(idp, [name, "--help"])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[2].strip()


def test_without_settings_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDP_CONFIG", raising=False)
    result = CliRunner().invoke(idp, ["keys", "list"])
    assert (result.exit_code, result.stderr) == (2, "Which settings? Say --config FILE, or set IDP_CONFIG.\n")


def test_the_environment_may_name_the_settings(installed: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_CONFIG", str(installed.settings))
    assert CliRunner().invoke(idp, ["keys", "list"]).exit_code == 0


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_in_the_settings_is_a_line_with_file_and_key(fresh: Installation, mistake: str) -> None:
    old, new, expected = MISTAKES[mistake]
    fresh.change(old, new)
    result = fresh.run("keys", "init")
    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert all(line.startswith(f"{fresh.settings}: ") for line in lines)
    assert len(lines) == len(expected)
    for text in expected:
        assert any(text in line for line in lines), lines


def test_settings_that_are_not_there_are_named(tmp_path: Path) -> None:
    result = Installation(tmp_path).run("keys", "list")
    assert result.exit_code == 2
    assert result.stderr == f"{tmp_path / 'idp.toml'}: cannot be read: No such file or directory\n"


def test_a_file_that_a_key_names_is_reported_with_the_key(installed: Installation) -> None:
    installed.change("[database]", '[database]\npassword_file = "nowhere.txt"')
    result = installed.run("db", "status")
    missing = installed.directory / "nowhere.txt"
    assert result.exit_code == 2
    assert (
        result.stderr
        == f"{installed.settings}: database.password_file: {missing}: cannot be read: No such file or directory\n"
    )


def test_a_database_that_does_not_answer_is_one_line(installed: Installation) -> None:
    installed.change("sqlite:///idp.db", "postgresql+psycopg://idp@127.0.0.1:1/idp")
    result = installed.run("db", "status")
    assert result.exit_code == 2
    assert result.stderr.startswith("database: ")
    assert result.stderr.count("\n") == 1


def test_a_command_starts_without_what_only_others_need() -> None:
    heavy = "{'sqlalchemy', 'flask', 'requests', 'rich', 'authlib', 'babel', 'joserfc'}"
    program = f"import sys; from idp.cli.command import idp; print(sorted({heavy} & sys.modules.keys()))"
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout == "[]\n"


def test_no_command_leaves_its_memory_in_a_file() -> None:
    program = (
        "import resource, sys; sys.argv = ['idp', '--help']\n"
        "from idp.cli import main\n"
        "try: main()\n"
        "finally: print('core', resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.endswith("core (0, 0)\n")
