"""Register a client: the holder of an initial access token makes itself a client (RFC 7591 3)."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from idp.core.audit_log import Audit
from idp.core.client_events import ClientRegistered, ClientRegistrationRefused
from idp.core.oidc.dynamic_registration.client_information import facts, information, refused, too_many, with_secret
from idp.core.oidc.dynamic_registration.members import MetadataRefused, read_body
from idp.core.oidc.dynamic_registration.metadata import Terms, read_metadata
from idp.core.oidc.dynamic_registration.ports import InitialTokens, RegisteredClients
from idp.core.oidc.dynamic_registration.registered_client import Admission, InitialToken, RegisteredClient
from idp.core.oidc.dynamic_registration.registration_tokens import (
    REGISTRATION_TOKEN,
    new_token,
    read_bearer,
    token_hash,
    unauthorized,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The initial access token that was presented."""

    token: InitialToken
    token_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClient:
    """Store a new client and answer with all there is to know about it (RFC 7591 3.2.1)."""

    issuer: str
    terms: Callable[[], Terms]
    initial_tokens: InitialTokens
    registered: RegisteredClients
    audit: Audit

    def permission(self, authorization: str | None, now: datetime) -> Permission:
        """What the Authorization header holds, before anything of the body is read. Raises Refused with 401."""
        hashed = token_hash(read_bearer(authorization, self.issuer))
        token = self.initial_tokens.find_usable(hashed, now)
        if token is None:
            raise unauthorized(self.issuer, "the initial access token is unknown, expired, revoked or used up")
        return Permission(token=token, token_hash=hashed)

    def __call__(self, body: bytes, permission: Permission, now: datetime) -> Mapping[str, Any]:
        """Raises Refused."""
        token, terms = permission.token, self.terms()
        try:
            metadata = read_metadata(read_body(body), token.security_profile, terms)
        except MetadataRefused as problem:
            self.audit.record(ClientRegistrationRefused(initial_token_id=token.id, member=problem.member), now)
            raise refused(problem) from None
        access_token = new_token(REGISTRATION_TOKEN)
        client = RegisteredClient(
            client_id=f"dcr-{secrets.token_hex(16)}",
            initial_token_id=token.id,
            security_profile=token.security_profile,
            metadata=metadata,
            access_token_hash=token_hash(access_token),
            registered_at=now,
        )
        client, secret = with_secret(client, terms.secret_lifetime, now)
        admission = self.registered.admit(
            client, permission.token_hash, per_hour=terms.per_hour, most=terms.most_clients, now=now
        )
        match admission:
            case Admission.ADMITTED:
                self.audit.record(ClientRegistered(**facts(client)), now)
                return information(client, access_token, secret, self.issuer)
            case Admission.REFUSED:
                raise unauthorized(self.issuer, "the initial access token was used up by somebody else")
            case Admission.TOO_FAST | Admission.FULL:
                raise too_many(admission.name.lower())
            case _:
                assert_never(admission)
