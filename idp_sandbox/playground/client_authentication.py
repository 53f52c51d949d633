"""Client authentication: how the playground proves that it is the client it plays (OIDC Core 9), and that it holds a key (RFC 9449)."""

import base64
import hashlib
import secrets
from datetime import datetime
from urllib.parse import quote_plus

from joserfc import jwt

from idp_sandbox.playground.client_file import KEY_METHOD
from idp_sandbox.playground.credentials import ALGORITHM, Credentials
from idp_sandbox.playground.runs import Run

ASSERTION_SECONDS = 60


def authenticate(
    run: Run, *, credentials: Credentials, audience: str, now: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the form parameters that prove the client, by the method that the run has chosen."""
    client_id = run.client.client_id
    match run.auth_method:
        case "client_secret_basic":
            pair = f"{quote_plus(client_id)}:{quote_plus(credentials.secret)}"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}, {}
        case "client_secret_post":
            return {}, {"client_id": client_id, "client_secret": credentials.secret}
        case method if method == KEY_METHOD:
            moment = int(now.timestamp())
            claims: dict[str, object] = {
                "iss": client_id,
                "sub": client_id,
                "aud": audience,
                "jti": secrets.token_urlsafe(16),
            }
            claims |= {"iat": moment, "exp": moment + ASSERTION_SECONDS}
            return {}, {
                "client_id": client_id,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": sign(claims, credentials),
            }
        case _:
            return {}, {"client_id": client_id}


def sign(claims: dict[str, object], credentials: Credentials, typ: str = "JWT") -> str:
    """A JWT of the playground's key."""
    header = {"alg": ALGORITHM, "kid": credentials.key.kid, "typ": typ}
    return jwt.encode(header, claims, credentials.key)


def dpop_proof(run: Run, method: str, url: str, *, now: datetime, access_token: str | None = None) -> dict[str, str]:
    """The DPoP header of a request (RFC 9449 4.2); none when the run does without."""
    if run.dpop_key is None:
        return {}
    claims: dict[str, object] = {
        "jti": secrets.token_urlsafe(16), "htm": method, "htu": url.partition("?")[0], "iat": int(now.timestamp())
    }  # fmt: skip
    if run.dpop_nonce is not None:
        claims["nonce"] = run.dpop_nonce
    if access_token is not None:
        digest = hashlib.sha256(access_token.encode()).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    header = {"alg": ALGORITHM, "typ": "dpop+jwt", "jwk": run.dpop_key.as_dict(private=False)}
    return {"DPoP": jwt.encode(header, claims, run.dpop_key)}
