"""Keys and secrets: a remedy that works, old ones told to go, none open to others."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from idp.cli.doctor.checks import examine
from idp.cli.doctor.finding import Finding, Grade
from idp_tests.cli.doctor.looking import NOW, assembled, findings
from idp_tests.cli.installation import Installation, fill


@pytest.mark.parametrize("state", ["absent", "retired", "next"])
def test_the_remedy_for_an_algorithm_without_a_signing_key_works(installed: Installation, state: str) -> None:
    def es256() -> Finding | None:
        found = examine(assembled(installed, datetime.now(UTC)))
        return next((one for one in found if one.seen == "none is active for ES256"), None)

    (path,) = (
        file
        for file in (installed.directory / "keys" / "signing").iterdir()
        if json.loads(file.read_text())["alg"] == "ES256"
    )
    member = {"retired": "retires_at", "next": "activates_at"}.get(state)
    at = datetime.now(UTC) + timedelta(hours=1 if state == "next" else -1)
    path.write_text(json.dumps({**json.loads(path.read_text()), **({member: at.isoformat()} if member else {})}))
    if state == "absent":
        path.unlink()
    finding = es256()
    assert finding is not None
    command = re.fullmatch(r"run `idp (.+)`", finding.remedy)
    assert command is not None
    installed.done(*command[1].split())
    assert es256() is None


def test_old_signing_keys_are_told_to_go(installed: Installation) -> None:
    found = findings(installed, NOW + timedelta(days=400))["signing keys"]
    assert found.grade is Grade.WARN
    assert found.remedy.startswith("run `idp keys new")


def test_keys_open_to_others_fail(installed: Installation) -> None:
    (installed.directory / "keys").chmod(0o755)
    assert findings(installed)["keys"].grade is Grade.FAIL


def test_secrets_that_fit_the_database_are_well(installed: Installation) -> None:
    fill(installed)
    assert findings(installed)["secrets"].grade is Grade.OK


def test_fresh_secrets_beside_a_restored_database_fail(installed: Installation) -> None:
    fill(installed)
    for path in (installed.directory / "keys" / "secrets").iterdir():
        path.rename(path.with_suffix(".old"))
    empty = installed.directory.parent / "elsewhere.db"
    (installed.directory / "idp.db").rename(empty)
    installed.done("keys", "init")
    empty.rename(installed.directory / "idp.db")
    found = findings(installed)["secrets"]
    assert found.grade is Grade.FAIL
    assert "is not the one with which the database was filled" in found.seen
    assert found.remedy == "restore the backup of the keys that belongs to this database"


@pytest.mark.parametrize("name", ["pepper", "fields", "tokens", "audit", "identity"])
def test_nobody_is_told_to_make_a_secret_that_the_database_was_filled_with(installed: Installation, name: str) -> None:
    fill(installed)
    (installed.directory / "keys" / "secrets" / f"{name}.json").unlink()
    result = installed.run("doctor")
    assert result.exit_code == 2
    assert f"{name}.json is missing, and the database was filled with it  → restore the backup" in result.stdout
    assert "keys init" not in result.stdout
