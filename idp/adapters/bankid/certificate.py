"""The certificates of the connection to BankID: ours, which is the only proof of who we are, and BankID's root, the only one trusted."""

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)

from idp.adapters.secret_file import read_secret
from idp.misconfiguration import Misconfiguration

PUBLIC_TEST_FINGERPRINT = "EF15B3E1837BD4ADE7E4BFA1D0A07E9BE936E0389C10806077D0EB51271AD5F5"
"""SHA-256 of the certificate that BankID publishes, with its key, for its test environment."""
_ROOTS = {"appapi2.bankid.com": "production.pem", "appapi2.test.bankid.com": "test.pem"}

_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class CertificateProblem(Misconfiguration):
    """A configured certificate, key or root cannot be used; `path` is the file and `reason` what an operator does about it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingPartyCertificate:
    """Our BankID certificate with its key and the certificates that came with it; the key is never shown."""

    path: Path
    certificate: x509.Certificate
    key: _Key = field(repr=False)
    more: tuple[x509.Certificate, ...] = field(default=(), repr=False)

    @classmethod
    def load(
        cls, path: Path, *, now: datetime, key_path: Path | None = None, passphrase_path: Path | None = None
    ) -> Self:
        """Read PKCS#12, or PEM with the key inside or beside.

        Raises SecretFileProblem, and CertificateProblem, also for a certificate that is not valid yet.

        One that has expired is read: BankID refuses it, and everything that needs no BankID goes on after a restart.
        """
        data = _read(path)
        passphrase = read_secret(passphrase_path).encode() if passphrase_path else None
        if b"-----BEGIN" in data:
            certificates, key = _read_pem(path, data, key_path, passphrase)
        else:
            certificates, key = _read_pkcs12(path, data, passphrase)
        loaded = cls(path=path, certificate=certificates[0], key=key, more=certificates[1:])
        loaded._require_usable(now)
        return loaded

    def _require_usable(self, now: datetime) -> None:
        if _public_bytes(self.key.public_key()) != _public_bytes(self.certificate.public_key()):
            raise CertificateProblem(self.path, "the key does not belong to the certificate")
        if now < self.certificate.not_valid_before_utc:
            begins = self.certificate.not_valid_before_utc
            raise CertificateProblem(self.path, f"the certificate is not valid before {begins:%Y-%m-%d %H:%M} UTC")

    @property
    def expires_at(self) -> datetime:
        """When BankID stops accepting it."""
        return self.certificate.not_valid_after_utc

    @property
    def fingerprint(self) -> str:
        """SHA-256 in upper-case hexadecimal; an order can be collected only with the certificate that started it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex().upper()

    @property
    def subject(self) -> x509.Name:
        """The organisation, as people see it in the app and as it stands in their signatures."""
        return self.certificate.subject

    @property
    def is_public_test_certificate(self) -> bool:
        """Whether everybody has its key; production must refuse it."""
        return self.fingerprint == PUBLIC_TEST_FINGERPRINT

    def load_into(self, context: ssl.SSLContext) -> None:
        """Give certificate and key to a TLS context, which reads files only; they never touch a disk unencrypted."""
        passphrase = os.urandom(32).hex()
        encryption = BestAvailableEncryption(passphrase.encode())
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        pem += b"".join(certificate.public_bytes(Encoding.PEM) for certificate in (self.certificate, *self.more))
        try:
            with _as_file(pem) as name:
                context.load_cert_chain(name, password=passphrase)
        except ssl.SSLError as problem:
            raise CertificateProblem(self.path, f"TLS does not accept it: {problem.reason}") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise CertificateProblem(path, f"cannot be read: {problem.strerror}") from None


def _read_pkcs12(path: Path, data: bytes, passphrase: bytes | None) -> tuple[tuple[x509.Certificate, ...], _Key]:
    try:
        bundle = pkcs12.load_pkcs12(data, passphrase)
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateProblem(path, "the passphrase is wrong, or it is no PKCS#12 file") from None
    if bundle.cert is None or not isinstance(bundle.key, _Key):
        raise CertificateProblem(path, "a certificate with its RSA or EC key is needed")
    others = (extra.certificate for extra in bundle.additional_certs)
    return (bundle.cert.certificate, *others), bundle.key


def _read_pem(
    path: Path, data: bytes, key_path: Path | None, passphrase: bytes | None
) -> tuple[tuple[x509.Certificate, ...], _Key]:
    certificates = _certificates(path, data)
    key_file = key_path or path
    key_data = _read(key_path) if key_path else data
    try:
        key = load_pem_private_key(key_data, passphrase if b"ENCRYPTED" in key_data else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateProblem(key_file, "holds no readable private key, or the passphrase is wrong") from None
    if not isinstance(key, _Key):
        raise CertificateProblem(key_file, "a certificate with its RSA or EC key is needed")
    return certificates, key


def _certificates(path: Path, data: bytes) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(data))
    except ValueError:
        raise CertificateProblem(path, "holds no readable certificate") from None


def _public_bytes(key: object) -> bytes | None:
    """None for a kind of key that a certificate of ours never has, so that it equals no other."""
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return None


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """Lend the data a file name: in memory where the system can, otherwise in a file only we may read, gone afterwards."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
        with os.fdopen(descriptor, "wb") as memory:
            memory.write(data)
            memory.flush()
            yield f"/proc/self/fd/{descriptor}"
    else:
        with tempfile.NamedTemporaryFile("wb", prefix="certificate-") as file:
            file.write(data)
            file.flush()
            yield file.name


def load_roots(*paths: Path) -> tuple[x509.Certificate, ...]:
    """Read PEM files with one or more certificates each; raises CertificateProblem."""
    return tuple(certificate for path in paths for certificate in _certificates(path, _read(path)))


def load_server_roots(api_url: str, server_ca: Path | None) -> tuple[x509.Certificate, ...]:
    """The roots that BankID's server is checked against: the configured ones, else BankID's own for that address.

    Raises CertificateProblem when there are none, or when BankID's own address is given the other environment's root.
    """
    host = urlsplit(api_url).hostname or ""
    own = _ROOTS.get(host)
    if server_ca is not None:
        _refuse_mix_up(server_ca, own)
        return load_roots(server_ca)
    if own is None:
        raise CertificateProblem(Path("server_ca"), f"{host} is not BankID's address, so its root must be named")
    return _bundled(own)


def _refuse_mix_up(server_ca: Path, own: str | None) -> None:
    foreign = {root for name in _ROOTS.values() if name != own for root in _bundled(name)}
    if own is not None and foreign & set(load_roots(server_ca)):
        raise CertificateProblem(server_ca, "is the root of BankID's other environment")


def _bundled(name: str) -> tuple[x509.Certificate, ...]:
    return load_roots(Path(str(files("idp.adapters.bankid") / "roots" / name)))
