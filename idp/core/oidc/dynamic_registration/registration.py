"""Registration: a client registers itself, looks at itself, changes and removes itself (RFC 7591, RFC 7592).

Registering needs an initial access token from an operator; everything after it the client's own registration access
token. Both have 256 random bits and are kept as SHA-256, as are client secrets, and all are told once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from idp.core.audit import Audit
from idp.core.events import (
    ClientChanged,
    ClientChangeRefused,
    ClientDeleted,
    ClientRegistered,
    ClientRegistrationRefused,
)
from idp.core.oidc.bearer import Scheme, challenge
from idp.core.oidc.clients.client import SECRET_METHODS, SubjectType
from idp.core.oidc.dynamic_registration.members import MAX_BODY_LENGTH, MetadataRefused, read_body, refuse
from idp.core.oidc.dynamic_registration.metadata import Terms, read_metadata
from idp.core.oidc.dynamic_registration.ports import ClientConsents, InitialTokens, RegisteredClients
from idp.core.oidc.dynamic_registration.registered_client import (
    CLIENT_ID,
    Admission,
    Change,
    InitialToken,
    RegisteredClient,
    sector_of,
)
from idp.core.oidc.errors import ErrorCode, Refused
from idp.core.oidc.tokens.ports import Grants

INITIAL_TOKEN = "iat_"  # noqa: S105 - a prefix
REGISTRATION_TOKEN = "rat_"  # noqa: S105 - a prefix
CLIENT_DELETED = "client_deleted"

_LONGEST_TOKEN = 200
_RETRY_AFTER_SECONDS = 600
_NOBODY = hashlib.sha256(b"nobody").hexdigest()
_OURS = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")
"""A client does not send these back (RFC 7592 2.2)."""


def new_token(prefix: str) -> str:
    """A fresh access token for registration."""
    return f"{prefix}{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> str:
    """What is kept of a token or secret of 256 random bits: SHA-256, hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_initial_token(
    authorization: str | None, *, initial_tokens: InitialTokens, issuer: str, now: datetime
) -> tuple[InitialToken, str]:
    """The initial access token that was presented, and its hash. Raises Refused with 401."""
    hashed = token_hash(_read_bearer(authorization, issuer))
    found = initial_tokens.find_usable(hashed, now)
    if found is None:
        raise _unauthorized(issuer, "the initial access token is unknown, expired, revoked or used up")
    return found, hashed


def register_client(
    body: bytes,
    initial: tuple[InitialToken, str],
    *,
    terms: Terms,
    registered: RegisteredClients,
    audit: Audit,
    now: datetime,
) -> Mapping[str, Any]:
    """Store a new client and answer with all there is to know about it (RFC 7591 3.2.1). Raises Refused."""
    token, hashed = initial
    try:
        metadata = read_metadata(read_body(body), token.security_profile, terms)
    except MetadataRefused as problem:
        audit.record(ClientRegistrationRefused(initial_token_id=token.id, member=problem.member), now)
        raise _refused(problem) from None
    access_token = new_token(REGISTRATION_TOKEN)
    client = RegisteredClient(
        client_id=f"dcr-{secrets.token_hex(16)}",
        initial_token_id=token.id,
        security_profile=token.security_profile,
        metadata=metadata,
        access_token_hash=token_hash(access_token),
        registered_at=now,
    )
    client, secret = _with_secret(client, terms, now)
    admission = registered.admit(client, hashed, per_hour=terms.per_hour, most=terms.most_clients, now=now)
    match admission:
        case Admission.ADMITTED:
            audit.record(ClientRegistered(**_facts(client)), now)
            return _information(client, access_token, secret, terms.issuer)
        case Admission.REFUSED:
            raise _unauthorized(terms.issuer, "the initial access token was used up by somebody else")
        case Admission.TOO_FAST | Admission.FULL:
            raise _too_many(admission.name.lower())
        case _:
            assert_never(admission)


def find_registered(
    client_id: str, authorization: str | None, *, registered: RegisteredClients, issuer: str
) -> tuple[RegisteredClient, str]:
    """The client that presents its own registration access token, and that token.

    Raises Refused with 401 and one text, whether the client is unknown or the token another's (RFC 7592 2).
    """
    token = _read_bearer(authorization, issuer)
    client = registered.find(client_id) if CLIENT_ID.fullmatch(client_id) else None
    if not hmac.compare_digest(token_hash(token), client.access_token_hash if client else _NOBODY) or client is None:
        raise _unauthorized(issuer, "the registration access token is not this client's")
    return client, token


def read_registered(caller: tuple[RegisteredClient, str], *, issuer: str) -> Mapping[str, Any]:
    """What is registered now (RFC 7592 2.1); the secret is not known any more."""
    client, access_token = caller
    return _information(client, access_token, None, issuer)


