"""Rules between a client's members: what its security profile forbids, and what cannot work.

Each rule is a generator over one client that yields (member, what is wrong); the rules run over all of them, so that
an operator reads every mistake at once.
"""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from idp.core.oidc.claims.scopes import SCOPES
from idp.core.oidc.claims.table import scope_needs_personal_number_allowed
from idp.core.oidc.clients import redirect_uri
from idp.core.oidc.clients.client import (
    AUTHORIZATION_CODE,
    REFRESH_TOKEN,
    SECRET_METHODS,
    AuthMethod,
    Client,
    SubjectType,
)
from idp.core.oidc.clients.profile import PROFILES, Profile
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import get_algorithm

Found = tuple[str, str]

USER_MESSAGE_BYTES = 500
"""Of a client's own message in the BankID app, in UTF-8."""
INTENTION_BYTES = 1_500 // 4 * 3 - (USER_MESSAGE_BYTES + len("\n\n"))
"""Of an intention text in UTF-8, with the name filled in: with the longest user message below it, it has exactly the
1 500 base64 characters that BankID takes (BankID RP 6.0, auth: userVisibleData)."""


def find_problems(client: Client, *, issuer: str, sandbox: bool) -> Iterator[Found]:
    """Every rule that the client breaks."""
    profile = PROFILES[client.security_profile]
    for rule in _RULES:
        yield from rule(client, profile)
    yield from _authentication_is_allowed(client, profile, sandbox=sandbox)
    yield from _audiences_are_ours(client, profile, issuer)
    yield from _addresses_are_safe(client, sandbox=sandbox)


def _authentication_is_allowed(client: Client, profile: Profile, *, sandbox: bool) -> Iterator[Found]:
    methods = client.token_endpoint_auth_methods
    allowed = profile.auth_methods_allowed | (profile.auth_methods_for_trials if sandbox else frozenset())
    if refused := methods - allowed:
        yield "token_endpoint_auth_methods", f"{_words(refused)}: not with {client.security_profile}"
    if AuthMethod.NONE in methods and len(methods) > 1:
        yield "token_endpoint_auth_methods", "none stands alone: a client either can keep a secret or cannot"


def _credentials_match_methods(client: Client, _: Profile) -> Iterator[Found]:
    methods = client.token_endpoint_auth_methods
    if AuthMethod.PRIVATE_KEY_JWT in methods and not client.jwks["keys"]:
        yield "jwks", "is missing: private_key_jwt needs the client's public keys"
    if methods & SECRET_METHODS and not client.client_secret_hashes:
        yield "client_secret_hash", "is missing: client_secret_basic and client_secret_post need one"
    if client.client_secret_hashes and not methods & SECRET_METHODS:
        yield "client_secret_hash", "is of no use: no token_endpoint_auth_methods has a secret"


def _keys_are_usable(client: Client, _: Profile) -> Iterator[Found]:
    for number, jwk in enumerate(client.jwks["keys"]):
        try:
            key = jose.read_public_key(jwk)
        except jose.JoseRefused as refused:
            yield f"jwks.keys.{number}", refused.reason
            continue
        algs = client.token_endpoint_auth_signing_algs | client.request_object_signing_algs
        if not any(get_algorithm(alg).fits(key) for alg in algs):
            yield f"jwks.keys.{number}", f"fits none of the client's algorithms {_words(algs)}"


def _algorithms_are_allowed(client: Client, profile: Profile) -> Iterator[Found]:
    for member in ("token_endpoint_auth_signing_algs", "request_object_signing_algs"):
        if refused := getattr(client, member) - profile.signing_algs:
            yield member, f"{_words(refused)}: not with {client.security_profile}"
    for member in ("id_token", "userinfo", "introspection"):
        alg = getattr(client, f"{member}_signed_response_alg")
        if alg is not None and alg not in profile.answer_algs_allowed:
            yield f"{member}_signed_response_alg", f"{alg}: not with {client.security_profile}"


def _request_objects_have_keys(client: Client, _: Profile) -> Iterator[Found]:
    if client.request_object_signing_algs and not client.jwks["keys"]:
        yield "request_object_signing_algs", "request objects need the client's public keys in jwks"
    if client.require_signed_request_object and not client.request_object_signing_algs:
        yield "require_signed_request_object", "no request_object_signing_algs is allowed"


def _profile_is_not_weakened(client: Client, profile: Profile) -> Iterator[Found]:
    kind = client.security_profile
    if not client.require_pkce and (not profile.pkce_may_be_waived or client.is_public):
        yield "require_pkce", "only a confidential third_party client may do without PKCE"
    for member in sorted(profile.fixed):
        always = getattr(profile.defaults, member)
        if getattr(client, member) != always:
            yield member, f"is always {str(always).lower()} with {kind}"
    if client.dpop_bound_access_tokens and not client.dpop_allowed:
        yield "dpop_allowed", "is false beside dpop_bound_access_tokens"
    if client.id_token_lifetime > profile.longest_id_token:
        yield "id_token_lifetime", f"is longer than {kind} allows"


