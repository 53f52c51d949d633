"""What a client sends: the messages of every relying party in the tests, made without the product, so that they judge it."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry

from idp.core.oidc.clients.client import AuthMethod
from idp.core.oidc.keys.keyring import generate_key
from idp_tests.builders import NOW

ISSUER = "https://id.example"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "v" * 43
A_MINUTE = 60


def b64url(data: bytes) -> str:
    """Base64 for addresses, without padding (RFC 7515 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def s256(text: str) -> str:
    """The challenge of a verifier (RFC 7636 4.2), and the `ath` of an access token (RFC 9449 4.2)."""
    return b64url(hashlib.sha256(text.encode()).digest())


def present(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members but for those that are None."""
    return {name: value for name, value in members.items() if value is not None}


def basic_header(client_id: str, secret: str) -> dict[str, str]:
    """The header of HTTP Basic (RFC 6749 2.3.1)."""
    return {"Authorization": f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


def by_assertion(text: str) -> dict[str, str]:
    """A client assertion as form members (RFC 7523 2.2)."""
    return {"client_assertion_type": JWT_BEARER, "client_assertion": text}


def code_form(code: str, redirect_uri: str, verifier: str | None, /, **changes: str | None) -> dict[str, str]:
    """What redeems a code, without credentials (RFC 6749 4.1.3); None leaves a member out."""
    members = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return present({**members, "code_verifier": verifier, **changes})


@dataclass(frozen=True, kw_only=True)
class ClientSide:
    """A client as it knows itself: where it is called back, how it proves who it is, and the messages it makes.

    A change to a message that is None leaves the member out.
    """

    client_id: str
    redirect_uri: str
    method: AuthMethod = AuthMethod.PRIVATE_KEY_JWT
    secret: str = field(default="", repr=False)
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256"), repr=False)
    issuer: str = ISSUER

    def authorization_request(self, verifier: str | None = VERIFIER, /, **changes: str | None) -> dict[str, str]:
        """The parameters of a plain request, with the verifier's challenge (OpenID Connect Core 3.1.2.1)."""
        members = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": "a state",
            "nonce": "a nonce",
        }
        pkce = {"code_challenge": s256(verifier), "code_challenge_method": "S256"} if verifier else {}
        return present({**members, **pkce, **changes})

    def code_form(self, code: str, verifier: str | None = VERIFIER, /, **changes: str | None) -> dict[str, str]:
        return code_form(code, self.redirect_uri, verifier, **changes)

    @property
    def headers(self) -> dict[str, str]:
        """The header that says who it is, where a header does."""
        return basic_header(self.client_id, self.secret) if self.method is AuthMethod.CLIENT_SECRET_BASIC else {}

    def credentials(self, now: datetime) -> dict[str, str]:
        """The form members that say who it is, where no header does."""
        match self.method:
            case AuthMethod.NONE:
                return {"client_id": self.client_id}
            case AuthMethod.CLIENT_SECRET_BASIC:
                return {}
            case AuthMethod.CLIENT_SECRET_POST:
                return {"client_id": self.client_id, "client_secret": self.secret}
            case AuthMethod.PRIVATE_KEY_JWT:
                return by_assertion(self.assertion(now))

    def assertion_claims(self, now: datetime, **changes: Any) -> dict[str, Any]:
        """The claims of a client assertion that is good for a minute (RFC 7523 3)."""
        issued_at = int(now.timestamp())
        members = {"iss": self.client_id, "sub": self.client_id, "aud": self.issuer, "jti": secrets.token_hex(16)}
        return present({**members, "iat": issued_at, "exp": issued_at + A_MINUTE, **changes})

    def assertion(
        self, now: datetime, *, alg: str = "ES256", key: Key | None = None, typ: str | None = None, **changes: Any
    ) -> str:
        return sign_raw(present({"alg": alg, "typ": typ}), self.assertion_claims(now, **changes), key or self.key, alg)

    def request_object(self, now: datetime, *, alg: str = "ES256", key: Any = None, **changes: Any) -> str:
        """Parameters that the client signs (RFC 9101 4)."""
        issued_at = int(now.timestamp())
        members = {"iss": self.client_id, "aud": self.issuer, "iat": issued_at, "nbf": issued_at}
        claims = present({**members, "exp": issued_at + 4 * A_MINUTE, **changes})
        return sign_raw({"alg": alg, "typ": "oauth-authz-req+jwt"}, claims, key or self.key, alg)


class ProofKey:
    """A key on somebody's device, and the DPoP proofs it signs (RFC 9449 4.2)."""

    def __init__(self, alg: str = "ES256") -> None:
        self.alg = alg
        self.key = generate_key(alg)

    @property
    def jkt(self) -> str:
        return self.key.thumbprint()

    def header(self, **changes: Any) -> dict[str, Any]:
        return present({"typ": "dpop+jwt", "alg": self.alg, "jwk": self.key.as_dict(private=False), **changes})

    def claims(self, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
        members = {"htm": "POST", "htu": f"{ISSUER}/token", "iat": int(now.timestamp()), "jti": secrets.token_hex(8)}
        return present({**members, **changes})

    def proof(
        self,
        now: datetime = NOW,
        *,
        header: Mapping[str, Any] | None = None,
        access_token: str | None = None,
        **changes: Any,
    ) -> str:
        if access_token is not None:
            changes.setdefault("ath", s256(access_token))
        return sign_raw(self.header(**(header or {})), self.claims(now, **changes), self.key, self.alg)


def sign_raw(header: Mapping[str, Any], claims: Mapping[str, Any], key: Key, alg: str) -> str:
    """A compact JWS with any header; its signature is by `alg`, whatever the header says."""
    signing_input = f"{b64url(json.dumps(header).encode())}.{b64url(json.dumps(claims).encode())}"
    name = "Ed25519" if alg == "EdDSA" else alg  # also weak ones, which our own table does not know
    signature = JWSRegistry.algorithms[name].sign(signing_input.encode(), key)
    return f"{signing_input}.{b64url(signature)}"
