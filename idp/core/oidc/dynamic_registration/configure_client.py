"""Configure a client: one that registered itself looks at itself and changes itself (RFC 7592 2)."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from idp.core.audit_log import Audit
from idp.core.client_events import ClientChanged, ClientChangeRefused
from idp.core.oidc.clients.client import SubjectType
from idp.core.oidc.dynamic_registration.client_information import facts, information, refused, too_many, with_secret
from idp.core.oidc.dynamic_registration.members import MetadataRefused, read_body, refuse
from idp.core.oidc.dynamic_registration.metadata import Terms, read_metadata
from idp.core.oidc.dynamic_registration.ports import RegisteredClients
from idp.core.oidc.dynamic_registration.registered_client import CLIENT_ID, Change, RegisteredClient, sector_of
from idp.core.oidc.dynamic_registration.registration_tokens import NOBODYS_HASH, read_bearer, token_hash, unauthorized
from idp.core.oidc.errors import Refused

_OURS = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")
"""A client does not send these back (RFC 7592 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The client that presented its own registration access token."""

    client: RegisteredClient
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureClient:
    """What a registered client may do to itself; see `remove_client` for its end."""

    issuer: str
    terms: Callable[[], Terms]
    registered: RegisteredClients
    audit: Audit

    def caller(self, client_id: str, authorization: str | None) -> Caller:
        """Who is calling.

        Raises Refused with 401 and one text, whether the client is unknown or the token another's (RFC 7592 2).
        """
        token = read_bearer(authorization, self.issuer)
        client = self.registered.find(client_id) if CLIENT_ID.fullmatch(client_id) else None
        known = client.access_token_hash if client else NOBODYS_HASH
        if not hmac.compare_digest(token_hash(token), known) or client is None:
            raise unauthorized(self.issuer, "the registration access token is not this client's")
        return Caller(client=client, access_token=token)

    def read(self, caller: Caller) -> Mapping[str, Any]:
        """What is registered now (RFC 7592 2.1); the secret is not known any more."""
        return information(caller.client, caller.access_token, None, self.issuer)

    def change(self, body: bytes, caller: Caller, now: datetime) -> Mapping[str, Any]:
        """Replace the whole metadata (RFC 7592 2.2). Raises Refused."""
        client, terms = caller.client, self.terms()
        try:
            members = read_body(body)
            _check_identity(members, client)
            changed = replace(client, metadata=read_metadata(members, client.security_profile, terms))
            _check_subjects_stay(client, changed)
        except MetadataRefused as problem:
            self.audit.record(ClientChangeRefused(client_id=client.client_id, member=problem.member), now)
            raise refused(problem) from None
        changed, secret = with_secret(changed, terms.secret_lifetime, now)
        change = self.registered.change(changed, per_hour=terms.per_hour, now=now)
        match change:
            case Change.CHANGED:
                self.audit.record(ClientChanged(**facts(changed), secret_issued=secret is not None), now)
                return information(changed, caller.access_token, secret, self.issuer)
            case Change.OVERTAKEN:
                raise Refused(code="invalid_request", description="The client was changed at the same time", status=409)
            case Change.TOO_FAST:
                raise too_many("too_fast")
            case _:
                assert_never(change)


def _check_identity(members: Mapping[str, Any], client: RegisteredClient) -> None:
    if any(member in members for member in _OURS):
        refuse("body", f"must not hold {', '.join(_OURS)}")
    if members.get("client_id") != client.client_id:
        refuse("client_id", "must be the client's own")
    if "client_secret" in members:
        given = members["client_secret"]
        known = client.client_secret_hash or NOBODYS_HASH
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