def _grants_are_known(client: Client, profile: Profile) -> Iterator[Found]:
    if AUTHORIZATION_CODE not in client.grant_types:
        yield "grant_types", f"{AUTHORIZATION_CODE} is missing"
    if refused := client.grant_types - profile.grant_types_allowed:
        yield "grant_types", f"{_words(refused)}: not with {client.security_profile}"
    if client.refresh_lifetime is not None and REFRESH_TOKEN not in client.grant_types:
        yield "refresh_lifetime", f"{REFRESH_TOKEN} is missing in grant_types"


def _scopes_are_known(client: Client, _: Profile) -> Iterator[Found]:
    if "openid" not in client.scopes:
        yield "scope", "openid is missing"
    if unknown := client.scopes - SCOPES.keys():
        yield "scope", f"{_words(unknown)}: unknown; known are {_words(SCOPES)}"
    for scope in sorted(client.scopes & SCOPES.keys()):
        if scope_needs_personal_number_allowed(scope) and not client.personal_number_allowed:
            yield "scope", f"{scope} needs personal_number_allowed = true"


def _subjects_have_a_sector(client: Client, _: Profile) -> Iterator[Found]:
    if client.subject_type is SubjectType.PAIRWISE and client.sector_identifier is None:
        yield "sector_identifier_uri", "is needed: redirect_uris with several hosts leave the sector open"


def _resources_are_addresses(client: Client, _: Profile) -> Iterator[Found]:
    for member in ("resources", "introspection_audiences"):
        for uri in sorted(getattr(client, member)):
            if not urlsplit(uri).scheme or "#" in uri or len(uri) > redirect_uri.MAX_LENGTH:
                yield member, f"{uri!a} is no absolute address without fragment (RFC 8707 2)"


def _texts_are_sound(client: Client, _: Profile) -> Iterator[Found]:
    for language, text in client.intention.items():
        member = f"intention.{language}"
        if set("{}") & set(text.replace("{app}", "")) or not text.isprintable():
            yield member, "one line is needed, without braces other than in {app}, which is the client's name"
        if len(text.replace("{app}", client.name_in(language)).encode()) > INTENTION_BYTES:
            yield member, f"up to {INTENTION_BYTES} bytes, with the client's name filled in; å, ä and ö count twice"
    if client.bankid_return_uri is not None and not client.is_native:
        yield "bankid_return_uri", "is for native clients"
    for name in (client.client_name, *client.client_names.values()):
        if not name.isprintable() or not name.strip() or len(name) > 60:
            yield "client_name", "up to 60 printable characters are needed"


def _audiences_are_ours(client: Client, profile: Profile, issuer: str) -> Iterator[Found]:
    known = {issuer} if profile.assertion_is_for_the_issuer_alone else {issuer, f"{issuer}/token", f"{issuer}/par"}
    if refused := client.assertion_audiences - known:
        yield "assertion_audiences", f"{_words(refused)}: only {_words(known)} can be meant"


def _addresses_are_safe(client: Client, *, sandbox: bool) -> Iterator[Found]:
    for member in _ADDRESSES:
        uri = getattr(client, member)
        if uri is None:
            continue
        host = urlsplit(uri).hostname
        on_this_computer = sandbox and host in {"localhost", "127.0.0.1"} and member not in _ALWAYS_HTTPS
        if not uri.startswith("https://") and not on_this_computer:
            yield member, "must be https"
        if not host or "@" in urlsplit(uri).netloc:
            yield member, "needs a host and no user name"
    origins = {redirect_uri.origin(uri) for uri in client.redirect_uris}
    if client.frontchannel_logout_uri and redirect_uri.origin(client.frontchannel_logout_uri) not in origins:
        yield "frontchannel_logout_uri", "must share scheme, host and port with one of redirect_uris"


_ADDRESSES = (
    "backchannel_logout_uri", "frontchannel_logout_uri", "initiate_login_uri", "client_uri", "policy_uri", "tos_uri",
    "sector_identifier_uri",
)  # fmt: skip
_ALWAYS_HTTPS = frozenset({"sector_identifier_uri", "initiate_login_uri"})
"""In the sandbox, too (OpenID Connect Core 4 and 8.1)."""
_RULES: tuple[Callable[[Client, Profile], Iterator[Found]], ...] = (
    _credentials_match_methods,
    _keys_are_usable,
    _algorithms_are_allowed,
    _request_objects_have_keys,
    _profile_is_not_weakened,
    _grants_are_known,
    _scopes_are_known,
    _subjects_have_a_sector,
    _resources_are_addresses,
    _texts_are_sound,
)


def _words(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))
