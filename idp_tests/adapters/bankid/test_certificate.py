"""Certificates for BankID are read, or the operator is told which file is wrong and why."""

import os
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from idp.adapters.bankid import certificate
from idp.adapters.bankid.certificate import (
    PUBLIC_TEST_FINGERPRINT,
    CertificateProblem,
    RelyingPartyCertificate,
    load_roots,
    load_server_roots,
)
from idp.adapters.secret_file import SecretFileProblem
from idp_tests.adapters.bankid.people import NOW, RP_SUBJECT, Issued, a_key, a_name, issue
from idp_tests.adapters.bankid.server import write_pem

PRODUCTION = "https://appapi2.bankid.com/rp/v6.0"
TEST = "https://appapi2.test.bankid.com/rp/v6.0"
ROOTS = Path(certificate.__file__).parent / "roots"


@pytest.fixture(scope="module")
def ours() -> Issued:
    return issue(RP_SUBJECT, a_key(), issue(a_name("RP CA"), a_key(), ca=True))


def write_pkcs12(path: Path, issued: Issued, encryption: KeySerializationEncryption) -> Path:
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"rp", issued.key, issued.certificate, None, encryption))
    return path


def problem_of(path: Path, *, key: Path | None = None, passphrase: Path | None = None) -> CertificateProblem:
    with pytest.raises(CertificateProblem) as problem:
        RelyingPartyCertificate.load(path, now=NOW, key_path=key, passphrase_path=passphrase)
    return problem.value


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase.txt"
    path.write_text("correct horse\n")
    return path


@pytest.fixture
def protected(tmp_path: Path, ours: Issued) -> Path:
    return write_pkcs12(tmp_path / "rp.p12", ours, BestAvailableEncryption(b"correct horse"))


def test_a_pkcs12_file_is_read(protected: Path, passphrase: Path, ours: Issued) -> None:
    loaded = RelyingPartyCertificate.load(protected, now=NOW, passphrase_path=passphrase)
    assert loaded.certificate == ours.certificate
    assert loaded.subject == RP_SUBJECT
    assert loaded.expires_at == NOW + timedelta(days=100)
    assert loaded.expires_at - NOW == timedelta(days=100)
    assert len(loaded.fingerprint) == 64


def test_a_pkcs12_file_may_have_no_passphrase(tmp_path: Path, ours: Issued) -> None:
    path = write_pkcs12(tmp_path / "rp.p12", ours, NoEncryption())
    assert RelyingPartyCertificate.load(path, now=NOW).certificate == ours.certificate


def test_a_pem_file_holds_both(tmp_path: Path, ours: Issued) -> None:
    path = write_pem(tmp_path / "rp.pem", ours)
    assert RelyingPartyCertificate.load(path, now=NOW).certificate == ours.certificate


