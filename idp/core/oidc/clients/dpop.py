"""DPoP: proof that the caller holds the key its tokens are bound to (RFC 9449)."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from urllib.parse import urlsplit

from joserfc.jwk import Key

from idp.core.oidc.clients.ports import SeenIds
from idp.core.oidc.diagnosis import differs
from idp.core.oidc.errors import ErrorCode
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import FAPI_ALGS
from idp.core.oidc.keys.ports import Keys

MAX_PROOF_LENGTH = 8_192
AHEAD = timedelta(seconds=15)
"""A client's clock may run ahead; ten seconds must work (FAPI 2.0 Security Profile 5.3.2.1)."""
BEHIND = timedelta(seconds=60)
LONGEST_JTI = 512
"""Characters."""
NONCE_PERIOD = timedelta(minutes=5)
"""A nonce is accepted in the period it was given in, and in the next one."""

_TYPES: frozenset[str | None] = frozenset({"dpop+jwt"})
_NONCE_MAC_BYTES = 16
_DEFAULT_PORTS = {"https": 443, "http": 80}


class ProofRefused(Exception):
    """The proof does not hold; `code` is the protocol's word, `reason` a constant for the log."""

    def __init__(self, code: ErrorCode, reason: str, diagnosis: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.diagnosis = diagnosis


@dataclass(frozen=True, slots=True)
class Nonces:
    """Nonces without storage: the number of the present period under our key (RFC 9449 8)."""

    keys: Keys
    required: bool = False

    def current(self, now: datetime) -> str:
        """The nonce to hand out now."""
        period = _period(now)
        mac = self.keys.reference_tokens.passing_digests("dpop nonce", period)[0][:_NONCE_MAC_BYTES]
        return urlsafe_b64encode(period + mac).rstrip(b"=").decode()

    def accepts(self, nonce: str, now: datetime) -> bool:
        """Whether we gave this nonce in this period or the one before."""
        try:
            raw = urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))
        except ValueError:
            return False
        period, mac = raw[:-_NONCE_MAC_BYTES], raw[-_NONCE_MAC_BYTES:]
        if period not in {_period(now), _period(now - NONCE_PERIOD)}:
            return False
        ours = self.keys.reference_tokens.passing_digests("dpop nonce", period)
        return any(hmac.compare_digest(mac, one[:_NONCE_MAC_BYTES]) for one in ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyProof:
    """Find out which key the caller of an endpoint holds."""

    seen_ids: SeenIds
    nonces: Nonces

    def __call__(
        self, headers: Sequence[str], now: datetime, *, method: str, url: str, access_token: str | None = None
    ) -> str | None:
        """The thumbprint of the key, or None when no proof came. Raises ProofRefused (RFC 9449 4.3).

        `headers` are all DPoP headers of the request, `url` is the endpoint as published, `access_token` is given at a
        resource.
        """
        if not headers:
            return None
        if len(headers) > 1 or "," in headers[0]:
            _refuse("more than one DPoP header")
        try:
            claims, key = _verify(headers[0])
            _check_use(claims, method, url)
            _check_times(claims, now)
            _check_access_token(claims, access_token)
            self._check_nonce(claims, now)
            jkt = jose.thumbprint(key)
            self._check_unused(claims, jkt)
        except jose.JoseRefused as refused:
            return _refuse(refused.reason, refused.diagnosis)
        return jkt

    def _check_nonce(self, claims: jose.Claims, now: datetime) -> None:
        if self.nonces.required and not self.nonces.accepts(claims.find_text("nonce") or "", now):
            raise ProofRefused("use_dpop_nonce", "the nonce is missing or not one of ours")

    def _check_unused(self, claims: jose.Claims, jkt: str) -> None:
        jti = claims.text("jti")
        if len(jti) > LONGEST_JTI:
            _refuse("jti is too long")
        forgotten_at = datetime.fromtimestamp(claims.seconds("iat"), UTC) + BEHIND + AHEAD
        if not self.seen_ids.remember("dpop", jkt, jti, forgotten_at):
            _refuse("the proof was used before")


def _verify(proof: str) -> tuple[jose.Claims, Key]:
    unproved = jose.peek(proof, max_length=MAX_PROOF_LENGTH, jwk_header_allowed=True)
    key = jose.read_public_key(unproved.header.get("jwk"))
    claims = jose.verify(
        proof,
        keys=[key],
        algs=FAPI_ALGS,
        typ=_TYPES,
        max_length=MAX_PROOF_LENGTH,
        jwk_header_allowed=True,
    )
    return claims, key


def _check_use(claims: jose.Claims, method: str, url: str) -> None:
    if claims.text("htm") != method:
        _refuse("htm is another method", differs(claims.text("htm"), method))
    if _normalised(claims.text("htu")) != _normalised(url):
        _refuse("htu is another address", differs(claims.text("htu"), url))


def _check_access_token(claims: jose.Claims, access_token: str | None) -> None:
    if access_token is not None and not hmac.compare_digest(claims.text("ath").encode(), _hash(access_token)):
        _refuse("ath is of another access token")


def _check_times(claims: jose.Claims, now: datetime) -> None:
    issued = claims.seconds("iat")
    if issued + BEHIND.total_seconds() < now.timestamp():
        ago = f"by our clock, {now.timestamp():.0f}, it was {now.timestamp() - issued:.0f} seconds ago"
        _refuse("iat is too long ago", ago)
    claims.check_times(now, leeway=AHEAD, required=("iat",))


def _normalised(url: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path; query and fragment do not count (RFC 9449 4.3, RFC 3986 6.2.2 and 6.2.3)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _refuse("htu is not an address")
    if not parts.hostname or parts.username is not None or not url.isascii():
        _refuse("htu is not an address")
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme), parts.path or "/"


def _hash(access_token: str) -> bytes:
    return urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=")


def _period(now: datetime) -> bytes:
    return int(now.timestamp() // NONCE_PERIOD.total_seconds()).to_bytes(4, "big")


def _refuse(reason: str, diagnosis: str = "") -> NoReturn:
    raise ProofRefused("invalid_dpop_proof", reason, diagnosis)
