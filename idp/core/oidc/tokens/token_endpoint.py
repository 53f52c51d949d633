"""Token endpoint: who may ask with which grant type, and what is answered (RFC 6749 3.2; OpenID Connect Core 3.1.3, 12)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.oidc.clients.client import Client
from idp.core.oidc.diagnosis import differs, not_registered
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import Form
from idp.core.oidc.tokens import authorization_code, refresh_token
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.core.oidc.tokens.token_request import TokenRequest, TokenResponse

GRANT_TYPES: Mapping[str, Callable[[TokenRequest], TokenResponse]] = {
    authorization_code.GRANT_TYPE: authorization_code.exchange_code,
    refresh_token.GRANT_TYPE: refresh_token.refresh,
}
"""Each is one file of this room. Which clients may use it is their profile's matter (`clients/profile.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTokenRequest:
    """Answer an authenticated client with tokens, by grant type."""

    grants: Grants
    audit: Audit
    token_issuer: Callable[[], TokenIssuer]

    def __call__(self, form: Form, client: Client, jkt: str | None, now: datetime) -> TokenResponse:
        """Raises Refused. `jkt` is the thumbprint of the key that the client proved, if any."""
        grant_type = form.get("grant_type")
        if grant_type not in GRANT_TYPES:
            raise Refused(
                code="unsupported_grant_type",
                description="The grant type is not supported",
                diagnosis=differs(grant_type, " or ".join(GRANT_TYPES)),
            )
        if grant_type not in client.grant_types:
            raise Refused(
                code="unauthorized_client",
                description="The client may not use this grant type",
                diagnosis=not_registered("grant_types", [grant_type], client.grant_types),
            )
        request = TokenRequest(
            form=form,
            client=client,
            jkt=_require_key(client, jkt),
            now=now,
            grants=self.grants,
            audit=self.audit,
            token_issuer=self.token_issuer(),
        )
        _check_early(form, client)
        return GRANT_TYPES[grant_type](request)


def _require_key(client: Client, jkt: str | None) -> str | None:
    """The key that tokens are bound to; a client registered for bound tokens never gets others (RFC 9449 5.2)."""
    if client.dpop_bound_access_tokens and jkt is None:
        raise Refused(code="invalid_dpop_proof", description="A DPoP proof is required")
    return jkt if client.dpop_allowed else None


def _check_early(form: Form, client: Client) -> None:
    """Refuse what no grant of this client can allow before a code or refresh token is used for it."""
    if unknown := set(form.all("resource")) - client.resources:
        raise Refused(
            code="invalid_target",
            description="The client may not use this resource",
            diagnosis=not_registered("resources", unknown, client.resources),
        )
