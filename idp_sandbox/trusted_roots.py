"""Trusted roots: whose certificates the provider believes when it calls relying parties, in one bundle file."""

import ssl
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from requests.utils import DEFAULT_CA_BUNDLE_PATH

FILE_NAME = "relying-party-roots.pem"


class NotCertificatesError(Exception):
    """A file that holds no certificate which can be read; the text says which file and why."""


def read_certificates(path: Path) -> str:
    """Read every certificate of a PEM file, and nothing else that is in it, such as a private key.

    Raises NotCertificatesError.
    """
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as problem:
        raise NotCertificatesError(f"{path} cannot be read: {problem.strerror}") from None
    except ValueError:
        raise NotCertificatesError(f"{path} holds no certificate in PEM form") from None
    return "".join(certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in found)


def write_bundle(directory: Path, certificates: Iterable[str]) -> Path:
    """Write these certificates and the system's usual roots into one file and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / FILE_NAME
    target.write_text("\n".join([*certificates, *map(_text, _usual_roots())]), encoding="utf-8")
    return target


def _usual_roots() -> list[Path]:
    """What `requests` trusts by itself, and what this system's TLS library does: often, but not always, the same."""
    candidates = (DEFAULT_CA_BUNDLE_PATH, ssl.get_default_verify_paths().cafile)
    return list(dict.fromkeys(path.resolve() for path in map(Path, filter(None, candidates)) if path.is_file()))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
