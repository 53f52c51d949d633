"""The keystore: the simulator's keys and certificates on disk, made at the first start and kept."""

import os
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from idp_sandbox.bankid.certificates import (
    Credential,
    PeopleAuthority,
    make_bankid,
    make_people_authority,
    make_relying_party,
    make_responder,
    make_server,
    make_tls_ca,
    server_names,
)
from idp_sandbox.bankid.personas import Persona

_RENEWED_BEFORE_END: Final = timedelta(days=30)


class KeyStore:
    """Everything secret and certified under one directory; leaf certificates near their end are replaced."""

    def __init__(self, directory: Path, *, host: str = "localhost", relying_party: str = "PreZero") -> None:
        self.directory = directory
        self._inner = directory / "ca"
        self._lock = threading.Lock()
        self._bankids: dict[str, Credential] = {}
        for each in (directory, self._inner, directory / "people"):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        server_ca = self._keep("server-ca", lambda: make_tls_ca("BankID-simulator SSL Root CA"))
        rp_ca = self._keep("rp-ca", lambda: make_tls_ca("BankID-simulator RP CA"))
        self._keep(
            "server", lambda: make_server(server_ca, host), suits=lambda kept: _names(kept) >= server_names(host)
        )
        self._publish("server-ca.pem", server_ca.certificate)
        self._relying_party("rp", rp_ca, relying_party, "5560000001")
        self._relying_party("other-rp", rp_ca, "Annat Bolag", "5560000019")
        self.people = self._people()
        self._publish("people-root.pem", self.people.root.certificate)

    @property
    def server_files(self) -> tuple[Path, Path]:
        """The API's server certificate and its key."""
        return self._inner / "server.pem", self._inner / "server-key.pem"

    @property
    def rp_ca_file(self) -> Path:
        """The root of RP certificates, which callers must present."""
        return self._inner / "rp-ca.pem"

    def bankid(self, persona: Persona) -> Credential:
        """The persona's key and certificate, made when first needed."""
        with self._lock:
            if persona.id not in self._bankids:
                self._bankids[persona.id] = self._keep(
                    persona.id,
                    lambda: make_bankid(self.people.customers, persona),
                    directory=self.directory / "people",
                    suits=lambda kept: _belongs(kept, persona, self.people),
                )
            return self._bankids[persona.id]

    def _people(self) -> PeopleAuthority:
        names = ("people-root", "people-bank", "people-customers")
        if not all((self._inner / f"{name}.pem").exists() for name in names):
            made = make_people_authority()
            for name, credential in zip(names, (made.root, made.bank, made.customers), strict=True):
                _write_credential(self._inner, name, credential)
            _write_credential(self._inner, "people-ocsp", made.responder)
        root, bank, customers = (_read_credential(self._inner, name) for name in names)
        responder = self._keep("people-ocsp", lambda: make_responder(customers))
        return PeopleAuthority(root, bank, customers, responder)

    def _relying_party(self, stem: str, issuer: Credential, name: str, organisation_number: str) -> None:
        directory = self.directory
        credential = self._keep(stem, lambda: make_relying_party(issuer, name, organisation_number))
        passphrase_file = directory / f"{stem}-passphrase.txt"
        if not passphrase_file.exists():
            _write(passphrase_file, (secrets.token_urlsafe(18) + "\n").encode())
        p12_file, certificate_file = directory / f"{stem}.p12", directory / f"{stem}-cert.pem"
        certificate = credential.certificate.public_bytes(Encoding.PEM)
        if p12_file.exists() and certificate_file.exists() and certificate_file.read_bytes() == certificate:
            return
        passphrase = passphrase_file.read_text().strip().encode()
        encryption = BestAvailableEncryption(passphrase)
        p12 = pkcs12.serialize_key_and_certificates(
            stem.encode(), credential.key, credential.certificate, [issuer.certificate], encryption
        )
        _write(p12_file, p12)
        _write(directory / f"{stem}-key.pem", _key_pem(credential.key))
        _write(certificate_file, certificate)

    def _publish(self, name: str, certificate: x509.Certificate) -> None:
        content = certificate.public_bytes(Encoding.PEM)
        target = self.directory / name
        if not target.exists() or target.read_bytes() != content:
            _write(target, content)

    def _keep(
        self,
        name: str,
        make: Callable[[], Credential],
        *,
        directory: Path | None = None,
        suits: Callable[[Credential], bool] = lambda _: True,
    ) -> Credential:
        where = directory or self._inner
        if (where / f"{name}.pem").exists() and (where / f"{name}-key.pem").exists():
            kept = _read_credential(where, name)
            if suits(kept) and kept.certificate.not_valid_after_utc - _RENEWED_BEFORE_END > datetime.now(UTC):
                return kept
        made = make()
        _write_credential(where, name, made)
        return made


def _names(kept: Credential) -> set[str]:
    names = kept.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def _belongs(kept: Credential, persona: Persona, people: PeopleAuthority) -> bool:
    numbers = [each.value for each in kept.certificate.subject if each.value == persona.person_number]
    return bool(numbers) and kept.certificate.issuer == people.customers.certificate.subject


def _key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_credential(directory: Path, name: str, credential: Credential) -> None:
    _write(directory / f"{name}-key.pem", _key_pem(credential.key))
    _write(directory / f"{name}.pem", credential.certificate.public_bytes(Encoding.PEM))


def _read_credential(directory: Path, name: str) -> Credential:
    key = load_pem_private_key((directory / f"{name}-key.pem").read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Credential(key, x509.load_pem_x509_certificate((directory / f"{name}.pem").read_bytes()))


def _write(target: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = target.with_name(target.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
    draft.replace(target)
