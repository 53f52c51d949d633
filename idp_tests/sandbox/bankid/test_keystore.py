import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.verification import PolicyBuilder, Store

from idp_sandbox.bankid import keystore
from idp_sandbox.bankid.keystore import KeyStore
from idp_sandbox.bankid.personas import DEFAULT, PERSONAS


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_everything_a_relying_party_needs_is_there(key_directory: Path, keys: KeyStore) -> None:
    for name in ("server-ca.pem", "rp.p12", "rp-passphrase.txt", "rp-cert.pem", "rp-key.pem", "people-root.pem"):
        assert (key_directory / name).stat().st_size > 0


def test_keys_are_for_their_owner_only(key_directory: Path, keys: KeyStore) -> None:
    for each in key_directory.rglob("*.*"):
        assert stat.S_IMODE(each.stat().st_mode) & 0o077 == 0, each


def test_the_p12_opens_with_its_passphrase(key_directory: Path, keys: KeyStore) -> None:
    passphrase = (key_directory / "rp-passphrase.txt").read_text().strip().encode()
    key, own, others = pkcs12.load_key_and_certificates((key_directory / "rp.p12").read_bytes(), passphrase)
    assert key is not None
    assert own == certificate(key_directory / "rp-cert.pem")
    assert [each.subject for each in others] == [own.issuer]


def test_the_server_certificate_verifies_strictly(key_directory: Path, keys: KeyStore) -> None:
    store = Store([certificate(key_directory / "server-ca.pem")])
    server = certificate(keys.server_files[0])
    verifier = PolicyBuilder().store(store).build_server_verifier(x509.DNSName("localhost"))
    assert verifier.verify(server, [])[0] == server


def test_a_later_start_keeps_everything(key_directory: Path, keys: KeyStore) -> None:
    def everything() -> dict[Path, bytes]:
        return {each: each.read_bytes() for each in key_directory.rglob("*.*")}

    keys.bankid(DEFAULT)
    before = everything()
    assert KeyStore(key_directory).bankid(DEFAULT).certificate == keys.bankid(DEFAULT).certificate
    assert everything() == before


def test_a_certificate_near_its_end_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = KeyStore(tmp_path)
    old_rp, old_root = certificate(tmp_path / "rp-cert.pem"), first.people.root.certificate
    monkeypatch.setattr(keystore, "_RENEWED_BEFORE_END", timedelta(days=900))
    second = KeyStore(tmp_path)
    new_rp = certificate(tmp_path / "rp-cert.pem")
    assert new_rp.fingerprint(hashes.SHA256()) != old_rp.fingerprint(hashes.SHA256())
    assert new_rp.issuer == old_rp.issuer
    assert second.people.root.certificate == old_root
    passphrase = (tmp_path / "rp-passphrase.txt").read_text().strip().encode()
    assert pkcs12.load_key_and_certificates((tmp_path / "rp.p12").read_bytes(), passphrase)[1] == new_rp


def test_a_bankid_is_valid_now_and_has_been_for_a_while(keys: KeyStore) -> None:
    for persona in PERSONAS[:3]:
        own = keys.bankid(persona).certificate
        assert own.not_valid_before_utc < datetime.now(UTC) - timedelta(days=100)
        assert own.not_valid_after_utc > datetime.now(UTC) + timedelta(days=100)


def test_the_name_people_see_can_be_chosen(tmp_path: Path) -> None:
    KeyStore(tmp_path, relying_party="Kommunen")
    names = {str(each.value) for each in certificate(tmp_path / "rp-cert.pem").subject}
    assert "Kommunen" in names


@pytest.mark.parametrize(("host", "extra"), [("bankid", {"bankid"}), ("192.0.2.4", {"192.0.2.4"}), ("0.0.0.0", set())])
def test_the_server_certificate_names_the_host(tmp_path: Path, host: str, extra: set[str]) -> None:
    KeyStore(tmp_path)
    server = certificate(KeyStore(tmp_path, host=host).server_files[0])
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(each.value) for each in names} == {"localhost", "127.0.0.1", "::1"} | extra
