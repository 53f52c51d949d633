"""The one door to JSON Web Signatures: sign what we issue, verify what others send us, refuse everything unusual.

Every inbound token states its purpose by the algorithms, types and keys that its reader allows. Keys come from a file
or from our own keyring, never from the token: `jku` and `x5u` are refused, and `jwk` is read for DPoP proofs only.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NoReturn

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from idp.core.oidc.keys.algorithms import ALGORITHMS, Algorithm, find_algorithm
from idp.core.oidc.strict_json import read_object

MAX_TOKEN_LENGTH = 16_384
MAX_HEADER_LENGTH = 4_096
MAX_KEYS_TRIED = 4
MAX_KID_LENGTH = 256
MIN_RSA_BITS = 2_048
MAX_RSA_BITS = 4_096
MIN_RSA_EXPONENT = 65_537

LATEST_TIME = 253_402_300_799
"""The last second of year 9999, in seconds since 1970; a later NumericDate is nonsense."""

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_REFUSED_HEADERS = ("crit", "b64", "zip", "enc", "jku", "x5u", "x5c", "cty")
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class JoseRefused(Exception):
    """A token or key is not acceptable; `reason` is a constant text without any part of the token.

    `diagnosis` may hold times and names of the token, for test mode.
    """

    def __init__(self, reason: str, diagnosis: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.diagnosis = diagnosis


@dataclass(frozen=True, slots=True)
class Claims:
    """A token's header and members, read with their types; every reader raises JoseRefused.

    `verify` gives them with the signature checked, `peek` without.
    """

    header: Mapping[str, Any]
    members: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A required, non-empty text."""
        value = self.find_text(name)
        return value or _refuse(f"{name} is missing")

    def find_text(self, name: str) -> str | None:
        """A text, or None when absent; another type is refused."""
        value = self.members.get(name)
        return value if value is None or isinstance(value, str) else _refuse(f"{name} is not a text")

    def seconds(self, name: str) -> float:
        """A required NumericDate: seconds since 1970 (RFC 7519 2)."""
        value = self.find_seconds(name)
        return value if value is not None else _refuse(f"{name} is missing")

    def find_seconds(self, name: str) -> float | None:
        """A NumericDate, or None when absent; text, truth values and absurd times are refused."""
        value = self.members.get(name)
        if value is None and name not in self.members:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _refuse(f"{name} is not a number")
        if not (0 <= value <= LATEST_TIME):
            return _refuse(f"{name} is not a time")
        return value

    def audiences(self) -> tuple[str, ...]:
        """`aud` as a tuple, whether it came as one text or as a list; empty when absent (RFC 7519 4.1.3)."""
        value = self.members.get("aud")
        values = [value] if isinstance(value, str) else ([] if value is None else value)
        if not isinstance(values, list) or not all(isinstance(entry, str) for entry in values):
            return _refuse("aud is neither a text nor a list of texts")
        return tuple(values)

    def check_times(
        self, now: datetime, *, leeway: timedelta, longest: timedelta | None = None, required: Iterable[str] = ("exp",)
    ) -> None:
        """Refuse a token that is expired, not yet valid, from the future, or valid for longer than `longest`.

        `longest` counts from now, so a far `exp` is refused whatever `iat` says (RFC 7519 4.1.4 to 4.1.6).
        """
        present, slack = now.timestamp(), leeway.total_seconds()
        for name in required:
            self.seconds(name)
        expiry, not_before, issued = (self.find_seconds(name) for name in ("exp", "nbf", "iat"))
        if expiry is not None and expiry + slack <= present:
            _refuse("exp is in the past", f"by our clock, {present:.0f}, it was {present - expiry:.0f} seconds ago")
        for name, begins in (("nbf", not_before), ("iat", issued)):
            if begins is not None and begins - slack > present:
                ahead = (
                    f"by our clock, {present:.0f}, it is {begins - present:.0f} seconds ahead: is a clock slow or fast"
                )
                _refuse(f"{name} is in the future", ahead)
        if longest is not None and expiry is not None and expiry - slack > present + longest.total_seconds():
            most = f"it is {expiry - present:.0f} seconds ahead; at most {longest.total_seconds():.0f} are accepted"
            _refuse("exp is too far ahead", most)


