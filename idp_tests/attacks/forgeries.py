"""Forgeries: every way that a signed token can be wrong, made from one that is right.

A forgery is a function of the honest token's parts; which of them make sense for a kind of token is that test's to say.
"""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.jws import JWSRegistry

ATTACKER = ECKey.generate_key("P-256", private=True)
ATTACKER_RSA = RSAKey.generate_key(2048, private=True)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(data: bytes | str) -> str:
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).rstrip(b"=").decode()


def dump(members: object) -> str:
    return json.dumps(members, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True)
class Honest:
    """An honest token's parts, signed with ES256."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    key: Key
    published: Key = field(default_factory=lambda: ATTACKER_RSA)
    """A public key of ours, as anybody finds it in the key set."""

    def sign(
        self,
        header: Mapping[str, Any] | str | None = None,
        claims: Mapping[str, Any] | str | bytes | None = None,
        *,
        key: Key | None = None,
        alg: str = "ES256",
    ) -> str:
        """Sign whatever is given, text as it stands; the signature is by `alg`, whatever the header says."""
        head = header if isinstance(header, str) else dump(self.header if header is None else header)
        body = claims if isinstance(claims, str | bytes) else dump(self.claims if claims is None else claims)
        signing_input = f"{b64(head)}.{b64(body)}"
        signature = JWSRegistry.algorithms[alg].sign(signing_input.encode(), key or self.key)
        return f"{signing_input}.{b64(signature)}"

    def headed(self, **changes: Any) -> str:
        """Signed rightly, with other header members."""
        return self.sign({**self.header, **changes})

    def claiming(self, **changes: Any) -> str:
        """Signed rightly, with other members."""
        return self.sign(claims={**self.claims, **changes})

    def parts(self) -> list[str]:
        return self.sign().split(".")

    def raw_body(self, change: Callable[[str], str | bytes]) -> str:
        return self.sign(claims=change(dump(self.claims)))


Forgery = Callable[[Honest], str]


def _unsigned(alg: str) -> Forgery:
    return lambda honest: f"{b64(dump({**honest.header, 'alg': alg}))}.{b64(dump(honest.claims))}."


def _unsigned_with_signature(alg: str) -> Forgery:
    return lambda honest: f"{b64(dump({**honest.header, 'alg': alg}))}.{'.'.join(honest.parts()[1:])}"


def _hmac(alg: str, secret: Callable[[Honest], bytes]) -> Forgery:
    """Signed with HMAC, with something public as the secret."""

    def forge(honest: Honest) -> str:
        signing_input = f"{b64(dump({**honest.header, 'alg': alg}))}.{b64(dump(honest.claims))}"
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[alg]
        return f"{signing_input}.{b64(hmac.digest(secret(honest), signing_input.encode(), digest))}"

    return forge


def _pem(key: Key) -> bytes:
    raw: Any = key
    return bytes(raw.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _der(key: Key) -> bytes:
    raw: Any = key
    return bytes(raw.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _signature(change: Callable[[bytes], bytes]) -> Forgery:
    def forge(honest: Honest) -> str:
        head, body, signature = honest.parts()
        return f"{head}.{body}.{b64(change(base64.urlsafe_b64decode(signature + '==')))}"

    return forge


def _der_signature(raw: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))


def _flattened(honest: Honest) -> str:
    head, body, signature = honest.parts()
    return dump({"protected": head, "payload": body, "signature": signature})


def _general(signatures: Callable[[str, str], list[dict[str, str]]]) -> Forgery:
    def forge(honest: Honest) -> str:
        head, body, signature = honest.parts()
        return dump({"payload": body, "signatures": signatures(head, signature)})

    return forge


def _around(template: str) -> Forgery:
    return lambda honest: template.format(honest.sign(), *honest.parts())


def _swap_body(honest: Honest) -> str:
    head, _, signature = honest.parts()
    return f"{head}.{b64(dump({**honest.claims, 'sub': 'somebody-else'}))}.{signature}"


def _swap_head(honest: Honest) -> str:
    _, body, signature = honest.parts()
    return f"{b64(dump({**honest.header, 'kid': 'x'}))}.{body}.{signature}"


def _compressed(honest: Honest) -> str:
    bomb = zlib.compress(b"{" + b" " * 5_000_000 + b"}")[2:-4]
    return honest.sign({**honest.header, "zip": "DEF"}, bomb)


def _jwe(alg: str, **header: Any) -> Forgery:
    return lambda honest: ".".join(
        [b64(dump({"alg": alg, "enc": "A256GCM", **header})), b64(b"k" * 32), b64(b"i" * 12), b64(b"c" * 64), b64(b"t" * 16)]
    )  # fmt: skip


def _headed(**changes: Any) -> Forgery:
    return lambda honest: honest.headed(**changes)


def _without(member: str) -> Forgery:
    return lambda honest: honest.sign(claims={name: value for name, value in honest.claims.items() if name != member})


def _twice(member: str) -> Forgery:
    return lambda honest: honest.raw_body(lambda text: f'{{"{member}":"evil","{member}":"evil",{text[1:]}')


FORGERIES: Mapping[str, Forgery] = {
    # --- no signature ------------------------------------------------------------------------------------------------
    **{f"alg {alg}": _unsigned(alg) for alg in ("none", "None", "NONE", "nOnE", "none ", "")},
    **{f"alg {alg} with a signature": _unsigned_with_signature(alg) for alg in ("none", "nOnE")},
    "empty signature": lambda honest: f"{'.'.join(honest.parts()[:2])}.",
    "two segments": lambda honest: ".".join(honest.parts()[:2]),
    # --- a public key as a shared secret -----------------------------------------------------------------------------
    **{f"{alg} with our key in PEM": _hmac(alg, lambda honest: _pem(honest.published)) for alg in ("HS256", "HS384", "HS512")},
    "HS256 with our key in PEM without its last line feed": _hmac("HS256", lambda honest: _pem(honest.published).strip()),
    "HS256 with our key in PEM behind a space": _hmac("HS256", lambda honest: b" " + _pem(honest.published)),
    "HS256 with our key in PEM behind a line feed": _hmac("HS256", lambda honest: b"\n" + _pem(honest.published)),
    "HS256 with our key in PEM behind a byte order mark": _hmac("HS256", lambda honest: b"\xef\xbb\xbf" + _pem(honest.published)),
    "HS256 with our key in DER": _hmac("HS256", lambda honest: _der(honest.published)),
    "HS256 with our key as JWK": _hmac("HS256", lambda honest: dump(honest.published.as_dict(private=False)).encode()),
    "HS256 with the client's key in PEM": _hmac("HS256", lambda honest: _pem(honest.key)),
    "HS256 with the client's key as JWK": _hmac("HS256", lambda honest: dump(honest.key.as_dict(private=False)).encode()),
    "HS256 with an empty secret": _hmac("HS256", lambda _: b""),
    "HS256 with the client's name": _hmac("HS256", lambda honest: str(honest.claims.get("iss", "x")).encode()),
    # --- a key of one's own ------------------------------------------------------------------------------------------
    "another key": lambda honest: honest.sign(key=ATTACKER),
    "another key under the honest kid": lambda honest: honest.sign({**honest.header, "kid": honest.key.thumbprint()}, key=ATTACKER),
    "a key in the header": lambda honest: honest.sign({**honest.header, "jwk": ATTACKER.as_dict(private=False)}, key=ATTACKER),
    "a key's address in the header": lambda honest: honest.sign({**honest.header, "jku": "https://evil.example/jwks"}, key=ATTACKER),
    "a certificate's address in the header": lambda honest: honest.sign({**honest.header, "x5u": "https://evil.example/c"}, key=ATTACKER),
    "a certificate in the header": lambda honest: honest.sign({**honest.header, "x5c": ["TUlJ"]}, key=ATTACKER),
    "RS256 by a key of one's own": lambda honest: honest.sign({**honest.header, "alg": "RS256"}, key=ATTACKER_RSA, alg="RS256"),
    "PS256 by a key of one's own": lambda honest: honest.sign({**honest.header, "alg": "PS256"}, key=ATTACKER_RSA, alg="PS256"),
    # --- an algorithm that is not meant ------------------------------------------------------------------------------
    **{
        f"alg {alg} over an ES256 signature": _headed(alg=alg)
        for alg in ("RS256", "RS384", "PS256", "PS384", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "HS256", "es256", "ES256 ", "RSA1_5", "dir", "PBES2-HS256+A128KW")
    },
    "alg as a number": lambda honest: honest.headed(alg=256),
    "alg as a list": lambda honest: honest.headed(alg=["ES256"]),
    "alg as null": lambda honest: honest.headed(alg=None),
    "no alg": lambda honest: honest.sign({name: value for name, value in honest.header.items() if name != "alg"}),
    # --- a signature that is none ------------------------------------------------------------------------------------
    "a signature of zeros": _signature(lambda _: bytes(64)),
    "r and s of the group's order": _signature(lambda _: P256_ORDER.to_bytes(32) * 2),
    "r of zero": _signature(lambda raw: bytes(32) + raw[32:]),
    "s of zero": _signature(lambda raw: raw[:32] + bytes(32)),
    "a byte too few": _signature(lambda raw: raw[:-1]),
    "a byte too many": _signature(lambda raw: raw + b"\0"),
    "one bit flipped": _signature(lambda raw: bytes([raw[0] ^ 1]) + raw[1:]),
    "a signature in DER": _signature(_der_signature),
    "a signature of one byte": _signature(lambda _: b"\1"),
    "another body under the signature": _swap_body,
    "another header over the signature": _swap_head,
    # --- a header that asks for something ----------------------------------------------------------------------------
    "an unknown extension is critical": lambda honest: honest.headed(crit=["evil"], evil=True),
    "b64 is critical": lambda honest: honest.headed(crit=["b64"], b64=False),
    "b64 is false": lambda honest: honest.headed(b64=False),
    "crit is empty": lambda honest: honest.headed(crit=[]),
    "crit is a text": lambda honest: honest.headed(crit="exp"),
    "a compressed body": _compressed,
    "cty of a nested token": lambda honest: honest.sign({**honest.header, "cty": "JWT"}, honest.sign()),
    "kid as a number": lambda honest: honest.headed(kid=1),
    "kid as a list": lambda honest: honest.headed(kid=["x"]),
    "kid of ten thousand letters": lambda honest: honest.headed(kid="k" * 10_000),
    "typ as a number": lambda honest: honest.headed(typ=1),
    "a header of five thousand letters": lambda honest: honest.headed(x="h" * 5_000),
    **{
        f"typ {typ}": _headed(typ=typ)
        for typ in ("at+jwt", "logout+jwt", "token-introspection+jwt", "secevent+jwt", "application/at+jwt")
    },
    # --- not the compact form ----------------------------------------------------------------------------------------
    "flattened JSON": _flattened,
    "general JSON": _general(lambda head, signature: [{"protected": head, "signature": signature}]),
    "general JSON without signatures": _general(lambda _head, _signature: []),
    "four segments": _around("{0}.x"),
    "a dot at the end": _around("{0}."),
    "a dot in front": _around(".{0}"),
    "only dots": lambda _: "..",
    "a space in front": _around(" {0}"),
    "a line feed behind": _around("{0}\n"),
    "a space within": _around("{1}. {2}.{3}"),
    "padding": _around("{1}==.{2}.{3}"),
    "padded signature": _around("{1}.{2}.{3}=="),
    "two tokens": _around("{0},{0}"),
    "Bearer in front": _around("Bearer {0}"),
    "not base64": _around("{1}.%%%.{3}"),
    "letters beyond ASCII": _around("{1}.å{2}.{3}"),
    "twenty thousand letters": lambda honest: honest.claiming(filler="f" * 20_000),
    "JWE with RSA1_5": _jwe("RSA1_5"),
    "JWE with dir": _jwe("dir"),
    "JWE with two billion rounds": _jwe("PBES2-HS256+A128KW", p2c=2_000_000_000, p2s="AAAA"),
    # --- a body that two readers read differently --------------------------------------------------------------------
    "alg twice": lambda honest: honest.sign(f'{{"alg":"none",{dump(honest.header)[1:]}'),
    "iss twice": _twice("iss"),
    "sub twice": _twice("sub"),
    "a list": lambda honest: honest.sign(claims=dump([honest.claims])),
    "a text": lambda honest: honest.sign(claims='"claims"'),
    "a number": lambda honest: honest.sign(claims="1"),
    "null": lambda honest: honest.sign(claims="null"),
    "nothing": lambda honest: honest.sign(claims=" "),
    "something behind the object": lambda honest: honest.raw_body(lambda text: text + "{}"),
    "a byte order mark": lambda honest: honest.raw_body(lambda text: b"\xef\xbb\xbf" + text.encode()),
    "UTF-16": lambda honest: honest.raw_body(lambda text: text.encode("utf-16")),
    "not UTF-8": lambda honest: honest.raw_body(lambda text: text[:-1].encode() + b',"x":"\xff"}'),
    "single quotes": lambda honest: honest.raw_body(lambda text: text.replace('"', "'")),
    "a comma at the end": lambda honest: honest.raw_body(lambda text: text[:-1] + ",}"),
    "nested too deeply": lambda honest: honest.raw_body(lambda text: text[:-1] + ',"x":' + "[" * 2_000 + "]" * 2_000 + "}"),
    "NaN": lambda honest: honest.raw_body(lambda text: text[:-1] + ',"x":NaN}'),
    "Infinity": lambda honest: honest.raw_body(lambda text: text[:-1] + ',"x":Infinity}'),
    "a number without end": lambda honest: honest.raw_body(lambda text: text[:-1] + ',"x":1e999}'),
    "half a character": lambda honest: honest.raw_body(lambda text: text[:-1] + ',"x":"\\ud800"}'),
}  # fmt: skip
"""Wrong for every kind of token that we read, apart from what its reader lists."""

WRONG_TIMES: Mapping[str, Callable[[Honest, int], str]] = {
    "expired": lambda honest, now: honest.claiming(exp=now - 11),
    "expired long ago": lambda honest, now: honest.claiming(exp=1),
    "expires in a year": lambda honest, now: honest.claiming(exp=now + 31_536_000),
    "expires in ten minutes": lambda honest, now: honest.claiming(exp=now + 600),
    "exp as a text": lambda honest, now: honest.claiming(exp=str(now + 60)),
    "exp as a truth value": lambda honest, now: honest.claiming(exp=True),
    "exp as null": lambda honest, now: honest.claiming(exp=None),
    "exp as a list": lambda honest, now: honest.claiming(exp=[now + 60]),
    "exp beyond the calendar": lambda honest, now: honest.claiming(exp=10**30),
    "exp beyond the calendar, with a fraction": lambda honest, now: honest.claiming(exp=1e30),
    "exp below zero": lambda honest, now: honest.claiming(exp=-1),
    "no exp": lambda honest, now: _without("exp")(honest),
    "not yet valid": lambda honest, now: honest.claiming(nbf=now + 60),
    "issued in the future": lambda honest, now: honest.claiming(iat=now + 60),
    "iat as a text": lambda honest, now: honest.claiming(iat="now"),
    "nbf as a text": lambda honest, now: honest.claiming(nbf="now"),
}
without = _without
