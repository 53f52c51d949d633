"""Clients: that there are none is worth a word, and so is a file that cannot be used."""

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation


def test_a_provider_without_clients_is_told_how_to_make_one(installed: Installation) -> None:
    found = findings(installed)["clients"]
    assert (found.grade, found.remedy) == (Grade.WARN, "run `idp clients new`")


def test_a_file_that_cannot_be_used_is_named(installed: Installation) -> None:
    (installed.directory / "clients" / "broken.toml").write_text("client_name = 1", encoding="utf-8")
    found = findings(installed)["clients"]
    assert found.grade is Grade.FAIL
    assert "broken.toml" in found.seen
