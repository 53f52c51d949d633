"""`idp keys`: made once, rotated in words, and never taken away from those who need them."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.canary import SECRET_NAMES
from idp.core.oidc.keys.keyring import RETIRED_FOR
from idp_tests.cases import each
from idp_tests.cli.installation import Installation, fill


def kids(installed: Installation, state: str, alg: str = "ES256") -> list[str]:
    return re.findall(rf"(?m)^{alg} +{state} +(\S+)", installed.done("keys", "list"))


def test_init_makes_everything_once(fresh: Installation) -> None:
    assert len(fresh.done("keys", "init").splitlines()) == len(SIGNING_ALGS) + len(SECRET_NAMES)
    assert "nothing is missing" in fresh.done("keys", "init")


def test_without_keys_the_remedy_is_named(fresh: Installation) -> None:
    result = fresh.run("keys", "list")
    assert result.exit_code == 2
    assert "restore the keys from their backup; a provider that never had any runs `idp keys init`" in result.stderr


def test_a_new_key_is_published_before_it_signs(installed: Installation) -> None:
    assert "it signs ES256 from" in installed.done("keys", "new", "es256")
    assert len(kids(installed, "next")) == 1
    assert len(kids(installed, "active")) == 1


def test_a_promoted_key_signs_and_its_predecessor_is_retired(installed: Installation) -> None:
    before = kids(installed, "active")
    installed.done("keys", "new", "ES256")
    (following,) = kids(installed, "next")
    installed.done("keys", "promote", following[:10])
    assert kids(installed, "active") == [following]
    assert kids(installed, "retired") == before


def test_the_only_key_of_an_algorithm_cannot_be_retired(installed: Installation) -> None:
    (only,) = kids(installed, "active")
    result = installed.run("keys", "retire", only)
    assert result.exit_code == 2
    assert "is the only key that signs ES256" in result.stderr


@each("kid", ["-x9", "-h9"])
def test_an_id_that_begins_with_a_hyphen_is_no_option(installed: Installation, kid: str) -> None:
    result = installed.run("keys", "promote", kid)
    assert result.exit_code == 2
    assert f"{kid}: no such key" in result.stderr


def test_an_unknown_algorithm_is_refused_with_the_known_ones(installed: Installation) -> None:
    result = installed.run("keys", "new", "HS256")
    assert result.exit_code == 2
    assert "known: RS256, ES256, PS256, EdDSA" in result.stderr


def end_long_ago(installed: Installation, kid: str) -> None:
    """Change a key file as if the key had retired before the time that retired keys are kept."""
    path = installed.directory / "keys" / "signing" / f"{kid}.json"
    at = datetime.now(UTC) - RETIRED_FOR - timedelta(minutes=1)
    path.write_text(json.dumps({**json.loads(path.read_text()), "retires_at": at.isoformat()}))


@pytest.mark.parametrize("command", ["new", "promote", "retire"])
def test_a_key_that_is_retired_for_long_goes_with_the_next_change(installed: Installation, command: str) -> None:
    (gone,) = kids(installed, "active")
    installed.done("keys", "new", "ES256", "--next-for", "0")
    end_long_ago(installed, gone)
    (present,) = kids(installed, "active")
    folder = installed.directory / "keys" / "signing"
    if command == "new":
        shown = installed.done("keys", "new", "RS256")
    else:
        path = folder / f"{gone}.json"
        kept = path.read_text()
        installed.done("keys", "new", "ES256")
        path.write_text(kept)
        path.chmod(0o600)
        (following,) = kids(installed, "next")
        shown = installed.done("keys", command, following)
    assert f"removed {gone}" in shown
    assert not (folder / f"{gone}.json").exists()
    assert (folder / f"{present}.json").exists()


def test_a_key_is_published_for_no_negative_time(installed: Installation) -> None:
    result = installed.run("keys", "new", "ES256", "--next-for", "-1")
    assert result.exit_code == 2
    assert "--next-for" in result.stderr


@pytest.mark.parametrize("name", ["pepper", "fields", "tokens", "audit", "identity"])
def test_a_secret_that_a_filled_database_needs_is_not_made_again(installed: Installation, name: str) -> None:
    fill(installed)
    path = installed.directory / "keys" / "secrets" / f"{name}.json"
    path.unlink()
    result = installed.run("keys", "init")
    assert result.exit_code == 2
    assert f"{path}: is missing, and the database was filled with it; restore it" in result.stderr
    assert not path.exists()


def test_a_token_secret_that_is_lost_for_good_is_replaced_when_asked(installed: Installation) -> None:
    fill(installed)
    (installed.directory / "keys" / "secrets" / "tokens.json").unlink()
    assert "tokens.json" in installed.done("keys", "init", "--replace-tokens")
    fill(installed)


def test_commands_say_that_secrets_are_of_another_database(installed: Installation) -> None:
    fill(installed)
    database = installed.directory / "idp.db"
    (installed.directory / "keys" / "secrets" / "pepper.json").unlink()
    database.rename(database.with_suffix(".away"))
    installed.done("keys", "init")
    database.with_suffix(".away").rename(database)
    for words in (["audit", "verify"], ["serve"], ["jobs"]):
        result = installed.run(*words)
        assert result.exit_code == 2
        assert "pepper.json: version 1 is not the one with which the database was filled" in result.stderr


def test_a_lost_secret_is_not_made_while_the_database_does_not_answer(installed: Installation) -> None:
    (installed.directory / "keys" / "secrets" / "pepper.json").unlink()
    installed.change("sqlite:///idp.db", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    result = installed.run("keys", "init")
    assert result.exit_code == 2
    assert "pepper: missing, and the database does not answer" in result.stderr
