"""Revocation: a client gives back a token, and with it the whole grant (RFC 7009)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.events import GrantRevoked
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.tokens.access_token import find_access_token
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer

_REASON = "revoked_by_client"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken:
    """Revoke the grant behind an access or refresh token of the client that asks."""

    grants: Grants
    audit: Audit
    token_issuer: Callable[[], TokenIssuer]

    def __call__(self, token: str, client: Client, now: datetime) -> None:
        """Raises Refused for another client's token.

        A token that is unknown or over needs no revocation and is no error (RFC 7009 2.2). `token_type_hint` is not
        needed: our tokens say what they are.
        """
        grant_id = _find_grant_id(token, self.token_issuer(), now)
        if grant_id is None:
            return
        owner = self.grants.client_of(grant_id, now)
        if owner is None:
            return
        if owner != client.client_id:
            raise Refused(code="invalid_request", description="The token belongs to another client")
        person_id = self.grants.give_back(grant_id, client.client_id, now, reason=_REASON)
        if person_id is None:
            return  # another request was first, and has told of it
        given_back = GrantRevoked(person_id=person_id, client_id=client.client_id, grant_id=grant_id, reason=_REASON)
        self.audit.record(given_back, now)


def _find_grant_id(token: str, token_issuer: TokenIssuer, now: datetime) -> str | None:
    refresh = token_issuer.reference_tokens.read_refresh_token(token)
    if refresh is not None:
        return refresh.grant_id
    access = find_access_token(token, token_issuer, now)
    return access.grant_id if access else None
