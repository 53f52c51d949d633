"""`idp evidence`: what was kept is shown masked, verified, and taken out so that it verifies without the installation."""

import stat
from pathlib import Path

import pytest

from idp_tests import evidence_verifier
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna, assembled
from idp_tests.evidence_exports import PAIR_AT, login_and_acts, published_parts


def fill(installed: Installation, person_id: str = "p1", parts: dict[str, str] | None = None) -> None:
    """A login by BankID's published pair and everything that was done after it."""
    with assembled(installed) as provider:
        login_and_acts(provider.archive.keep, person_id, PAIR_AT, parts or published_parts())


def events(installed: Installation, name: str) -> list[str]:
    with assembled(installed) as provider:
        found = provider.store.audit.of_person("p1", limit=100)
        return [f"{each.facts}" for each in found if each.name == name]


def test_evidence_of_a_login_is_shown_masked_with_all_that_rests_on_it(installed: Installation) -> None:
    fill(installed)
    said = installed.done("evidence", "show", "login-p1")
    kinds = [line.split("  ")[1] for line in said.splitlines() if line.endswith("holds")]
    assert (kinds[0], sorted(kinds[1:])) == ("login", ["consent", "link", "registration"])
    assert "for cn=FP Testcert" in said
    assert "1985…" in said
    assert "198501139995" not in said
    assert len(events(installed, "evidence.shown")) == 4


def test_unmasked_is_asked_for_and_noted(installed: Installation) -> None:
    fill(installed)
    assert "198501139995" in installed.done("evidence", "show", "login-p1", "--full")
    assert all("'unmasked': True" in facts for facts in events(installed, "evidence.shown"))


def test_one_act_is_found_by_its_reference(installed: Installation) -> None:
    fill(installed)
    link = next(line for line in installed.done("evidence", "show", "login-p1").splitlines() if "  link  " in line)
    said = installed.done("evidence", "show", link.split()[0])
    assert said.startswith(link)
    assert "number 10012345" in said


def test_an_unknown_reference_is_exit_code_two(installed: Installation) -> None:
    assert installed.run("evidence", "show", "nothing").exit_code == 2


def test_everything_kept_is_verified(installed: Installation) -> None:
    fill(installed)
    assert installed.done("evidence", "verify", "--all") == "5 bundles hold, 0 refused\n"


def test_what_was_never_proved_is_refused_by_name(installed: Installation) -> None:
    fill(installed)
    fill(installed, "p2", published_parts() | {"unproved": "no chain"})
    result = installed.run("evidence", "verify", "--all")
    assert result.exit_code == 2
    assert "DOES NOT HOLD: it was not proved when it was sealed: no chain" in result.stderr
    assert installed.run("evidence", "show", "login-p2").exit_code == 2


def test_an_export_verifies_without_settings_and_by_a_stranger(installed: Installation, tmp_path: Path) -> None:
    fill(installed)
    file = tmp_path / "evidence.txt"
    assert installed.done("evidence", "export", str(file)).startswith("5 bundles in ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [thumbprint] = installed.done("evidence", "keys").split()
    alone = Installation(tmp_path / "nowhere")
    said = alone.done("evidence", "verify", str(file))
    assert f"sealed by {thumbprint}: compare" in said
    assert "BankID's root (none was sealed with it): compare" in said
    assert alone.done("evidence", "verify", str(file), "--seal", thumbprint).endswith("5 bundles hold, 0 refused\n")
    assert evidence_verifier.verify(file.read_bytes(), {thumbprint}) == 5


def test_a_changed_export_is_exit_code_two(installed: Installation, tmp_path: Path) -> None:
    fill(installed)
    file = tmp_path / "evidence.txt"
    installed.done("evidence", "export", str(file))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:1] + lines[2:]))
    result = installed.run("evidence", "verify", str(file))
    assert result.exit_code == 2
    assert "last line  DOES NOT HOLD: lines are missing" in result.stderr


@pytest.mark.parametrize("pin", [("--seal", "another"), ("--root", "AB:CD")])
def test_what_the_auditor_knows_counts(installed: Installation, tmp_path: Path, pin: tuple[str, str]) -> None:
    fill(installed)
    file = tmp_path / "evidence.txt"
    installed.done("evidence", "export", str(file))
    assert installed.run("evidence", "verify", str(file), *pin).exit_code == 2


def test_an_export_is_of_whom_it_is_asked_about(installed: Installation, tmp_path: Path) -> None:
    fill(installed)
    fill(installed, "p2")
    add_anna(installed)
    of_person, of_company, of_late = (str(tmp_path / name) for name in ("person", "company", "late"))
    assert installed.done("evidence", "export", "--person", "p1", of_person).startswith("5 bundles")
    assert installed.done("evidence", "export", "--customer", "10012345", of_company).startswith("0 bundles")
    assert installed.done("evidence", "export", "--since", "2022-09-17", of_late).startswith("0 bundles")
    assert installed.run("evidence", "export", "--customer", "99999999", of_late).exit_code == 2


def test_no_other_file_is_written_over(installed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "evidence.txt"
    file.write_text("mine")
    assert installed.run("evidence", "export", str(file)).exit_code == 2
    assert file.read_text() == "mine"


def test_a_file_or_all_must_be_said(installed: Installation, tmp_path: Path) -> None:
    assert installed.run("evidence", "verify").exit_code == 2
    (tmp_path / "file").touch()
    assert installed.run("evidence", "verify", "--all", str(tmp_path / "file")).exit_code == 2
