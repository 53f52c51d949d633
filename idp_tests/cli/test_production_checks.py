"""What production refuses to start with, though every file in itself can be used."""

from pathlib import Path

import pytest

from idp.cli.production_checks import find_unproved, find_unsafe
from idp.settings import Settings
from idp_tests.cli.installation import write_certificate


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "rp.pem"
    write_certificate(path)
    return path


def production(certificate: Path, **members: object) -> Settings:
    plain = {
        "issuer": "https://id.example",
        "bankid": {"api_url": "https://appapi2.bankid.com/rp/v6.0", "client_certificate": certificate},
    }
    return Settings.model_validate(plain | members, context={"base": certificate.parent})


def test_private_files_are_safe(certificate: Path) -> None:
    assert list(find_unsafe(production(certificate))) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_read_or_change_is_unsafe(certificate: Path, mode: int) -> None:
    certificate.chmod(mode)
    (line,) = find_unsafe(production(certificate))
    assert line.startswith(f"bankid.client_certificate: {certificate} can be read or changed by others")


def test_every_file_with_a_secret_is_looked_at(certificate: Path) -> None:
    for name in ("db.txt", "mail.txt", "tls.pem"):
        (certificate.parent / name).write_text("secret", encoding="utf-8")
        (certificate.parent / name).chmod(0o644)
    settings = production(
        certificate,
        database={"url": "postgresql+psycopg://idp@db/idp", "password_file": "db.txt"},
        mail={"smtp_host": "smtp.example", "user": "u", "password_file": "mail.txt"},
        server={"tls_certificate": "cert.pem", "tls_key": "tls.pem"},
    )
    keys = [line.partition(":")[0] for line in find_unsafe(settings)]
    assert keys == ["database.password_file", "mail.password_file", "server.tls_key"]


def test_a_sandbox_may_be_careless(certificate: Path) -> None:
    certificate.chmod(0o644)
    assert list(find_unsafe(production(certificate, mode="sandbox"))) == []


def test_an_open_door_without_a_proxy_is_unsafe(certificate: Path) -> None:
    """Twelve bodies that never end would hold every thread."""
    (line,) = find_unsafe(production(certificate, server={"host": "0.0.0.0"}))
    assert line.startswith("server.host: 0.0.0.0 ")
    behind = {"host": "0.0.0.0", "trusted_proxies": ["10.0.0.0/24"]}
    assert list(find_unsafe(production(certificate, server=behind))) == []


ROOTS = {"people_roots": ["root.pem"]}


@pytest.mark.parametrize(
    ("members", "required", "unproved"),
    [
        ({}, False, ["bankid.people_roots"]),
        (ROOTS, True, []),
        (ROOTS | {"evidence": "require"}, True, []),
        (ROOTS | {"evidence": "record"}, False, ["bankid.evidence"]),
    ],
    ids=["no roots", "roots alone", "roots and the word", "roots and the other word"],
)
def test_where_roots_are_named_a_signature_is_required_and_what_is_not_proved_is_said(
    certificate: Path, members: dict[str, object], required: bool, unproved: list[str]
) -> None:
    settings = production(certificate)
    bankid = {"api_url": settings.bankid.api_url, "client_certificate": certificate, **members}
    settings = production(certificate, bankid=bankid)
    assert settings.bankid.evidence_required is required
    assert [line.partition(":")[0] for line in find_unproved(settings)] == unproved