def change_registered(
    body: bytes,
    caller: tuple[RegisteredClient, str],
    *,
    terms: Terms,
    registered: RegisteredClients,
    audit: Audit,
    now: datetime,
) -> Mapping[str, Any]:
    """Replace the whole metadata (RFC 7592 2.2). Raises Refused."""
    client, access_token = caller
    try:
        members = read_body(body)
        _check_identity(members, client)
        changed = replace(client, metadata=read_metadata(members, client.security_profile, terms))
        _check_subjects_stay(client, changed)
    except MetadataRefused as problem:
        audit.record(ClientChangeRefused(client_id=client.client_id, member=problem.member), now)
        raise _refused(problem) from None
    changed, secret = _with_secret(changed, terms, now)
    change = registered.change(changed, per_hour=terms.per_hour, now=now)
    match change:
        case Change.CHANGED:
            audit.record(ClientChanged(**_facts(changed), secret_issued=secret is not None), now)
            return _information(changed, access_token, secret, terms.issuer)
        case Change.OVERTAKEN:
            raise Refused(code="invalid_request", description="The client was changed at the same time", status=409)
        case Change.TOO_FAST:
            raise _too_many("too_fast")
        case _:
            assert_never(change)


def remove_registered(
    client: RegisteredClient,
    *,
    registered: RegisteredClients,
    grants: Grants,
    consents: ClientConsents,
    audit: Audit,
    now: datetime,
) -> bool:
    """Delete the client, and with it everything that people allowed it (RFC 7592 2.3). True when it was there."""
    if not registered.remove(client.client_id):
        return False
    revoked = grants.revoke_for_client(client.client_id, now, reason=CLIENT_DELETED)
    withdrawn = consents.withdraw_for_client(client.client_id)
    audit.record(ClientDeleted(**_facts(client), grants_revoked=revoked, consents_withdrawn=withdrawn), now)
    return True


def _read_bearer(authorization: str | None, issuer: str) -> str:
    """The token of the Authorization header, the only place where it is taken from (RFC 6750 2.1)."""
    if authorization is None:
        raise _unauthorized(issuer, "no token", error=None)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST_TOKEN or " " in token:
        raise _unauthorized(issuer, "the Authorization header is no bearer token")
    return token


def _unauthorized(issuer: str, detail: str, error: ErrorCode | None = "invalid_token") -> Refused:
    return Refused(
        code="invalid_token",
        description="A valid access token for registration is needed",
        detail=detail,
        status=401,
        headers={"WWW-Authenticate": challenge(issuer, error, Scheme.BEARER)},
    )


def _refused(problem: MetadataRefused) -> Refused:
    return Refused(code=problem.code, description=f"{problem.member}: {problem.text}", detail=problem.member)


def too_long() -> Refused:
    """What is answered to a body of more than MAX_BODY_LENGTH bytes, which is not read."""
    return Refused(
        code="invalid_client_metadata",
        description=f"body: must have at most {MAX_BODY_LENGTH} bytes",
        detail="body",
        status=413,
    )


def _too_many(detail: str) -> Refused:
    return Refused(
        code="temporarily_unavailable",
        description="Too many registrations; try again later",
        detail=detail,
        status=429,
        headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
    )


def _check_identity(members: Mapping[str, Any], client: RegisteredClient) -> None:
    if any(member in members for member in _OURS):
        refuse("body", f"must not hold {', '.join(_OURS)}")
    if members.get("client_id") != client.client_id:
        refuse("client_id", "must be the client's own")
    if "client_secret" in members:
        given = members["client_secret"]
        known = client.client_secret_hash or _NOBODY
        if not isinstance(given, str) or not hmac.compare_digest(token_hash(given), known):
            refuse("client_secret", "must be the one that was issued last, or be left out")


def _check_subjects_stay(before: RegisteredClient, after: RegisteredClient) -> None:
    """People keep the subjects that the client knows them by (OpenID Connect Core 8: never reassigned)."""
    kinds = {SubjectType(one.metadata["subject_type"]) for one in (before, after)}
    sectors = {sector_of(one.metadata["redirect_uris"]) for one in (before, after)}
    if len(kinds) > 1:
        refuse("subject_type", "cannot be changed, because people would become others; register a new client")
    if SubjectType.PAIRWISE in kinds and len(sectors) > 1:
        refuse("redirect_uris", "must stay on the same host, because people would become others")


def _with_secret(client: RegisteredClient, terms: Terms, now: datetime) -> tuple[RegisteredClient, str | None]:
    """Issue a secret where the method needs one and there is none for long enough; take it away where none is needed."""
    if client.metadata["token_endpoint_auth_method"] not in SECRET_METHODS:
        return replace(client, client_secret_hash=None, client_secret_expires_at=None), None
    expires_at, lifetime = client.client_secret_expires_at, terms.secret_lifetime
    is_old = expires_at is not None and (lifetime is None or expires_at - now < lifetime / 2)
    if client.client_secret_hash is not None and not is_old:
        return client, None
    secret = secrets.token_urlsafe(32)
    ends_at = now + lifetime if lifetime is not None else None
    return replace(client, client_secret_hash=token_hash(secret), client_secret_expires_at=ends_at), secret


def _information(client: RegisteredClient, access_token: str, secret: str | None, issuer: str) -> dict[str, Any]:
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


def _facts(client: RegisteredClient) -> dict[str, Any]:
    """What every event about a registered client says."""
    names = ("client_id", "initial_token_id", "security_profile")
    return {name: getattr(client, name) for name in names}
