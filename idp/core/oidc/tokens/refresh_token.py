"""Refresh token: a grant type. A family of tokens forgives a lost answer and dies of a stolen token.

(RFC 9700 4.14; FAPI 2.0 Security Profile 5.3.2.1.) A refresh token of a public client without a key is replaced at every
use. Its immediate predecessor gives the very same successor again for a short while, because mobile networks lose
answers; anything older is a copy in foreign hands, and ends the grant. A token bound to a key, or to a client that
authenticates, stays the same.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from idp.core.events import RefreshTokenReused
from idp.core.oidc.clients.client import REFRESH_TOKEN, Client
from idp.core.oidc.keys.reference_tokens import RefreshReference
from idp.core.oidc.tokens.access_token import choose_resources, choose_scope
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.token_request import TokenRequest, TokenResponse, issue_tokens, refuse_grant

GRANT_TYPE = REFRESH_TOKEN

GRACE = timedelta(seconds=60)
MOST_RETRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """A grant that may go on, and the refresh token to give with it."""

    live: LiveGrant
    refresh_token: str


def refresh(request: TokenRequest) -> TokenResponse:
    """New tokens of an old login. Raises Refused."""
    presented = request.form.get("refresh_token")
    _check_options(presented, request)
    refreshed = continue_grant(presented, request)
    scope = choose_scope(request.form.find("scope"), refreshed.live.grant.scope)
    response = issue_tokens(request, refreshed.live, scope=scope, nonce=None)
    return response | {"refresh_token": refreshed.refresh_token}


def first_refresh_token(request: TokenRequest, live: LiveGrant) -> str | None:
    """The refresh token that comes with the code's tokens, or None when the grant has none."""
    ends_at = live.grant.refresh_expires_at
    if ends_at is None or ends_at <= request.now or GRANT_TYPE not in request.client.grant_types:
        return None
    rotates = request.client.rotates_refresh(bound=(request.jkt or live.grant.dpop_jkt) is not None)
    return request.token_issuer.reference_tokens.refresh_token_for(
        RefreshReference(grant_id=live.grant.id, generation=live.grant.generation, rotates=rotates)
    )


def continue_grant(presented: str, request: TokenRequest) -> Refreshed:
    """Let a grant go on. Raises Refused, and revokes the grant when an old generation is presented."""
    client, grants, now = request.client, request.grants, request.now
    reference = request.token_issuer.reference_tokens.read_refresh_token(presented)
    if reference is None:
        raise refuse_grant("no refresh token of ours")
    if not reference.rotates:
        live = grants.reuse_refresh(reference.grant_id, client.client_id, reference.generation, now)
        if live is None:
            raise refuse_grant("the refresh token is expired, revoked or of another client")
        _check_key(live, client, request.jkt)
        return Refreshed(live=live, refresh_token=presented)
    live = grants.rotate_refresh(reference.grant_id, client.client_id, reference.generation, now)
    if live is None:
        live = grants.repeat_refresh(
            reference.grant_id, client.client_id, reference.generation, now, grace=GRACE, most=MOST_RETRIES
        )
    if live is None:
        _revoke_if_reused(reference, request)
        raise refuse_grant("the refresh token is old, expired, revoked or of another client")
    successor = RefreshReference(grant_id=reference.grant_id, generation=reference.generation + 1, rotates=True)
    return Refreshed(live=live, refresh_token=request.token_issuer.reference_tokens.refresh_token_for(successor))


def _check_options(presented: str, request: TokenRequest) -> None:
    """Refuse what goes beyond the grant before the refresh token is replaced for it: the answer would be lost with it."""
    scope, resources = request.form.find("scope"), request.form.all("resource")
    if scope is None and not resources and len(request.client.resources) <= 1:
        return
    reference = request.token_issuer.reference_tokens.read_refresh_token(presented)
    live = request.grants.find_live(reference.grant_id, request.now) if reference else None
    if live is not None and live.grant.client_id == request.client.client_id:
        choose_scope(scope, live.grant.scope)
        choose_resources(resources, live, request.client)


def _check_key(live: LiveGrant, client: Client, jkt: str | None) -> None:
    """A public client's refresh token is bound to its key; a confidential client may change keys (RFC 9449 5)."""
    bound = live.grant.dpop_jkt
    if bound is None or (jkt is not None and not client.is_public):
        return
    if jkt is None or not hmac.compare_digest(bound, jkt):
        raise refuse_grant("the proof is missing or of another key")


def _revoke_if_reused(reference: RefreshReference, request: TokenRequest) -> None:
    """Only a generation that is over, in its own client's hands, is reuse; a foreign client must not end a grant.

    Nor does the client's own request that hung while its retry went through: it arrived before the token was replaced.
    """
    client_id, now = request.client.client_id, request.now
    person_id = request.grants.revoke_reused(reference.grant_id, client_id, reference.generation, now)
    if person_id is None:
        return
    reused = RefreshTokenReused(
        client_id=client_id, person_id=person_id, grant_id=reference.grant_id, generation=reference.generation
    )
    request.audit.record(reused, now)
