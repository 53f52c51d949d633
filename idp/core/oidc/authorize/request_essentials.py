"""Request essentials: the checks of who asks, where the answer goes, and whether we answer such a request at all."""

import re

from idp.core.oidc.authorize.request_object import PARAMETERS, merge, read_request_object
from idp.core.oidc.authorize.validation_context import (
    MAX_STATE_LENGTH,
    REQUEST_URI_PREFIX,
    ValidationContext,
    reference_hash,
    refuse,
)
from idp.core.oidc.claims.scopes import MAX_SCOPES
from idp.core.oidc.clients.redirect_uri import is_registered
from idp.core.oidc.diagnosis import no_file, not_registered
from idp.core.oidc.errors import ResponseMode
from idp.core.oidc.keys.jose import JoseRefused
from idp.core.oidc.parameters import REPEATABLE, RawParameters

MAX_REQUEST_LENGTH = 16_384
"""Characters of all parameters together."""

_SCOPE_WORD = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def client_is_known(context: ValidationContext) -> None:
    """`client_id` names one enabled client (RFC 6749 3.1.2.4).

    A pushed request came from a client that proved who it is; another name beside the proof is refused.
    """
    if context.sender is not None:
        if (
            context.find("client_id") not in {None, context.sender.client_id}
            or "client_id" in context.parameters.repeated()
        ):
            refuse("invalid_request", "client_id is not the client that authenticated")
        context.client_found = context.sender
        return
    if "client_id" in context.parameters.repeated():
        refuse("invalid_request", "client_id stands more than once")
    client_id = context.find("client_id")
    if client_id is None:
        refuse("invalid_request", "client_id is missing")
    client = context.environment.clients.find(client_id)
    if client is None or client.disabled:
        known = "its file says disabled = true" if client else no_file(client_id)
        refuse("invalid_client", "The client is unknown", "disabled" if client else "unknown", known)
    context.client_found = client


def pushed_request_is_found(context: ValidationContext) -> None:
    """A reference of ours stands for the whole request; everything beside it is ignored (RFC 9126 4)."""
    request_uri = context.find("request_uri")
    if request_uri is None or not request_uri.startswith(REQUEST_URI_PREFIX):
        return
    if context.sender is not None:
        refuse("invalid_request", "request_uri has no place in a pushed request")
    reference = reference_hash(request_uri)
    stored = context.environment.pushed_requests.find(reference, context.client.client_id, context.now)
    if stored is None:
        refuse("invalid_request_uri", "The pushed request is unknown, expired or used", "not found for this client")
    context.parameters = RawParameters.of(stored["parameters"])
    context.signed = bool(stored["signed"])
    context.pushed = True
    context.pushed_reference_hash = reference


def address_is_noted(context: ValidationContext) -> None:
    """A registered redirect URI beside a request object gets the errors of that object; nothing is refused yet."""
    redirect_uri = context.find("redirect_uri")
    if redirect_uri is not None and is_registered(context.client, redirect_uri):
        context.trust(redirect_uri)


def parameters_stand_once(context: ValidationContext) -> None:
    """No parameter is repeated (RFC 6749 3.1): two readers of one request could read two requests."""
    if context.parameters.repeated() - REPEATABLE:
        refuse("invalid_request", "A parameter stands more than once")


def foreign_references_are_not_followed(context: ValidationContext) -> None:
    """Requests and metadata are never fetched from elsewhere (OpenID Connect Core 6.2.2, 7.2.1; RFC 9126)."""
    if context.find("request_uri") is not None:
        if context.sender is not None or context.find("request") is not None:
            refuse("invalid_request", "request_uri has no place here")
        refuse("request_uri_not_supported", "Only references of pushed requests are accepted")
    if context.find("registration") is not None:
        refuse("registration_not_supported", "Clients do not register themselves in a request")


def request_object_is_read(context: ValidationContext) -> None:
    """A request object is verified and supersedes what stands beside it (RFC 9101 6; OpenID Connect Core 6.1)."""
    request_object = context.find("request")
    if request_object is None:
        return
    if not context.client.request_object_signing_algs:
        refuse("request_not_supported", "This client is not registered for request objects")
    here = context.environment
    try:
        inside = read_request_object(
            request_object, context.client, issuer=here.issuer, seen_ids=here.seen_ids, now=context.now
        )
    except JoseRefused as refused:
        refuse("invalid_request_object", "The request object cannot be accepted", refused.reason, refused.diagnosis)
    _check_both_say_the_same(context.parameters, inside)
    context.parameters = merge(context.parameters, inside, context.client)
    context.signed = True


