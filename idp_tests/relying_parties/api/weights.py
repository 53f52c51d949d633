"""Weights: an API that is called with access tokens; it checks signed ones by itself, and asks about opaque ones."""

from typing import Any

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

API = "https://weights.example"


class TokenRefused(Exception):
    """Answer 401 with WWW-Authenticate: Bearer error="invalid_token" (RFC 6750 3)."""


def check_signed(access_token: str, keys: KeySet, issuer: str) -> dict[str, Any]:
    """The claims of a signed access token (RFC 9068 4). Raises TokenRefused."""
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": API},
        exp={"essential": True},
        sub={"essential": True},
        client_id={"essential": True},
    )
    try:
        token = jwt.decode(access_token, keys, algorithms=["RS256", "ES256", "PS256"])
        rules.validate(token.claims)
    except (JoseError, ValueError) as problem:
        raise TokenRefused from problem
    if token.header.get("typ") != "at+jwt":  # an ID token must never open an API
        raise TokenRefused
    return token.claims


def ask(access_token: str, endpoint: str, secret: str, authority: str | bool = True) -> dict[str, Any]:
    """What the provider says of any access token, signed or not (RFC 7662 2). Raises TokenRefused."""
    answer = requests.post(
        endpoint, data={"token": access_token}, auth=("weights", secret), timeout=5, verify=authority
    ).json()
    audience = answer.get("aud")
    if not answer["active"] or API not in (audience if isinstance(audience, list) else [audience]):
        raise TokenRefused
    return dict(answer)
