"""The secrets beside the database that was filled with them."""

import threading
from pathlib import Path

import pytest

from idp.adapters.keys.changes import KeyDirectory
from idp.adapters.keys.directory import read_secrets, write_secrets
from idp.assembly.jobs import make_sweeper
from idp.assembly.provider import assemble
from idp.assembly.secrets import SecretsProblem
from idp.core.oidc.keys.canary import SECRET_NAMES
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp.settings_file import load_settings
from idp_tests.provider import START, Provider


def other_secrets(directory: Path) -> None:
    """What `idp keys init` makes beside a restored database."""
    for path in (directory / "keys" / "secrets").iterdir():
        path.unlink()
    KeyDirectory(directory / "keys").init(START)


def test_secrets_are_noted_when_they_are_first_used_and_others_are_refused_by_file(provider: Provider) -> None:
    provider.parts.own_secrets.require()
    assert [(each.name, each.version) for each in provider.parts.own_secrets.noted()] == [
        (name, 1) for name in sorted(SECRET_NAMES)
    ]
    other_secrets(provider.directory)
    restarted = assemble(load_settings(provider.directory / "idp.toml"))
    with pytest.raises(SecretsProblem) as refused:
        restarted.own_secrets.require()
    restarted.close()
    assert [line.partition(": ")[0].rpartition("/")[2] for line in refused.value.lines] == [
        f"{name}.json" for name in sorted(SECRET_NAMES)
    ]


def test_a_version_that_comes_while_the_jobs_run_is_noted_by_them(provider: Provider) -> None:
    make_sweeper(provider.parts).note_secrets(threading.Event())
    path = provider.parts.own_secrets.path("fields")
    write_secrets(path, [SecretKey(version=2, value=bytes(32)), *read_secrets(path)])
    restarted = assemble(load_settings(provider.directory / "idp.toml"))
    make_sweeper(restarted).note_secrets(threading.Event())
    restarted.close()
    assert [each.version for each in provider.parts.own_secrets.noted() if each.name == "fields"] == [1, 2]


def test_a_database_that_is_not_made_yet_has_no_canaries_and_is_not_made_by_asking(
    provider: Provider, tmp_path: Path
) -> None:
    settings = load_settings(provider.directory / "idp.toml")
    nowhere = settings.database.model_copy(update={"url": f"sqlite:///{tmp_path / 'none.db'}"})
    fresh = assemble(settings.model_copy(update={"database": nowhere}))
    assert fresh.own_secrets.noted() == ()
    fresh.close()
    assert not (tmp_path / "none.db").exists()
