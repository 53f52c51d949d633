"""Revocation: a client gives back a token, and with it the whole grant (RFC 7009)."""

from datetime import datetime

from idp.core.audit import Audit
from idp.core.events import GrantRevoked
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.tokens.access_token import find_access_token
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import Mint

_REASON = "revoked_by_client"


def revoke_token(token: str, client: Client, *, grants: Grants, audit: Audit, mint: Mint, now: datetime) -> None:
    """Revoke the grant behind an access or refresh token of this client.

    A token that is unknown or over needs no revocation and is no error (RFC 7009 2.2). Raises Refused for another
    client's token. `token_type_hint` is not needed: our tokens say what they are.
    """
    grant_id = _find_grant_id(token, mint, now)
    live = grants.find_live(grant_id, now) if grant_id else None
    if live is None:
        return
    if live.grant.client_id != client.client_id:
        raise Refused(code="invalid_request", description="The token belongs to another client")
    grants.revoke(live.grant.id, now, reason=_REASON)
    given_back = GrantRevoked(
        person_id=live.grant.person_id, client_id=client.client_id, grant_id=live.grant.id, reason=_REASON
    )
    audit.record(given_back, now)


def _find_grant_id(token: str, mint: Mint, now: datetime) -> str | None:
    refresh = mint.sealer.read_refresh_token(token)
    if refresh is not None:
        return refresh.grant_id
    access = find_access_token(token, mint, now)
    return access.grant_id if access else None
