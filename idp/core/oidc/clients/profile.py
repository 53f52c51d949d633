"""Profile: everything about safety that follows from one word in a client's file.

A file may be stricter than its profile, or choose among what the profile allows; it is refused when it asks for less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from idp.core.oidc.clients.client import AuthMethod, SecurityProfile, SubjectType

FIRST_PARTY_GROUP = "prezero"
"""The single sign-on group that our own portal and app share."""

_STRONG_ALGS = frozenset({"PS256", "ES256", "EdDSA"})
_ALL_ALGS = _STRONG_ALGS | {"RS256"}
_SECRETS = frozenset({AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST})
_KEYS = frozenset({AuthMethod.PRIVATE_KEY_JWT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a client of one security profile gets unless its file says otherwise, and what its file may say."""

    application_type: str = "web"
    auth_methods: frozenset[AuthMethod] = _KEYS
    """Default of `token_endpoint_auth_methods`."""
    auth_methods_allowed: frozenset[AuthMethod] = _KEYS
    auth_methods_for_trials: frozenset[AuthMethod] = frozenset()
    """Allowed in the sandbox as well."""
    signing_algs: frozenset[str] = _ALL_ALGS
    """With which the client may sign assertions and request objects."""
    issuer_is_the_only_audience: bool = False
    """A client assertion's `aud` is the issuer as one text (FAPI 2.0 5.3.2.1, RFC 7523bis); else the token endpoint too."""
    pkce_may_be_waived: bool = False
    """A file may say `require_pkce = false`, for a confidential client that checks a nonce (RFC 9700 2.1.1)."""
    pushed_requests_required: bool = False
    request_objects_by_default: bool = False
    """Request objects are accepted without the file saying so, from the keys in `jwks`."""
    dpop_required: bool = False
    answer_alg: str = "ES256"
    """With which we sign ID Tokens and other answers to the client."""
    answer_algs_allowed: frozenset[str] = _ALL_ALGS
    signed_userinfo_required: bool = False
    subject_type: SubjectType = SubjectType.PUBLIC
    first_party: bool = False
    require_customer_link: bool = False
    sso_group: str | None = None
    """None: a group of its own."""
    reidentify_without_prompt: bool = False
    user_message_allowed: bool = False
    scope: tuple[str, ...] = ("openid",)
    grant_types: frozenset[str] = frozenset({"authorization_code", "refresh_token"})
    grant_types_allowed: frozenset[str] = frozenset({"authorization_code", "refresh_token"})
    refresh_lifetime: timedelta | None = None
    """None: no refresh tokens. A client that is not first-party gets them with offline_access only."""
    refresh_rotated: bool = True
    refresh_bound_to_session: bool = False
    longest_id_token: timedelta = timedelta(minutes=60)


_FIRST_PARTY_SCOPE = ("openid", "profile", "email", "phone", "customer")

PROFILES: Mapping[SecurityProfile, Profile] = {
    SecurityProfile.WEB_CONFIDENTIAL: Profile(
        auth_methods_for_trials=_SECRETS,
        first_party=True,
        require_customer_link=True,
        sso_group=FIRST_PARTY_GROUP,
        scope=_FIRST_PARTY_SCOPE,
        refresh_rotated=False,
        refresh_bound_to_session=True,
    ),
    SecurityProfile.NATIVE_PUBLIC: Profile(
        application_type="native",
        auth_methods=frozenset({AuthMethod.NONE}),
        auth_methods_allowed=frozenset({AuthMethod.NONE}),
        first_party=True,
        require_customer_link=True,
        sso_group=FIRST_PARTY_GROUP,
        scope=_FIRST_PARTY_SCOPE,
        refresh_lifetime=timedelta(hours=24),
    ),
    SecurityProfile.THIRD_PARTY: Profile(
        auth_methods_allowed=_KEYS | _SECRETS | {AuthMethod.NONE},
        pkce_may_be_waived=True,
        answer_alg="RS256",
        subject_type=SubjectType.PAIRWISE,
        refresh_lifetime=timedelta(hours=24),
    ),
    SecurityProfile.FAPI2: Profile(
        signing_algs=_STRONG_ALGS,
        issuer_is_the_only_audience=True,
        pushed_requests_required=True,
        dpop_required=True,
        answer_algs_allowed=_STRONG_ALGS,
        subject_type=SubjectType.PAIRWISE,
        refresh_lifetime=timedelta(hours=24),
        refresh_rotated=False,
    ),
    SecurityProfile.SWEDEN: Profile(
        request_objects_by_default=True,
        answer_alg="RS256",
        signed_userinfo_required=True,
        reidentify_without_prompt=True,
        user_message_allowed=True,
        grant_types=frozenset({"authorization_code"}),
        grant_types_allowed=frozenset({"authorization_code"}),
        longest_id_token=timedelta(minutes=5),
    ),
}
"""One row per profile; what a row does not mention is the strict default above."""
