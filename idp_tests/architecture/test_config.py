"""The production settings file in the repository: complete, fresh, and accepted once it is filled in."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from idp.adapters.client_files import load_client
from idp.cli.settings_file import CHOSEN, template
from idp.settings import Settings
from idp.settings_file import load_settings

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "config" / "idp.toml"


def keys_of(model: type[BaseModel], path: str = "") -> set[str]:
    found = set()
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            found |= keys_of(info.annotation, f"{path}{name}.")
        else:
            found.add(f"{path}{name}")
    return found


def flat(table: dict[str, Any], path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        found |= flat(value, f"{path}{name}.") if isinstance(value, dict) and value else {f"{path}{name}": value}
    return found


def with_every_key() -> dict[str, Any]:
    return flat(tomllib.loads(re.sub(r"(?m)^# (?=[a-z_]+ = )", "", FILE.read_text(encoding="utf-8"))))


def test_the_settings_file_is_the_one_that_the_settings_make() -> None:
    assert FILE.read_text(encoding="utf-8") == template(), "run: idp settings > config/idp.toml"


def test_the_settings_file_is_accepted_in_production() -> None:
    assert load_settings(FILE).is_sandbox is False


def test_the_settings_file_has_every_key() -> None:
    assert with_every_key().keys() == keys_of(Settings)


def test_every_key_and_table_has_its_meaning_above_it() -> None:
    text = FILE.read_text(encoding="utf-8")
    for head in re.finditer(r"(?m)^(.*)\n(?:# )?(?:[a-z_]+ = |\[)", text):
        assert head[1].startswith("# "), head[0]


def test_the_defaults_shown_are_the_defaults(tmp_path: Path) -> None:
    shown = tmp_path / "idp.toml"
    lines = re.sub(r'(?m)^# (?=[a-z_]+ = )(?!.*"…"$)', "", FILE.read_text(encoding="utf-8"))
    shown.write_text(lines, encoding="utf-8")
    original = tmp_path / "plain.toml"
    original.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_settings(shown) == load_settings(original)


@pytest.mark.parametrize("key", sorted(CHOSEN))
def test_every_example_is_of_a_key_that_exists(key: str) -> None:
    assert key in keys_of(Settings)


@pytest.mark.parametrize("name", ["mittprezero"])
def test_a_client_file_of_the_repository_is_accepted_in_production(name: str) -> None:
    client = load_client(ROOT / "config" / "clients" / f"{name}.toml", issuer="https://id.example.se", sandbox=False)
    assert client.client_id == name


def test_the_guide_names_commands_that_exist() -> None:
    from idp.cli.command import COMMANDS

    guide = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bidp ([a-z]+)", guide))
    assert named
    assert named <= COMMANDS.keys()
