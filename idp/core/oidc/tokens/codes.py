"""Codes: an authorization code is redeemed once, by its own client, with the proof it was asked for (RFC 6749 4.1.3)."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from idp.core.audit import Audit
from idp.core.events import CodeReplayed
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.form import Form
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import Mint

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchange:
    """What the token request says about its code."""

    code: str = field(repr=False)
    redirect_uri: str
    code_verifier: str | None = field(repr=False)

    @classmethod
    def read(cls, form: Form, client: Client) -> Self:
        """Raises Refused for what is missing or malformed; a verifier may only be missing where PKCE was waived."""
        verifier = form.get("code_verifier") if client.require_pkce else form.find("code_verifier")
        if verifier is not None and not _VERIFIER.fullmatch(verifier):
            raise Refused(code="invalid_request", description="The code_verifier has the wrong form (RFC 7636 4.1)")
        return cls(code=form.get("code"), redirect_uri=form.get("redirect_uri"), code_verifier=verifier)


def refuse_grant(detail: str) -> Refused:
    """One answer for every code and refresh token that does not work; the reason is for the log only."""
    return Refused(code="invalid_grant", description="The grant is unknown, expired, revoked or used", detail=detail)


def redeem(
    exchange: CodeExchange,
    *,
    client: Client,
    jkt: str | None,
    grants: Grants,
    audit: Audit,
    mint: Mint,
    now: datetime,
) -> LiveGrant:
    """Use the code up, then check what it was bound to: a code tried with a wrong proof is spent.

    A replay by the same client revokes the grant and with it all tokens (RFC 6749 4.1.2). Raises Refused.
    """
    grant_id = mint.sealer.read_code(exchange.code)
    if grant_id is None:
        raise refuse_grant("no code of ours")
    live = grants.redeem_code(grant_id, client.client_id, now, dpop_jkt=jkt)
    if live is None:
        if grants.revoke_replayed(grant_id, client.client_id, now):
            audit.record(CodeReplayed(client_id=client.client_id, grant_id=grant_id), now)
        raise refuse_grant("the code is expired, used, revoked, of another client or of another key")
    if not hmac.compare_digest(exchange.redirect_uri.encode(), live.grant.redirect_uri.encode()):
        raise refuse_grant("redirect_uri is not the request's")
    if not _is_proved(exchange.code_verifier, live.grant.code_challenge):
        raise refuse_grant("code_verifier does not fit")
    return live


def _is_proved(verifier: str | None, challenge: str) -> bool:
    """S256 only (RFC 7636 4.6); a verifier without a challenge is a downgrade (RFC 9700 4.8.2)."""
    if verifier is None or not challenge:
        return verifier is None and not challenge
    ours = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(ours, challenge.encode())
