"""Reference tokens: codes, access tokens and refresh tokens as short texts that only we can make and read.

Each is AES-256-GCM-SIV (RFC 8452) over a grant's id and little else, with the kind as associated data, behind a prefix
that names the kind: nothing token-like is ever stored, and no kind passes for another. Codes and refresh tokens are
deterministic, so that the same step answered twice answers the same; the SIV construction is safe for that.
"""

import binascii
import hmac
import secrets
import struct
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

SECRET_BYTES = 32
LONGEST_REFERENCE = 4096
"""Characters; longer input is no reference of ours and costs no work."""

_NONCE_BYTES = 12
_FIXED_NONCE = bytes(_NONCE_BYTES)
_ID_BYTES = 16
_JKT_BYTES = 32
_TAG_BYTES = 16
_ACCESS_HEAD = struct.Struct(">16s8sIIB")
_GENERATION = struct.Struct(">I?")
_EXPIRY = struct.Struct(">I")
_MARK_BYTES = 16
_TO_STANDARD = str.maketrans("-_", "+/")


class Kind(Enum):
    """A kind of reference: its prefix, which is also the associated data."""

    CODE = "ac_"
    ACCESS_TOKEN = "at_"  # noqa: S105 - a prefix
    REFRESH_TOKEN = "rt_"  # noqa: S105 - a prefix
    JWT_ID = "ji_"
    """The `jti` of an at+jwt: leads us to the grant, and opens nothing by itself."""
    ADDRESS_PROOF = "em_"
    """Sent to an e-mail address: shows that its reader was there, and logs nobody in."""
    DEVICE_PROOF = "dv_"
    """Sent to the person who logged in with a device: can forget it, and logs nobody in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKey:
    """One version of a 256-bit secret; versions count from 1 to 255."""

    version: int
    value: bytes = field(repr=False)
    made_at: datetime | None = None
    """None: before that was written down."""
    used_from: datetime | None = None
    """Until then it opens what other nodes close, and closes nothing here; None: at once."""

    def is_used(self, now: datetime) -> bool:
        """Whether new values may be closed with it."""
        return self.used_from is None or self.used_from <= now

    def __post_init__(self) -> None:
        if not 1 <= self.version <= 255 or len(self.value) != SECRET_BYTES:
            raise ValueError("a secret has a version of 1 to 255 and 32 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReference:
    """What an opaque access token carries beside the grant's id."""

    grant_id: str
    jti: str
    """16 hex digits."""
    issued_at: datetime
    expires_at: datetime
    scope: tuple[str, ...] | None = None
    """None: the grant's; otherwise narrower (RFC 6749 6)."""
    resources: tuple[str, ...] = ()
    """The audience (RFC 8707); empty: our own UserInfo only."""
    jkt: str | None = None
    """The DPoP key that the token is bound to (RFC 9449 6)."""
    wants_customers: bool = False
    """UserInfo will need all of the person's customers, so the grant is read with them at once."""
    wants_evidence: bool = False
    """The same for BankID's signature and OCSP answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReference:
    """What a refresh token carries."""

    grant_id: str
    generation: int
    rotates: bool = False
    """Replaced at every use: a public client's without a key (RFC 9700 4.14.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressProof:
    """Whose address is confirmed by an e-mail, which, and until when."""

    person_id: str
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProof:
    """Which device's login may be disowned, and until when."""

    device_id: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReferenceTokens:
    """Makes and reads them. The newest key of `tokens` encrypts, every one decrypts; `identity` never changes."""

    tokens: tuple[SecretKey, ...]
    """At least one; the first one encrypts."""
    identity: SecretKey
    """Derives what must stay the same for ever, such as pairwise subjects; never rotated."""

    def code_for(self, grant_id: str) -> str:
        """The grant's authorization code; the same at every call."""
        return self._encrypt(Kind.CODE, _pack_id(grant_id), _FIXED_NONCE)

    def read_code(self, code: str) -> str | None:
        """The grant's id, or None for anything that is no code of ours."""
        payload = self._decrypt(Kind.CODE, code)
        return payload.hex() if payload is not None and len(payload) == _ID_BYTES else None

    def refresh_token_for(self, reference: RefreshReference) -> str:
        """The refresh token of one generation; the same at every call."""
        payload = _pack_id(reference.grant_id) + _GENERATION.pack(reference.generation, reference.rotates)
        return self._encrypt(Kind.REFRESH_TOKEN, payload, _FIXED_NONCE)

    def read_refresh_token(self, refresh_token: str) -> RefreshReference | None:
        """What the token refers to, or None for anything that is no refresh token of ours."""
        payload = self._decrypt(Kind.REFRESH_TOKEN, refresh_token)
        if payload is None or len(payload) != _ID_BYTES + _GENERATION.size:
            return None
        generation, rotates = _GENERATION.unpack_from(payload, _ID_BYTES)
        return RefreshReference(grant_id=payload[:_ID_BYTES].hex(), generation=generation, rotates=rotates)

    def access_token_for(self, reference: AccessReference) -> str:
        """A fresh opaque access token."""
        return self._encrypt(Kind.ACCESS_TOKEN, _pack_access(reference), secrets.token_bytes(_NONCE_BYTES))

    def read_access_token(self, access_token: str) -> AccessReference | None:
        """What the token says, expired or not, or None for anything that is no access token of ours."""
        return self._read_access(Kind.ACCESS_TOKEN, access_token)

    def jwt_id_for(self, reference: AccessReference) -> str:
        """A `jti` that finds the grant of an at+jwt again, for revocation and introspection."""
        return self._encrypt(Kind.JWT_ID, _pack_access(reference), secrets.token_bytes(_NONCE_BYTES))

    def read_jwt_id(self, jti: str) -> AccessReference | None:
        """What the at+jwt with this `jti` was made from, or None."""
        return self._read_access(Kind.JWT_ID, jti)

    def address_proof_for(self, proof: AddressProof) -> str:
        """What an e-mail carries so that its reader can confirm the address."""
        payload = (
            _pack_id(proof.person_id) + _EXPIRY.pack(int(proof.expires_at.timestamp())) + self._mark(proof.address)
        )
        return self._encrypt(Kind.ADDRESS_PROOF, payload, secrets.token_bytes(_NONCE_BYTES))

    def read_address_proof(self, text: str, address_of: Callable[[str], str | None]) -> AddressProof | None:
        """What the e-mail's link says, expired or not.

        `address_of` gives a person's present address; None when the link is not ours or was sent to another address.
        """
        payload = self._decrypt(Kind.ADDRESS_PROOF, text)
        if payload is None or len(payload) != _ID_BYTES + _EXPIRY.size + _MARK_BYTES:
            return None
        person_id = payload[:_ID_BYTES].hex()
        address = address_of(person_id)
        if address is None or not hmac.compare_digest(payload[-_MARK_BYTES:], self._mark(address)):
            return None
        expires_at = datetime.fromtimestamp(_EXPIRY.unpack_from(payload, _ID_BYTES)[0], UTC)
        return AddressProof(person_id=person_id, address=address, expires_at=expires_at)

    def device_proof_for(self, proof: DeviceProof) -> str:
        """What an e-mail about a login carries so that its reader can disown it."""
        payload = _pack_id(proof.device_id) + _EXPIRY.pack(int(proof.expires_at.timestamp()))
        return self._encrypt(Kind.DEVICE_PROOF, payload, secrets.token_bytes(_NONCE_BYTES))

    def read_device_proof(self, text: str) -> DeviceProof | None:
        """What the e-mail's link says, expired or not; None when it is not ours."""
        payload = self._decrypt(Kind.DEVICE_PROOF, text)
        if payload is None or len(payload) != _ID_BYTES + _EXPIRY.size:
            return None
        expires_at = datetime.fromtimestamp(_EXPIRY.unpack_from(payload, _ID_BYTES)[0], UTC)
        return DeviceProof(device_id=payload[:_ID_BYTES].hex(), expires_at=expires_at)

    def _mark(self, address: str) -> bytes:
        return self.lasting_digest("address", address.lower().encode())[:_MARK_BYTES]

    def lasting_digest(self, purpose: str, data: bytes) -> bytes:
        """A keyed digest of 32 bytes that no key rotation changes."""
        return hmac.digest(_derive(self.identity, f"lasting {purpose}"), data, "sha256")

    def passing_digests(self, purpose: str, data: bytes) -> Sequence[bytes]:
        """Keyed digests of 32 bytes under every key of `tokens`, the present one first: for what soon expires."""
        return [hmac.digest(_derive(secret, f"passing {purpose}"), data, "sha256") for secret in self._newest_first]

    def _read_access(self, kind: Kind, text: str) -> AccessReference | None:
        payload = self._decrypt(kind, text)
        return None if payload is None else _unpack_access(payload)

    def _encrypt(self, kind: Kind, payload: bytes, nonce: bytes) -> str:
        secret = self._newest_first[0]
        box = self._boxes[secret.version].encrypt(nonce, payload, kind.value.encode())
        sent_nonce = b"" if nonce is _FIXED_NONCE else nonce
        return kind.value + urlsafe_b64encode(bytes([secret.version]) + sent_nonce + box).rstrip(b"=").decode()

    def _decrypt(self, kind: Kind, text: str) -> bytes | None:
        raw = _decode(text.removeprefix(kind.value)) if text.startswith(kind.value) else None
        if raw is None or len(raw) <= 1 + _NONCE_BYTES:
            return None
        box = self._boxes.get(raw[0])
        fixed = kind in {Kind.CODE, Kind.REFRESH_TOKEN}
        nonce, encrypted = (_FIXED_NONCE, raw[1:]) if fixed else (raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :])
        if box is None or len(encrypted) < _TAG_BYTES:
            return None
        try:
            return box.decrypt(nonce, encrypted, kind.value.encode())
        except InvalidTag:
            return None

    @cached_property
    def _newest_first(self) -> tuple[SecretKey, ...]:
        return tuple(sorted(self.tokens, key=lambda secret: -secret.version))

    @cached_property
    def _boxes(self) -> dict[int, AESGCMSIV]:
        return {secret.version: AESGCMSIV(_derive(secret, "encrypt")) for secret in self.tokens}


