"""ID Token: who logged in, when and how, for one client (OpenID Connect Core 2)."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.tokens.claims import event_claims, id_token_claims
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.token_issuer import Mint

ID_TOKEN_TYPE = "JWT"  # noqa: S105 - a media type

_DIGESTS: Mapping[str, str] = {"RS256": "sha256", "PS256": "sha256", "ES256": "sha256", "EdDSA": "sha512"}


def issue_id_token(
    live: LiveGrant,
    client: Client,
    mint: Mint,
    now: datetime,
    *,
    scope: frozenset[str],
    access_token: str,
    nonce: str | None,
) -> str:
    """Sign an ID Token; protocol claims are written last, so that no datum about a person can pass for one.

    `nonce` is the request's at the code exchange, None at a refresh (OpenID Connect Core 12.2).
    """
    alg = client.id_token_signed_response_alg
    protocol = {
        "iss": mint.issuer,
        "sub": subject_for(live.person, client, mint.sealer),
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + client.id_token_lifetime).timestamp()),
        "at_hash": half_hash(access_token, alg),
        **({"nonce": nonce} if nonce is not None else {}),
    }
    claims = {**id_token_claims(live, client, scope), **event_claims(live), **protocol}
    return mint.sign(ID_TOKEN_TYPE, claims, alg, now)


def half_hash(text: str, alg: str) -> str:
    """The left half of the text's hash, by the algorithm of the signature (OpenID Connect Core 3.1.3.6).

    Raises KeyError for an algorithm we do not sign with, rather than leaving the claim out.
    """
    digest = hashlib.new(_DIGESTS[alg], text.encode("ascii")).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
