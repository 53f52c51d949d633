"""Clients: that there are none is worth a word, and so is a file that cannot be used."""

import pytest

from idp.adapters.sector_documents import FetchedSectorDocuments
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


def test_a_sector_that_does_not_list_its_client_is_told_of(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FetchedSectorDocuments, "fetch", lambda _self, _uri: b"[]")
    file = """
    client_name = "Partner"
    security_profile = "third_party"
    redirect_uris = ["https://a.example/cb", "https://b.example/cb"]
    sector_identifier_uri = "https://a.example/sector.json"
    token_endpoint_auth_method = "none"
    """
    (installed.directory / "clients" / "partner.toml").write_text(file, encoding="utf-8")
    found = findings(installed)["client partner"]
    assert found.grade is Grade.WARN
    assert "does not list https://a.example/cb, https://b.example/cb" in found.seen