def sign(header_typ: str | None, claims: Mapping[str, Any], key: Key, alg: str, kid: str | None) -> str:
    """Sign claims with one explicit key as a compact JWS; never with a set, which would pick at random.

    Raises JoseRefused when key and algorithm do not fit.
    """
    algorithm = find_algorithm(alg)
    if algorithm is None or not algorithm.fits(key):
        return _refuse("the key does not fit the algorithm")
    signing_input = f"{_written_header(alg, kid, header_typ)}.{_encode(_dump(claims))}".encode("ascii")
    signature = algorithm.sign(signing_input, key)
    return f"{signing_input.decode('ascii')}.{_encode(signature)}"


@lru_cache(maxsize=256)
def _written_header(alg: str, kid: str | None, typ: str | None) -> str:
    """There are as many as our keys sign kinds of tokens."""
    header = {"alg": alg, **({"kid": kid} if kid else {}), **({"typ": typ} if typ else {})}
    return _encode(_dump(header))


def verify(
    token: str,
    *,
    keys: Sequence[Key],
    algs: frozenset[str] | tuple[str, ...],
    typ: frozenset[str | None] | None,
    max_length: int = MAX_TOKEN_LENGTH,
    jwk_header_allowed: bool = False,
) -> Claims:
    """Check the signature and everything about the form of a compact JWS; the claims' meaning is the caller's to check.

    `typ` lists the accepted header types in lower case without `application/`; None among them accepts its absence,
    None instead of a set accepts anything. Raises JoseRefused, and never anything else, whatever the token holds.
    """
    claims = peek(token, max_length=max_length, jwk_header_allowed=jwk_header_allowed)
    algorithm = find_algorithm(claims.header["alg"])
    if algorithm is None or algorithm.name not in algs:
        return _refuse("alg is not allowed here", f"{claims.header['alg']}; accepted: {', '.join(sorted(algs))}")
    if typ is not None and _plain_type(claims.header.get("typ")) not in typ:
        _refuse("typ is not allowed here")
    signing_input, _, signature = token.rpartition(".")
    signed = (algorithm, signing_input.encode("ascii"), _decode(signature))
    if not any(_is_signed_by(key, *signed) for key in _candidates(keys, claims.header.get("kid"), algorithm)):
        known = ", ".join(str(key.kid or "without kid") for key in keys) or "none"
        _refuse("no key of the signer verifies the signature", f"kid {claims.header.get('kid')}; registered: {known}")
    return claims


def peek(token: str, *, max_length: int = MAX_TOKEN_LENGTH, jwk_header_allowed: bool = False) -> Claims:
    """Read header and members WITHOUT checking the signature: to find out whose keys to use, never to believe.

    Raises JoseRefused for everything that is not a plain compact JWS with a JSON object inside.
    """
    if len(token) > max_length:
        _refuse("the token is too long")
    segments = token.split(".")
    if len(segments) != 3 or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        _refuse("this is not a signed token in compact form")
    if len(segments[0]) > MAX_HEADER_LENGTH:
        _refuse("the header is too long")
    _decode(segments[2])
    header, members = (_read_object(_decode(segment)) for segment in segments[:2])
    _check_header(header, jwk_header_allowed=jwk_header_allowed)
    return Claims(header, members)