def _check_both_say_the_same(outside: RawParameters, inside: RawParameters) -> None:
    """`response_type` may stand twice, but not differ (OpenID Connect Core 6.1)."""
    types = {outside.find("response_type"), inside.find("response_type")} - {None}
    if len(types) > 1:
        refuse("invalid_request", "response_type differs inside and outside the request object")


def request_is_short(context: ValidationContext) -> None:
    """Anybody can make us keep a request, by posting it or pushing it in a public client's name; so it must be short."""
    if sum(len(value) for name, value in context.parameters.pairs if name in PARAMETERS) > MAX_REQUEST_LENGTH:
        refuse("invalid_request", "The request is too long")


def redirect_uri_is_registered(context: ValidationContext) -> None:
    """The redirect URI is one of the client's, character by character; from here on errors go there.

    It is always required, also with a single registered one (OpenID Connect Core 3.1.2.1; RFC 9700 2.1).
    """
    context.reply_to = None
    redirect_uri = context.find("redirect_uri")
    if redirect_uri is None:
        refuse("invalid_request", "redirect_uri is missing")
    if not is_registered(context.client, redirect_uri):
        known = context.client.redirect_uris
        refuse(
            "invalid_request",
            "redirect_uri is not registered for this client",
            diagnosis=not_registered("redirect_uris", [redirect_uri], known),
        )
    context.trust(redirect_uri)


def response_mode_is_known(context: ValidationContext) -> None:
    """`query` or `form_post` (OAuth 2.0 Multiple Response Types 2.1; OAuth 2.0 Form Post 2)."""
    if context.find("response_mode") not in {None, *ResponseMode}:
        refuse("invalid_request", "response_mode is neither query nor form_post")


def response_type_is_code(context: ValidationContext) -> None:
    """Nothing but a code ever travels through the browser (RFC 9700 2.1.2)."""
    response_type = context.find("response_type")
    if response_type is None:
        refuse("invalid_request", "response_type is missing")
    if response_type != "code":
        refuse("unsupported_response_type", "response_type is not code")


def request_came_the_required_way(context: ValidationContext) -> None:
    """Pushed, or signed, where the client's file demands it (RFC 9126 6; RFC 9101 10.5)."""
    if context.client.require_pushed_authorization_requests and not (context.pushed or context.sender):
        refuse("invalid_request", "This client must push its requests")
    if context.client.require_signed_request_object and not context.signed:
        refuse("invalid_request", "This client must sign its requests")


def state_and_nonce_fit(context: ValidationContext) -> None:
    """Both come back exactly as sent, so their length is limited here (OpenID Connect Core 3.1.2.1)."""
    for name in ("state", "nonce"):
        if len(context.find(name) or "") > MAX_STATE_LENGTH:
            refuse("invalid_request", f"{name} is longer than 2048 characters")
    context.nonce = context.find("nonce")


def scope_has_openid(context: ValidationContext) -> None:
    """Well-formed words with `openid`; words unknown or not allowed are ignored (OpenID Connect Core 3.1.2.1)."""
    words = (context.find("scope") or "").split(" ")
    scope = tuple(dict.fromkeys(word for word in words if word))
    if len(scope) > MAX_SCOPES or not all(_SCOPE_WORD.fullmatch(word) for word in scope):
        refuse("invalid_scope", "scope is not a list of at most 50 words")
    if "openid" not in scope:
        refuse("invalid_scope", "scope does not contain openid")
    context.scope = tuple(word for word in scope if word in context.client.scopes)


def challenge_is_s256(context: ValidationContext) -> None:
    """PKCE with S256: no plain, no missing method, which would mean plain (RFC 7636 4.3; RFC 9700 2.1.1)."""
    challenge, method = context.find("code_challenge"), context.find("code_challenge_method")
    if challenge is None:
        if method is not None or not context.client.may_do_without_pkce(context.nonce):
            refuse("invalid_request", "code_challenge is missing")
        return
    if method != "S256":
        refuse("invalid_request", "code_challenge_method is not S256")
    if not _CHALLENGE.fullmatch(challenge):
        refuse("invalid_request", "code_challenge is not 43 characters of base64url")
    context.code_challenge = challenge
