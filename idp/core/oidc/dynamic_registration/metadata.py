"""Registration metadata: what a client says of itself when it registers, read into the members that are in force.

Three readings in order: the shape of each member, Authlib's claims against our own discovery document, then our rules,
which are those that the libraries leave out: addresses tied to the kind of application, no address that we would have to
fetch, keys by value, names that are nobody else's. What we do not know is ignored (RFC 7591 2). No refusal repeats input.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc7591 import ClientMetadataClaims
from authlib.oidc.registration import ClientMetadataClaims as OpenIdClientMetadataClaims
from joserfc.errors import ClaimError

from idp.core.oidc.claims.scopes import OFFLINE_ACCESS
from idp.core.oidc.clients.client import (
    AUTHORIZATION_CODE,
    REFRESH_TOKEN,
    SECRET_METHODS,
    AuthMethod,
    Client,
    SecurityProfile,
    SubjectType,
)
from idp.core.oidc.clients.metadata import MetadataProblems
from idp.core.oidc.clients.profile import PROFILES
from idp.core.oidc.dynamic_registration.addresses import check_addresses, hosts_of
from idp.core.oidc.dynamic_registration.members import (
    MetadataRefused,
    refuse,
    refuse_what_is_not_done,
    shaped,
)
from idp.core.oidc.dynamic_registration.names import ReservedNames, check_names
from idp.core.oidc.dynamic_registration.registered_client import RegisteredClient, as_client


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms this provider registers clients."""

    issuer: str
    sandbox: bool
    offered: Mapping[str, Any]
    """Our discovery document."""
    scopes: tuple[str, ...]
    """What a registered client may ask for; never the personal number."""
    reserved_names: ReservedNames
    secret_lifetime: timedelta | None
    per_hour: int
    """Registrations with one initial access token, and changes of one client."""
    most_clients: int


def read_metadata(members: Mapping[str, Any], profile: SecurityProfile, terms: Terms) -> dict[str, Any]:
    """The members in force, defaults included, in one order. Raises MetadataRefused."""
    refuse_what_is_not_done(members)
    kept = shaped(members)
    _check_against_discovery(kept, terms)
    rules = PROFILES[profile]
    confidential = AuthMethod.CLIENT_SECRET_BASIC in rules.auth_methods_allowed
    by_default = AuthMethod.CLIENT_SECRET_BASIC if confidential else AuthMethod.PRIVATE_KEY_JWT
    read = {
        "application_type": "web",
        "response_types": ["code"],
        "grant_types": [AUTHORIZATION_CODE],
        "token_endpoint_auth_method": by_default.value,
        "subject_type": rules.defaults.subject_type.value,
        "id_token_signed_response_alg": rules.defaults.id_token_signed_response_alg,
        **kept,
    }
    if "redirect_uris" not in read:
        refuse("redirect_uris", "is missing")
    check_addresses(read, sandbox=terms.sandbox)
    read.setdefault("client_name", next(iter(sorted(hosts_of(read["redirect_uris"]))), "Registered client")[:60])
    check_names(read, terms.reserved_names)
    read["scope"] = _scope(read, terms)
    _check_subject(read, rules.defaults.subject_type)
    client = _as_client(read, profile, terms)
    if client.id_token_signed_response_alg not in terms.offered["id_token_signing_alg_values_supported"]:
        refuse("id_token_signed_response_alg", "has no active key at present")
    return read | _derived(client)


def _check_against_discovery(kept: Mapping[str, Any], terms: Terms) -> None:
    """Nothing that the discovery document does not offer. Keys, scope and redirect addresses have their own rules."""
    told = {name: value for name, value in kept.items() if name not in {"jwks", "scope", "redirect_uris"}}
    for claims in (ClientMetadataClaims, OpenIdClientMetadataClaims):
        try:
            claims(dict(told), {}, claims.get_claims_options(terms.offered), terms.offered).validate()
        except ClaimError as refused:
            refuse(refused.claim, "has a value that the discovery document does not offer")


def _scope(read: Mapping[str, Any], terms: Terms) -> str:
    """What it requested, as far as it may; everything it may when it requested nothing (RFC 7591 2, `scope`)."""
    requested = read["scope"].split() if "scope" in read else terms.scopes
    may_refresh = REFRESH_TOKEN in read["grant_types"]
    granted = [
        word for word in dict.fromkeys(requested) if word in terms.scopes and (may_refresh or word != OFFLINE_ACCESS)
    ]
    if "openid" not in granted:
        refuse("scope", "must hold openid")
    return " ".join(granted)


def _check_subject(read: Mapping[str, Any], usual: SubjectType) -> None:
    """Pairwise means one sector, and whose it is must be seen without fetching anything (OpenID Connect Core 8.1)."""
    if read["subject_type"] == SubjectType.PUBLIC and usual is SubjectType.PAIRWISE:
        refuse("subject_type", "is pairwise for clients that register themselves")
    https_hosts = hosts_of(read["redirect_uris"])
    if read["subject_type"] == SubjectType.PAIRWISE and len(https_hosts) > 1:
        refuse("redirect_uris", "must share one host, because pairwise subjects belong to one sector")


def _as_client(read: Mapping[str, Any], profile: SecurityProfile, terms: Terms) -> Client:
    """The client that these members make, by every rule that holds for client files."""
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    candidate = RegisteredClient(
        client_id="candidate",
        initial_token_id="",
        security_profile=profile,
        metadata=read,
        access_token_hash="",
        registered_at=beginning,
    )
    if read["token_endpoint_auth_method"] in SECRET_METHODS:
        candidate = replace(candidate, client_secret_hash="0" * 64)
    try:
        return as_client(candidate, issuer=terms.issuer, sandbox=terms.sandbox, now=beginning)
    except MetadataProblems as problems:
        member = problems.problems[0].member.partition(".")[0]
        member = _SINGULAR.get(member, member)
        raise MetadataRefused(member, _WHY.get(member, "has a value that is not accepted")) from None


_SINGULAR: Mapping[str, str] = {
    "client_names": "client_name",
    "token_endpoint_auth_methods": "token_endpoint_auth_method",
    "client_secret_hash": "token_endpoint_auth_method",
    "token_endpoint_auth_signing_algs": "token_endpoint_auth_signing_alg",
    "request_object_signing_algs": "request_object_signing_alg",
}
_WHY: Mapping[str, str] = {
    "token_endpoint_auth_method": "is not one that this initial access token allows",
    "jwks": "must hold public signing keys that fit the algorithms, as private_key_jwt and request objects need them",
    "grant_types": "must hold authorization_code and may hold refresh_token where the profile has it",
    "frontchannel_logout_uri": "must share scheme, host and port with one of redirect_uris",
}


def _derived(client: Client) -> dict[str, Any]:
    """What the profile added, so that the client is told (RFC 7591 3.2.1)."""
    derived: dict[str, Any] = {
        "require_pushed_authorization_requests": client.require_pushed_authorization_requests,
        "dpop_bound_access_tokens": client.dpop_bound_access_tokens,
    }
    if client.userinfo_signed_response_alg is not None:
        derived["userinfo_signed_response_alg"] = client.userinfo_signed_response_alg
    return derived
