"""The logout token: what tells a client in the back channel that a session is over (OpenID Connect Back-Channel Logout 1.0)."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from idp.core.oidc.clients.client import Client
from idp.core.oidc.tokens.token_issuer import TokenIssuer

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_TYPE = "logout+jwt"  # noqa: S105 - a media type
LOGOUT_TOKEN_LIFE = timedelta(minutes=2)


def logout_token(client: Client, *, sub: str, sid: str, token_issuer: TokenIssuer, now: datetime) -> str:
    """What tells a client in the back channel that a session is over (Back-Channel Logout 2.4); never with a nonce."""
    claims: dict[str, Any] = {
        "iss": token_issuer.issuer,
        "sub": sub,
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LOGOUT_TOKEN_LIFE).timestamp()),
        "jti": secrets.token_urlsafe(16),
        "events": {LOGOUT_EVENT: {}},
        "sid": sid,
    }
    return token_issuer.sign(LOGOUT_TOKEN_TYPE, claims, client.id_token_signed_response_alg, now)
