"""What a client's file means, in words, for the person who has to approve it."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from idp.core.oidc.claims.scopes import NATURAL_PERSON_NUMBER, PHONE
from idp.core.oidc.clients.client import AuthMethod, Client, SubjectType


def explain(client: Client) -> list[str]:
    """One sentence per thing that follows from the file, the most important first."""
    return [
        *_identity(client),
        *_requests(client),
        *_people(client),
        *_tokens(client),
        *_logout(client),
    ]


def _identity(client: Client) -> Iterator[str]:
    state = " It is DISABLED: nobody can use it." if client.disabled else ""
    yield f"{client.client_id}: people see it as “{client.client_name}”; profile {client.security_profile}.{state}"
    yield {
        True: "It keeps no secret: it proves itself by PKCE and its redirect address only.",
        False: f"It proves itself with {_list(client.token_endpoint_auth_methods)}.",
    }[client.is_public]
    if AuthMethod.PRIVATE_KEY_JWT in client.token_endpoint_auth_methods:
        kids = [str(key.get("kid", "without kid")) for key in client.jwks["keys"]]
        yield f"Its keys: {_list(kids)}; algorithms {_list(client.token_endpoint_auth_signing_algs)}."
        yield f"Its assertions are meant for exactly {_list(client.assertion_audiences)}."
    if len(client.client_secret_hashes) > 1:
        yield "Two secrets are valid while one replaces the other."


def _requests(client: Client) -> Iterator[str]:
    yield f"People are sent back to exactly: {_list(client.redirect_uris)}."
    if client.is_native and any(uri.startswith("http://") for uri in client.redirect_uris):
        yield "It is a native app: on 127.0.0.1 and [::1] the port may differ, nothing else."
    yield "PKCE with S256 is required." if client.require_pkce else "PKCE is NOT required: it must check its nonce."
    if client.require_pushed_authorization_requests:
        yield "Every request must be pushed first (PAR)."
    if client.request_object_signing_algs:
        must = "must" if client.require_signed_request_object else "may"
        yield f"Requests {must} be signed with {_list(client.request_object_signing_algs)}."
    if client.reidentify_without_prompt:
        yield "Every request without prompt asks for BankID again."
    if client.user_message_allowed:
        yield "It may show its own message in the BankID app."


def _people(client: Client) -> Iterator[str]:
    yield f"It may ask for: {_list(client.scopes)}."
    yield (
        "Nobody is asked for consent: it is ours."
        if client.first_party
        else "People are asked for consent, and it is remembered."
    )
    yield (
        "Only people with a linked customer number get in."
        if client.require_customer_link
        else "People need no customer number."
    )
    if client.personal_number_allowed and NATURAL_PERSON_NUMBER in client.scopes:
        yield "It can get the PERSONAL IDENTITY NUMBER."
    if client.policy_uri or client.tos_uri:
        yield f"The page that asks for consent links to {_list(filter(None, (client.policy_uri, client.tos_uri)))}."
    if client.evidence_claims_allowed:
        yield "It can get BankID's signature, which holds the PERSONAL IDENTITY NUMBER, OCSP answer and the device's address."
    if client.subject_type is SubjectType.PAIRWISE:
        yield f"It knows each person by a separate subject (sector {client.sector_identifier})."
    yield from _contact(client)
    yield f"One login counts for all clients of the group “{client.sso_group}”."


def _contact(client: Client) -> Iterator[str]:
    if client.unconfirmed_contact_allowed:
        yield "It gets the e-mail address and telephone number that a person TYPED, confirmed or not."
        return
    yield "It gets an e-mail address only once the person has confirmed it."
    if PHONE in client.scopes:
        yield f"Its scope {PHONE} opens nothing: no telephone number is ever confirmed."


def _tokens(client: Client) -> Iterator[str]:
    yield (
        f"ID Tokens are signed with {client.id_token_signed_response_alg} and live {_time(client.id_token_lifetime)}; "
        f"access tokens live {_time(client.access_token_lifetime)}."
    )
    if client.userinfo_signed_response_alg:
        yield f"UserInfo is signed with {client.userinfo_signed_response_alg}."
    if client.dpop_bound_access_tokens:
        yield "Tokens are always bound to the client's DPoP key."
    if client.may_refresh and client.refresh_lifetime:
        condition = "" if client.first_party else "only with offline_access, "
        yield f"Refresh tokens: {condition}{_time(client.refresh_lifetime)} in all, {_rotation(client)}{_ends(client)}."
    else:
        yield "No refresh tokens."
    if client.resources:
        yield f"It may ask for access tokens for {_list(client.resources)}."
    if client.introspection_audiences:
        yield f"It may introspect tokens for {_list(client.introspection_audiences)}."


def _rotation(client: Client) -> str:
    if not client.rotates_refresh(bound=client.dpop_bound_access_tokens):
        return "the same at every use"
    return "replaced at every use" + (" unless bound to a DPoP key" if client.dpop_allowed else "")


def _ends(client: Client) -> str:
    return ", ending with the browser's session" if client.refresh_bound_to_session else ""


def _logout(client: Client) -> Iterator[str]:
    if client.post_logout_redirect_uris:
        yield f"After logging out people are sent to exactly: {_list(client.post_logout_redirect_uris)}."
    if client.backchannel_logout_uri:
        yield f"It is told of logouts at {client.backchannel_logout_uri}."
    if client.frontchannel_logout_uri:
        yield f"Logout pages load {client.frontchannel_logout_uri} in a frame."


def _list(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))


def _time(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds} s"