def test_a_key_may_lie_in_a_file_of_its_own(tmp_path: Path, ours: Issued, passphrase: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(ours.certificate.public_bytes(Encoding.PEM))
    encryption = BestAvailableEncryption(b"correct horse")
    key.write_bytes(ours.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    loaded = RelyingPartyCertificate.load(certificate, now=NOW, key_path=key, passphrase_path=passphrase)
    assert loaded.certificate == ours.certificate


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    problem = problem_of(tmp_path / "absent.p12")
    assert problem.path == tmp_path / "absent.p12"
    assert "No such file" in problem.reason


def test_a_missing_passphrase_file_is_named(tmp_path: Path, protected: Path) -> None:
    with pytest.raises(SecretFileProblem) as problem:
        RelyingPartyCertificate.load(protected, now=NOW, passphrase_path=tmp_path / "absent.txt")
    assert problem.value.path == tmp_path / "absent.txt"


@pytest.mark.parametrize("content", [b"correct horse\r\n", b"\xef\xbb\xbfcorrect horse\r\n"])
def test_a_passphrase_is_the_same_from_every_editor(tmp_path: Path, protected: Path, content: bytes) -> None:
    (tmp_path / "saved.txt").write_bytes(content)
    RelyingPartyCertificate.load(protected, now=NOW, passphrase_path=tmp_path / "saved.txt")


def test_a_wrong_passphrase_is_said_and_never_shown(tmp_path: Path, protected: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("battery staple")
    problem = problem_of(protected, passphrase=wrong)
    assert "passphrase is wrong" in problem.reason
    assert "battery staple" not in str(problem)


def test_a_passphrase_that_was_forgotten_is_said(protected: Path) -> None:
    assert "passphrase is wrong" in problem_of(protected).reason


def test_what_is_no_certificate_is_said(tmp_path: Path) -> None:
    path = tmp_path / "rp.p12"
    path.write_bytes(b"nothing")
    assert "no PKCS#12" in problem_of(path).reason


def test_a_broken_pem_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "rp.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert "no readable certificate" in problem_of(path).reason


def test_a_pem_file_without_a_key_is_said(tmp_path: Path, ours: Issued) -> None:
    path = tmp_path / "rp.pem"
    path.write_bytes(ours.certificate.public_bytes(Encoding.PEM))
    assert "no readable private key" in problem_of(path).reason


def test_a_bundle_without_a_key_is_said(tmp_path: Path, ours: Issued) -> None:
    path = tmp_path / "rp.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"rp", None, ours.certificate, None, NoEncryption()))
    assert "RSA or EC key is needed" in problem_of(path).reason


def test_a_key_of_another_kind_is_said(tmp_path: Path, ours: Issued) -> None:
    path = write_pem(tmp_path / "rp.pem", ours)
    key = tmp_path / "key.pem"
    other = ed25519.Ed25519PrivateKey.generate()
    key.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert "RSA or EC key is needed" in problem_of(path, key=key).reason


def test_a_key_of_another_certificate_is_said(tmp_path: Path, ours: Issued) -> None:
    path = write_pem(tmp_path / "rp.pem", Issued(ours.certificate, a_key()))
    assert problem_of(path).reason == "the key does not belong to the certificate"


def test_an_expired_certificate_is_read_for_the_rest_of_the_provider_works_without_it(tmp_path: Path) -> None:
    expired = issue(RP_SUBJECT, a_key(), valid_to=NOW - timedelta(seconds=1))
    loaded = RelyingPartyCertificate.load(write_pem(tmp_path / "rp.pem", expired), now=NOW)
    assert loaded.expires_at - NOW == -timedelta(seconds=1)


def test_a_certificate_for_later_is_said_with_its_date(tmp_path: Path) -> None:
    early = issue(RP_SUBJECT, a_key(), valid_from=NOW + timedelta(hours=1))
    assert "not valid before 2026-03-01 13:00" in problem_of(write_pem(tmp_path / "rp.pem", early)).reason


def test_a_key_is_never_shown(tmp_path: Path, ours: Issued) -> None:
    assert "Key" not in repr(RelyingPartyCertificate.load(write_pem(tmp_path / "rp.pem", ours), now=NOW))


def test_the_public_test_certificate_is_recognised(
    tmp_path: Path, ours: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = RelyingPartyCertificate.load(write_pem(tmp_path / "rp.pem", ours), now=NOW)
    assert not loaded.is_public_test_certificate
    assert len(PUBLIC_TEST_FINGERPRINT) == len(loaded.fingerprint)
    monkeypatch.setattr(certificate, "PUBLIC_TEST_FINGERPRINT", loaded.fingerprint)
    assert loaded.is_public_test_certificate


def test_tls_takes_the_certificate_and_no_file_stays_behind(
    tmp_path: Path, ours: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = RelyingPartyCertificate.load(write_pem(tmp_path / "rp.pem", ours), now=NOW)
    loaded.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    loaded.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert [path.name for path in tmp_path.iterdir()] == ["rp.pem"]


def test_a_certificate_that_tls_does_not_accept_is_said(tmp_path: Path) -> None:
    weak = issue(RP_SUBJECT, a_key(1024))
    loaded = RelyingPartyCertificate.load(write_pem(tmp_path / "rp.pem", weak), now=NOW)
    with pytest.raises(CertificateProblem, match="TLS does not accept it"):
        loaded.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@pytest.mark.parametrize(
    ("address", "name"), [(PRODUCTION, "BankID SSL Root CA v1"), (TEST, "Test BankID SSL Root CA v1 Test")]
)
def test_bankids_own_root_comes_with_the_product(address: str, name: str) -> None:
    (root,) = load_server_roots(address, None)
    assert f"CN={name}" in root.subject.rfc4514_string()


@pytest.mark.parametrize(
    ("file", "fingerprint"),
    [
        ("production.pem", "E6A2D45C0A1051C959428649F86A09A9B2152CD551993CC2EB4CF094BDACBECB"),
        ("test.pem", "F3D0740EBFB3700E3B81AA791FEE451472698C84E199C2EB48A443FF1D5B405C"),
    ],
)
def test_the_roots_are_the_published_ones(file: str, fingerprint: str) -> None:
    (root,) = load_roots(ROOTS / file)
    assert root.fingerprint(hashes.SHA256()).hex().upper() == fingerprint


@pytest.mark.parametrize(("address", "file"), [(PRODUCTION, "test.pem"), (TEST, "production.pem")])
def test_the_root_of_the_other_environment_is_refused(address: str, file: str) -> None:
    with pytest.raises(CertificateProblem, match="other environment"):
        load_server_roots(address, ROOTS / file)


def test_another_address_needs_a_root_of_its_own(tmp_path: Path, ours: Issued) -> None:
    with pytest.raises(CertificateProblem, match="localhost is not BankID's address"):
        load_server_roots("https://localhost:8004/rp/v6.0", None)
    path = write_pem(tmp_path / "ca.pem", ours)
    assert load_server_roots("https://localhost:8004/rp/v6.0", path) == (ours.certificate,)


def test_a_root_may_be_replaced_by_configuration(tmp_path: Path, ours: Issued) -> None:
    path = write_pem(tmp_path / "ca.pem", ours)
    assert load_server_roots(PRODUCTION, path) == (ours.certificate,)
