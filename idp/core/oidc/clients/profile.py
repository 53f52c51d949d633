"""Profile: everything about safety that follows from one word in a client's file.

A file may be stricter than its profile, or choose among what the profile allows; it is refused when it asks for less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from idp.core.oidc.clients.client import (
    AUTHORIZATION_CODE,
    REFRESH_TOKEN,
    SECRET_METHODS,
    AuthMethod,
    Client,
    SecurityProfile,
    SubjectType,
)
from idp.core.oidc.keys.algorithms import FAPI_ALGS, SIGNING_ALGS

FIRST_PARTY_GROUP = "prezero"
"""The single sign-on group that our own portal and app share."""

_STRONG_ALGS = frozenset(FAPI_ALGS)
_ALL_ALGS = frozenset(SIGNING_ALGS)
_KEYS = frozenset({AuthMethod.PRIVATE_KEY_JWT})
_GRANT_TYPES = frozenset({AUTHORIZATION_CODE, REFRESH_TOKEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a client of a profile is unless its file says otherwise; the names are the members'."""

    application_type: str = "web"
    token_endpoint_auth_methods: frozenset[AuthMethod] = _KEYS
    token_endpoint_auth_signing_algs: frozenset[str] = _ALL_ALGS
    grant_types: frozenset[str] = _GRANT_TYPES
    scopes: frozenset[str] = frozenset({"openid"})
    id_token_signed_response_alg: str = "ES256"  # noqa: S105 - an algorithm
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    subject_type: SubjectType = SubjectType.PUBLIC
    first_party: bool = False
    require_customer_link: bool = False
    sso_group: str | None = None
    """None: a group for the client alone."""
    reidentify_without_prompt: bool = False
    user_message_allowed: bool = False
    refresh_lifetime: timedelta | None = None
    refresh_rotated: bool = True
    refresh_bound_to_session: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a file of one security profile may say, and how the provider treats such a client."""

    purpose: str
    """What it is for, for an operator who chooses."""
    defaults: Defaults = Defaults()
    fixed: frozenset[str] = frozenset()
    """Members that no file can set to anything but the default."""
    auth_methods_allowed: frozenset[AuthMethod] = _KEYS
    auth_methods_for_trials: frozenset[AuthMethod] = frozenset()
    """Allowed in the sandbox as well."""
    signing_algs: frozenset[str] = _ALL_ALGS
    """With which the client may sign assertions and request objects."""
    answer_algs_allowed: frozenset[str] = _ALL_ALGS
    """With which we may sign ID Tokens and other answers to the client."""
    grant_types_allowed: frozenset[str] = _GRANT_TYPES
    longest_id_token: timedelta = timedelta(minutes=60)
    pkce_may_be_waived: bool = False
    """A file may say `require_pkce = false`, for a confidential client that checks a nonce (RFC 9700 2.1.1)."""
    may_register_itself: bool = False
    """An initial access token may be for it; the others are our own portal's and app's, and share their sign-on."""

    assertion_is_for_the_issuer_alone: bool = False
    """An assertion's `aud` is the issuer as one text (FAPI 2.0 5.3.2.1, RFC 7523bis); else the token endpoint too."""
    request_objects_by_default: bool = False
    """Request objects are accepted without the file saying so, from the keys in `jwks`."""
    signed_part_stands_alone: bool = False
    """What stands beside a request object counts for nothing (FAPI 2.0 Message Signing 5.3.1; RFC 9101 6.3)."""
    request_objects_have_a_beginning: bool = False
    """`nbf` is required in a request object (FAPI 2.0 Message Signing 5.3.1)."""
    signed_userinfo_required: bool = False
    told_of_provider: bool = False
    """Every ID Token says who identified the person (Claims and Scopes 1.0, authnProvider); else where it is requested."""
    access_tokens_are_opaque: bool = False
    """Also for an API's audience: a token reveals nothing to its holder (Swedish OpenID Connect Profile)."""


_FIRST_PARTY_SCOPES = frozenset({"openid", "profile", "email", "phone", "customer"})

PROFILES: Mapping[SecurityProfile, Profile] = {
    SecurityProfile.WEB_CONFIDENTIAL: Profile(
        purpose="our own web site with a server",
        defaults=Defaults(
            first_party=True,
            require_customer_link=True,
            sso_group=FIRST_PARTY_GROUP,
            scopes=_FIRST_PARTY_SCOPES,
            refresh_rotated=False,
            refresh_bound_to_session=True,
        ),
        auth_methods_for_trials=SECRET_METHODS,
        told_of_provider=True,
    ),
    SecurityProfile.NATIVE_PUBLIC: Profile(
        purpose="our own app for phones or computers",
        defaults=Defaults(
            application_type="native",
            token_endpoint_auth_methods=frozenset({AuthMethod.NONE}),
            first_party=True,
            require_customer_link=True,
            sso_group=FIRST_PARTY_GROUP,
            scopes=_FIRST_PARTY_SCOPES,
            refresh_lifetime=timedelta(hours=24),
        ),
        fixed=frozenset({"application_type"}),
        auth_methods_allowed=frozenset({AuthMethod.NONE}),
        told_of_provider=True,
    ),
    SecurityProfile.THIRD_PARTY: Profile(
        purpose="another organisation's site; people are asked for consent",
        defaults=Defaults(
            id_token_signed_response_alg="RS256",  # noqa: S106 - an algorithm
            subject_type=SubjectType.PAIRWISE,
            refresh_lifetime=timedelta(hours=24),
        ),
        auth_methods_allowed=_KEYS | SECRET_METHODS | {AuthMethod.NONE},
        pkce_may_be_waived=True,
        may_register_itself=True,
    ),
    SecurityProfile.FAPI2: Profile(
        purpose="another organisation with high demands: FAPI 2.0",
        defaults=Defaults(
            token_endpoint_auth_signing_algs=_STRONG_ALGS,
            require_pushed_authorization_requests=True,
            dpop_bound_access_tokens=True,
            subject_type=SubjectType.PAIRWISE,
            refresh_lifetime=timedelta(hours=24),
            refresh_rotated=False,
        ),
        fixed=frozenset({"require_pushed_authorization_requests", "dpop_bound_access_tokens"}),
        signing_algs=_STRONG_ALGS,
        answer_algs_allowed=_STRONG_ALGS,
        may_register_itself=True,
        assertion_is_for_the_issuer_alone=True,
        signed_part_stands_alone=True,
        request_objects_have_a_beginning=True,
    ),
    SecurityProfile.SWEDEN: Profile(
        purpose="a service that follows the Swedish OpenID Connect profile",
        defaults=Defaults(
            id_token_signed_response_alg="RS256",  # noqa: S106 - an algorithm
            reidentify_without_prompt=True,
            user_message_allowed=True,
            grant_types=frozenset({AUTHORIZATION_CODE}),
        ),
        fixed=frozenset({"reidentify_without_prompt"}),
        grant_types_allowed=frozenset({AUTHORIZATION_CODE}),
        longest_id_token=timedelta(minutes=5),
        may_register_itself=True,
        request_objects_by_default=True,
        signed_userinfo_required=True,
        told_of_provider=True,
        access_tokens_are_opaque=True,
    ),
}
"""One row per profile; what a row does not mention is the strict default above."""

PROFILES_TO_REGISTER = tuple(name for name, profile in PROFILES.items() if profile.may_register_itself)


def profile_of(client: Client) -> Profile:
    """The row of a client's profile."""
    return PROFILES[client.security_profile]
