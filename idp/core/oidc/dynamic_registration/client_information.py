"""Client information: what a client is told that registers or changes itself, or that it cannot (RFC 7591 3.2)."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from idp.core.oidc.clients.client import SECRET_METHODS
from idp.core.oidc.dynamic_registration.members import MAX_BODY_LENGTH, MetadataRefused
from idp.core.oidc.dynamic_registration.registered_client import RegisteredClient
from idp.core.oidc.dynamic_registration.registration_tokens import token_hash
from idp.core.oidc.errors import Refused

_RETRY_AFTER_SECONDS = 600


def information(client: RegisteredClient, access_token: str, secret: str | None, issuer: str) -> dict[str, Any]:
    """The client information response (RFC 7591 3.2.1, RFC 7592 3)."""
    told: dict[str, Any] = {"client_id": client.client_id, "client_id_issued_at": int(client.registered_at.timestamp())}
    if secret is not None:
        told["client_secret"] = secret
    if client.client_secret_hash is not None:
        expires_at = client.client_secret_expires_at
        told["client_secret_expires_at"] = int(expires_at.timestamp()) if expires_at is not None else 0
    told["registration_access_token"] = access_token
    told["registration_client_uri"] = f"{issuer}/register/{client.client_id}"
    return {**client.metadata, **told}


def with_secret(
    client: RegisteredClient, lifetime: timedelta | None, now: datetime
) -> tuple[RegisteredClient, str | None]:
    """Issue a secret where the method needs one and there is none for long enough; take it away where none is needed."""
    if client.metadata["token_endpoint_auth_method"] not in SECRET_METHODS:
        return replace(client, client_secret_hash=None, client_secret_expires_at=None), None
    expires_at = client.client_secret_expires_at
    is_old = expires_at is not None and (lifetime is None or expires_at - now < lifetime / 2)
    if client.client_secret_hash is not None and not is_old:
        return client, None
    secret = secrets.token_urlsafe(32)
    ends_at = now + lifetime if lifetime is not None else None
    return replace(client, client_secret_hash=token_hash(secret), client_secret_expires_at=ends_at), secret


def facts(client: RegisteredClient) -> dict[str, Any]:
    """What every event about a registered client says."""
    names = ("client_id", "initial_token_id", "security_profile")
    return {name: getattr(client, name) for name in names}


def refused(problem: MetadataRefused) -> Refused:
    """RFC 7591 3.2.2."""
    return Refused(code=problem.code, description=f"{problem.member}: {problem.text}", detail=problem.member)


def too_long() -> Refused:
    """What is answered to a body of more than MAX_BODY_LENGTH bytes, which is not read."""
    return Refused(
        code="invalid_client_metadata",
        description=f"body: must have at most {MAX_BODY_LENGTH} bytes",
        detail="body",
        status=413,
    )


def too_many(detail: str) -> Refused:
    """What is answered to more registrations or changes than the settings allow."""
    return Refused(
        code="temporarily_unavailable",
        description="Too many registrations; try again later",
        detail=detail,
        status=429,
        headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
    )
