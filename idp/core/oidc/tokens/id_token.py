"""ID Token: who logged in, when and how, for one client (OpenID Connect Core 2)."""

from datetime import datetime

from authlib.oidc.core.util import create_half_hash

from idp.core.oidc.claims.release import event_claims, id_token_claims
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.keys.algorithms import get_algorithm
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.token_issuer import TokenIssuer

ID_TOKEN_TYPE = "JWT"  # noqa: S105 - a media type


def issue_id_token(
    live: LiveGrant,
    client: Client,
    token_issuer: TokenIssuer,
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
        "iss": token_issuer.issuer,
        "sub": subject_for(live.person, client, token_issuer.reference_tokens),
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + client.id_token_lifetime).timestamp()),
        "at_hash": half_hash(access_token, alg),
        **({"nonce": nonce} if nonce is not None else {}),
    }
    claims = {**id_token_claims(live, client, scope), **event_claims(live, client), **protocol}
    return token_issuer.sign(ID_TOKEN_TYPE, claims, alg, now)


def half_hash(text: str, alg: str) -> str:
    """The left half of the text's hash, by the algorithm of the signature (OpenID Connect Core 3.1.3.6).

    Raises ValueError for an algorithm we do not sign with: Authlib would give None, and the claim be left out.
    """
    half = create_half_hash(text, get_algorithm(alg).name)
    if half is None:
        raise ValueError(f"no half hash for {alg}")
    return str(half, "ascii")