def _derive(secret: SecretKey, purpose: str) -> bytes:
    """One block of HKDF-Expand (RFC 5869 2.3); the secret is uniform already."""
    return hmac.digest(secret.value, purpose.encode() + b"\x01", "sha256")


def _decode(text: str) -> bytes | None:
    """Strict base64url without padding: one text per value, so that no token has two spellings."""
    if len(text) > LONGEST_REFERENCE or not text.isascii() or "+" in text or "/" in text or "=" in text:
        return None
    standard = text.translate(_TO_STANDARD) + "=" * (-len(text) % 4)
    try:
        raw = binascii.a2b_base64(standard, strict_mode=True)
    except binascii.Error:
        return None
    return raw if urlsafe_b64encode(raw).rstrip(b"=") == text.encode() else None


def _pack_id(grant_id: str) -> bytes:
    raw = bytes.fromhex(grant_id)
    if len(raw) != _ID_BYTES:
        raise ValueError("a grant's id has 32 hex digits")
    return raw


def _pack_access(reference: AccessReference) -> bytes:
    issued, expires = int(reference.issued_at.timestamp()), int(reference.expires_at.timestamp())
    jkt = _decode(reference.jkt) if reference.jkt else b""
    if jkt is None or len(jkt) not in {0, _JKT_BYTES}:
        raise ValueError("a thumbprint has 32 bytes")
    scope = "" if reference.scope is None else " ".join(reference.scope)
    narrowed = reference.scope is not None
    flags = bool(jkt) | narrowed << 1 | reference.wants_customers << 2 | reference.wants_evidence << 3
    head = _ACCESS_HEAD.pack(_pack_id(reference.grant_id), bytes.fromhex(reference.jti), issued, expires, flags)
    return head + jkt + "\n".join((scope, *reference.resources)).encode()


def _unpack_access(payload: bytes) -> AccessReference | None:
    if len(payload) < _ACCESS_HEAD.size:
        return None
    grant_id, jti, issued, expires, flags = _ACCESS_HEAD.unpack_from(payload)
    rest = payload[_ACCESS_HEAD.size :]
    jkt, rest = (rest[:_JKT_BYTES], rest[_JKT_BYTES:]) if flags & 1 else (b"", rest)
    scope, *resources = rest.decode().split("\n")
    return AccessReference(
        grant_id=grant_id.hex(),
        jti=jti.hex(),
        issued_at=datetime.fromtimestamp(issued, UTC),
        expires_at=datetime.fromtimestamp(expires, UTC),
        scope=tuple(scope.split()) if flags & 2 else None,
        resources=tuple(resources),
        jkt=urlsafe_b64encode(jkt).rstrip(b"=").decode() if jkt else None,
        wants_customers=bool(flags & 4),
        wants_evidence=bool(flags & 8),
    )