def read_public_key(jwk: object) -> Key:
    """Make a key of one public JWK that somebody else gave us (RFC 7517).

    Raises JoseRefused for private or symmetric keys, keys not for signatures, weak RSA keys and unknown curves.
    """
    if not isinstance(jwk, dict) or not all(isinstance(name, str) for name in jwk):
        return _refuse("the key is not a JSON object")
    if _PRIVATE_MEMBERS & jwk.keys():
        _refuse("the key holds private members")
    if jwk.get("use", "sig") != "sig":
        _refuse("the key is not for signatures")
    try:
        if jwk.get("kty") == "RSA":
            _check_rsa(jwk)
        key = JWKRegistry.import_key(dict(jwk))
        key.public_key  # noqa: B018 - a lazily made key fails here, not at its first use
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return _refuse("the key cannot be read")
    if not any(algorithm.fits(key) for algorithm in ALGORITHMS):
        _refuse("the key is of no kind we use")
    return key


def read_key_set(jwks: Mapping[str, Any]) -> tuple[Key, ...]:
    """The usable keys of a JWK Set from a file, made once; others are passed over (RFC 7517 5)."""
    return _read_this_key_set(_This(jwks))


@dataclass(frozen=True, slots=True, eq=False)
class _This:
    """A key set by its identity: it belongs to a client, which never changes, and writing it down costs more than a signature."""

    jwks: Mapping[str, Any]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and other.jwks is self.jwks

    def __hash__(self) -> int:
        return id(self.jwks)


@lru_cache(maxsize=1_024)
def _read_this_key_set(this: _This) -> tuple[Key, ...]:
    return _read_key_set(json.dumps(this.jwks, sort_keys=True))


@lru_cache(maxsize=1_024)
def _read_key_set(jwks: str) -> tuple[Key, ...]:
    keys = []
    for jwk in json.loads(jwks)["keys"]:
        with suppress(JoseRefused):
            keys.append(read_public_key(jwk))
    return tuple(keys)


def thumbprint(key: Key) -> str:
    """By RFC 7638 with SHA-256, base64url without padding."""
    return key.thumbprint()


def _candidates(keys: Sequence[Key], kid: str | None, algorithm: Algorithm) -> Iterable[Key]:
    fitting = [key for key in keys if algorithm.fits(key) and (kid is None or key.kid in {None, kid})]
    return fitting[:MAX_KEYS_TRIED]


def _is_signed_by(key: Key, algorithm: Algorithm, signing_input: bytes, signature: bytes) -> bool:
    try:
        return algorithm.verifies(signing_input, signature, key)
    except (JoseError, ValueError, TypeError):
        return False


def _check_header(header: Mapping[str, Any], *, jwk_header_allowed: bool) -> None:
    if any(name in header for name in _REFUSED_HEADERS):
        _refuse("the header asks for something that is not accepted")
    if "jwk" in header and not jwk_header_allowed:
        _refuse("a key in the header is not accepted")
    if not isinstance(header.get("alg"), str):
        _refuse("alg is missing")
    if not isinstance(header.get("typ", ""), str):
        _refuse("typ is not a text")
    kid = header.get("kid", "")
    if not isinstance(kid, str) or len(kid) > MAX_KID_LENGTH:
        _refuse("kid is not a short text")


def _check_rsa(jwk: Mapping[str, Any]) -> None:
    modulus, exponent = (int.from_bytes(_decode(str(jwk.get(name, "")))) for name in ("n", "e"))
    if not MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS:
        _refuse("the RSA key is too short or too long")
    if exponent < MIN_RSA_EXPONENT or exponent % 2 == 0 or exponent.bit_length() > 32:
        _refuse("the RSA exponent is not acceptable")


def _plain_type(typ: str | None) -> str | None:
    return None if typ is None else typ.lower().removeprefix("application/")


def _decode(segment: str) -> bytes:
    """Decode base64url without padding, refusing any second spelling of the same bytes (RFC 7515 2)."""
    try:
        data = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        return _refuse("this is not base64url")
    return data if _encode(data) == segment else _refuse("this is not base64url")


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _dump(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _read_object(data: bytes) -> dict[str, Any]:
    try:
        return read_object(data)
    except ValueError:
        return _refuse("this is not a JSON object")


def _refuse(reason: str, diagnosis: str = "") -> NoReturn:
    raise JoseRefused(reason, diagnosis)
