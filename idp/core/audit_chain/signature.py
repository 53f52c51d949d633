"""Signatures: what is proved to somebody who does not hold the audit secret.

Each version of the secret has one Ed25519 key (RFC 8032), derived from it. What is signed is a JSON object; its member `signature` is a
compact JWS with detached payload (RFC 7515 appendix F, Ed25519 by RFC 9864) over all its other members, written with sorted names and without spaces.
The key is known by its thumbprint (RFC 7638).
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.core.audit_chain.marks import MarkKeys, derived


class Signer:
    """Signs with the newest version of the secret, and knows what any version signed."""

    def __init__(self, keys: MarkKeys) -> None:
        private = {
            version: Ed25519PrivateKey.from_private_bytes(derived(secret, "signature"))
            for version, secret in keys.versions.items()
        }
        self._newest = private[keys.newest]
        self._by_id = {key_id(public_jwk(key)): key.public_key() for key in private.values()}

    @property
    def jwk(self) -> Mapping[str, str]:
        """The public key that signs now (RFC 8037)."""
        return public_jwk(self._newest)

    def signed(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same with its signature."""
        header = _encoded(canonical({"alg": "Ed25519", "kid": key_id(self.jwk)}))
        signature = self._newest.sign(_input(header, members))
        return {**members, "signature": f"{header}..{_encoded(signature)}"}

    def is_ours(self, signed: Mapping[str, Any]) -> bool:
        """Whether some version of our secret signed this."""
        members = {name: value for name, value in signed.items() if name != "signature"}
        try:
            header, _, signature = str(signed["signature"]).split(".")
            read = json.loads(_decoded(header))
            key = self._by_id[read["kid"]]
            if read["alg"] != "Ed25519":
                return False
            key.verify(_decoded(signature), _input(header, members))
        except (KeyError, TypeError, ValueError, InvalidSignature):
            return False
        return True


def canonical(members: Any) -> bytes:
    """JSON with sorted names and without spaces, as UTF-8."""
    return json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def public_jwk(key: Ed25519PrivateKey) -> Mapping[str, str]:
    """The public half (RFC 8037 2)."""
    return {
        "crv": "Ed25519",
        "kty": "OKP",
        "x": _encoded(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)),
    }


def key_id(jwk: Mapping[str, str]) -> str:
    """The thumbprint of a public key (RFC 7638)."""
    return _encoded(hashlib.sha256(canonical(jwk)).digest())


def _input(header: str, members: Mapping[str, Any]) -> bytes:
    return f"{header}.{_encoded(canonical(members))}".encode()


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
