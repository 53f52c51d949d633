"""Refresh: a token family that forgives a lost answer and dies of a stolen token (RFC 9700 4.14; FAPI 2.0 5.3.2.1).

A refresh token of a public client without a key is replaced at every use. Its immediate predecessor gives the very same
successor again for a short while, because mobile networks lose answers; anything older is a copy in foreign hands, and
ends the grant. A token bound to a key, or to a client that authenticates, stays the same.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.audit import Audit
from idp.core.events import RefreshTokenReused
from idp.core.oidc.clients.client import Client
from idp.core.oidc.keys.reference_tokens import RefreshReference
from idp.core.oidc.tokens.codes import refuse_grant
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import Mint

GRACE = timedelta(seconds=60)
MOST_RETRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """A grant that may go on, and the refresh token to give with it."""

    live: LiveGrant
    refresh_token: str


def first_refresh_token(live: LiveGrant, client: Client, mint: Mint, now: datetime, jkt: str | None) -> str | None:
    """The refresh token that comes with the code's tokens, or None when the grant has none."""
    ends_at = live.grant.refresh_expires_at
    if ends_at is None or ends_at <= now or "refresh_token" not in client.grant_types:
        return None
    rotates = client.rotates_refresh(bound=(jkt or live.grant.dpop_jkt) is not None)
    return mint.sealer.refresh_token_for(
        RefreshReference(grant_id=live.grant.id, generation=live.grant.generation, rotates=rotates)
    )


def refresh(
    refresh_token: str,
    *,
    client: Client,
    jkt: str | None,
    grants: Grants,
    audit: Audit,
    mint: Mint,
    now: datetime,
) -> Refreshed:
    """Let a grant go on. Raises Refused, and revokes the grant when an old generation is presented."""
    reference = mint.sealer.read_refresh_token(refresh_token)
    if reference is None:
        raise refuse_grant("no refresh token of ours")
    if not reference.rotates:
        live = grants.reuse_refresh(reference.grant_id, client.client_id, reference.generation, now)
        if live is None:
            raise refuse_grant("the refresh token is expired, revoked or of another client")
        _check_key(live, client, jkt)
        return Refreshed(live=live, refresh_token=refresh_token)
    live = grants.rotate_refresh(reference.grant_id, client.client_id, reference.generation, now)
    if live is None:
        live = grants.repeat_refresh(
            reference.grant_id, client.client_id, reference.generation, now, grace=GRACE, most=MOST_RETRIES
        )
    if live is None:
        _revoke_if_reused(reference, client, grants, audit, now)
        raise refuse_grant("the refresh token is old, expired, revoked or of another client")
    successor = RefreshReference(grant_id=reference.grant_id, generation=reference.generation + 1, rotates=True)
    return Refreshed(live=live, refresh_token=mint.sealer.refresh_token_for(successor))


def _check_key(live: LiveGrant, client: Client, jkt: str | None) -> None:
    """A public client's refresh token is bound to its key; a confidential client may change keys (RFC 9449 5)."""
    bound = live.grant.dpop_jkt
    if bound is None or (jkt is not None and not client.is_public):
        return
    if jkt is None or not hmac.compare_digest(bound, jkt):
        raise refuse_grant("the proof is missing or of another key")


def _revoke_if_reused(reference: RefreshReference, client: Client, grants: Grants, audit: Audit, now: datetime) -> None:
    """Only a generation that is over, in its own client's hands, is reuse; a foreign client must not end a grant."""
    live = grants.find_live(reference.grant_id, now)
    if live is None or live.grant.client_id != client.client_id or live.grant.generation <= reference.generation:
        return
    grants.revoke(reference.grant_id, now, reason="refresh_token_reuse")
    reused = RefreshTokenReused(
        person_id=live.grant.person_id,
        client_id=client.client_id,
        grant_id=reference.grant_id,
        generation=reference.generation,
    )
    audit.record(reused, now)
