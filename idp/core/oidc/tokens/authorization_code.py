"""Authorization code: a grant type. A code is redeemed once, by its own client, with its proof (RFC 6749 4.1.3)."""

import hmac
import re
from dataclasses import dataclass, field
from typing import Self

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from idp.core.events import CodeReplayed
from idp.core.oidc.clients.client import AUTHORIZATION_CODE, Client
from idp.core.oidc.diagnosis import differs
from idp.core.oidc.parameters import Form
from idp.core.oidc.tokens.grant import Grant, LiveGrant
from idp.core.oidc.tokens.refresh_token import first_refresh_token
from idp.core.oidc.tokens.token_request import TokenRequest, TokenResponse, issue_tokens, refuse_grant

GRANT_TYPE = AUTHORIZATION_CODE

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchange:
    """What the token request says about its code."""

    code: str = field(repr=False)
    redirect_uri: str
    code_verifier: str | None = field(repr=False)
    """None: missing, which is one more wrong proof and no error of form (RFC 7636 4.6)."""

    @classmethod
    def read(cls, form: Form) -> Self:
        """Raises Refused for a code or redirect URI that is missing."""
        return cls(
            code=form.get("code"), redirect_uri=form.get("redirect_uri"), code_verifier=form.find("code_verifier")
        )


def exchange_code(request: TokenRequest) -> TokenResponse:
    """The first tokens of a login. Raises Refused, and NoSigningKey while the code is still good."""
    request.token_issuer.require_signer(request.client.id_token_signed_response_alg, request.now)
    live = redeem(CodeExchange.read(request.form), request)
    response = issue_tokens(request, live, scope=live.grant.scope, nonce=live.grant.nonce)
    refresh_token = first_refresh_token(request, live)
    return response | ({"refresh_token": refresh_token} if refresh_token else {})


def redeem(exchange: CodeExchange, request: TokenRequest) -> LiveGrant:
    """Use the code up, then check what it was bound to: a code tried with a wrong proof is spent.

    A replay by the same client revokes the grant and with it all tokens (RFC 6749 4.1.2). Raises Refused.
    """
    client_id, now = request.client.client_id, request.now
    grant_id = request.token_issuer.reference_tokens.read_code(exchange.code)
    if grant_id is None:
        raise refuse_grant("no code of ours")
    live = request.grants.redeem_code(grant_id, client_id, now, dpop_jkt=request.jkt)
    if live is None:
        if request.grants.revoke_replayed(grant_id, client_id, now):
            request.audit.record(CodeReplayed(client_id=client_id, grant_id=grant_id), now)
        raise refuse_grant("the code is expired, used, revoked, of another client or of another key")
    if not hmac.compare_digest(exchange.redirect_uri.encode(), live.grant.redirect_uri.encode()):
        raise refuse_grant("redirect_uri is not the request's", differs(exchange.redirect_uri, live.grant.redirect_uri))
    if not _is_proved(exchange.code_verifier, live.grant, request.client):
        raise refuse_grant(f"code_verifier {'is missing' if exchange.code_verifier is None else 'does not fit'}")
    return live


def _is_proved(verifier: str | None, grant: Grant, client: Client) -> bool:
    """S256 only (RFC 7636 4.1, 4.6); a verifier without a challenge is a downgrade (RFC 9700 4.8.2)."""
    challenge = grant.code_challenge
    if verifier is None or not challenge:
        return verifier is None and not challenge and client.may_do_without_pkce(grant.nonce)
    well_formed = _VERIFIER.fullmatch(verifier) is not None
    return well_formed and hmac.compare_digest(create_s256_code_challenge(verifier).encode(), challenge.encode())
