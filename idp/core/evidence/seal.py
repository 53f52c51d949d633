"""Seal: a signature of ours over a bundle, in one line of text that carries its own public key.

A JSON Web Signature in compact form (RFC 7515 7.1) with Ed25519 (RFC 8037, RFC 9864). It says that nothing was changed since;
whose key it is says its thumbprint, which an auditor was given on another way.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from idp.core.evidence.bundle import canonical_json, read_canonical

BUNDLE_TYPE: Final = "idp-evidence+jws"
EXPORT_TYPE: Final = "idp-evidence-export+jws"


class SealBroken(Exception):
    """The text is not as it was sealed; the reason holds nothing personal."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """What seals; made from one version of the secret `evidence`."""

    _private: Ed25519PrivateKey

    @classmethod
    def of(cls, secret: bytes) -> "SealKey":
        """The key's seed is an HMAC under the secret of 256 bits, which has its canary beside the data."""
        return cls(Ed25519PrivateKey.from_private_bytes(hmac.digest(secret, b"seal of evidence", "sha256")))

    @property
    def thumbprint(self) -> str:
        """By which an auditor knows the key (RFC 7638, SHA-256)."""
        return _thumbprint(_jwk(self._private.public_key()))

    def seal(self, content: bytes, kind: str = BUNDLE_TYPE) -> str:
        """Sign the content; the same content always becomes the same text."""
        header = {"alg": "Ed25519", "jwk": _jwk(self._private.public_key()), "typ": kind}
        signed = f"{_encode(canonical_json(header))}.{_encode(content)}"
        return f"{signed}.{_encode(self._private.sign(signed.encode()))}"


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What was sealed, and by which key."""

    content: bytes
    thumbprint: str


def unseal(sealed: str, kind: str = BUNDLE_TYPE) -> Unsealed:
    """Check the signature by the key that the text carries. Raises SealBroken."""
    try:
        header, content, signature = sealed.split(".")
        members = read_canonical(_decode(header))
        key = Ed25519PublicKey.from_public_bytes(_decode(members["jwk"]["x"]))
        if members != {"alg": "Ed25519", "jwk": _jwk(key), "typ": kind}:
            raise SealBroken("the header differs")
        key.verify(_decode(signature), f"{header}.{content}".encode())
        return Unsealed(content=_decode(content), thumbprint=_thumbprint(_jwk(key)))
    except InvalidSignature:
        raise SealBroken("the seal is broken") from None
    except (ValueError, KeyError, TypeError):
        raise SealBroken("is nothing that we seal") from None


def content_of(sealed: str) -> bytes:
    """The content of what we sealed ourselves and kept encrypted; the seal is not looked at."""
    return _decode(sealed.split(".")[1])


def digest_of(sealed: str) -> str:
    """SHA-256 of a sealed text, in hex: its name for other evidence and for the audit log."""
    return hashlib.sha256(sealed.encode()).hexdigest()


def _jwk(key: Ed25519PublicKey) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": _encode(key.public_bytes_raw())}


def _thumbprint(jwk: dict[str, str]) -> str:
    return _encode(hashlib.sha256(canonical_json(jwk)).digest())


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Raise ValueError for a second way to write the same bytes, too."""
    decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(decoded) != text:
        raise ValueError("the base64url text is not canonical")
    return decoded
