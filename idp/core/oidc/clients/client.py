"""Client: a relying party, and the one declaration of its members.

Names are those of RFC 7591 and OpenID Connect Registration 2 wherever they exist. What a file or a registration leaves
out comes from the security profile (`profile.py`), else from the default here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlencode

from pydantic import Field

from idp.core.oidc.clients.members import Alg, Group, Hash, Https, KeySet, LongTime, Member, ShortTime, Words

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a grant type


class SecurityProfile(StrEnum):
    """One word from which everything about safety derives; see `idp.core.oidc.clients.profile`."""

    WEB_CONFIDENTIAL = "web_confidential"
    NATIVE_PUBLIC = "native_public"
    THIRD_PARTY = "third_party"
    FAPI2 = "fapi2"
    SWEDEN = "sweden"


class AuthMethod(StrEnum):
    """Client authentication methods (OpenID Connect Core 9)."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - the specification's name of a method
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - the specification's name of a method
    NONE = "none"


SECRET_METHODS = frozenset({AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST})
"""Those that need a secret."""


class SubjectType(StrEnum):
    """OpenID Connect Core 8."""

    PUBLIC = "public"
    PAIRWISE = "pairwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A relying party as its file or its registration describes it; immutable, kept in memory."""

    # who
    client_id: Annotated[str, Member(Group.WHO, "the file's name")]
    client_name: Annotated[
        str, Field(min_length=1, max_length=60), Member(Group.WHO, "what people see", by_client=True, required=True)
    ]
    client_names: Annotated[
        Mapping[str, str],
        Member(Group.WHO, "the name in another language, as `client_name#en`", by_client=True, written="client_name#…"),
    ] = field(default_factory=dict)
    security_profile: Annotated[SecurityProfile, Member(Group.WHO, "decides about safety, see above", required=True)]
    application_type: Annotated[
        Literal["web", "native"],
        Member(Group.WHO, "`web` or `native`, which may have redirects of apps", by_client=True),
    ] = "web"
    disabled: Annotated[bool, Member(Group.WHO, "nobody can use it")] = False
    software_id: Annotated[str | None, Member(Group.WHO, "kept, not used", by_client=True)] = None
    software_version: Annotated[str | None, Member(Group.WHO, "kept, not used", by_client=True)] = None

    # addresses
    redirect_uris: Annotated[
        frozenset[str],
        Field(min_length=1, max_length=50),
        Member(Group.ADDRESSES, "where people come back to, character by character", by_client=True, required=True),
    ]
    post_logout_redirect_uris: Annotated[
        frozenset[str],
        Field(max_length=50),
        Member(Group.ADDRESSES, "the same after logging out", by_client=True),
    ] = frozenset()
    initiate_login_uri: Annotated[
        Https | None, Member(Group.ADDRESSES, "where a login is started from outside (OIDC Core 4)", by_client=True)
    ] = None
    client_uri: Annotated[Https | None, Member(Group.ADDRESSES, "its own page", by_client=True)] = None
    policy_uri: Annotated[
        Https | None,
        Member(Group.ADDRESSES, "how it treats what it learns; linked to where consent is asked", by_client=True),
    ] = None
    tos_uri: Annotated[
        Https | None, Member(Group.ADDRESSES, "its terms; linked to where consent is asked", by_client=True)
    ] = None
    contacts: Annotated[tuple[str, ...], Member(Group.ADDRESSES, "kept, not used", by_client=True)] = ()

    # proof
    token_endpoint_auth_methods: Annotated[
        frozenset[AuthMethod],
        Field(min_length=1),
        Member(Group.PROOF, "how it proves itself", by_client=True, one="token_endpoint_auth_method"),
    ]
    token_endpoint_auth_signing_algs: Annotated[
        frozenset[Alg],
        Field(min_length=1),
        Member(Group.PROOF, "with what it signs its assertions", by_client=True, one="token_endpoint_auth_signing_alg"),
    ]
    assertion_audiences: Annotated[
        frozenset[str],
        Field(min_length=1),
        Member(Group.PROOF, "which `aud` an assertion may have, among our addresses"),
    ]
    jwks: Annotated[
        KeySet,
        Member(Group.PROOF, "its public keys by value, or in the file `jwks_file` beside this one", by_client=True),
    ] = field(default_factory=lambda: {"keys": []})
    client_secret_hashes: Annotated[
        tuple[Hash, ...],
        Field(max_length=2),
        Member(
            Group.PROOF,
            "SHA-256, hex, of secrets of 256 bits; two while one replaces the other",
            one="client_secret_hash",
        ),
    ] = ()

    # requests
    response_types: Annotated[
        tuple[Literal["code"], ...], Member(Group.REQUESTS, "`code`, the only one there is", by_client=True)
    ] = ("code",)
    grant_types: Annotated[
        frozenset[str], Member(Group.REQUESTS, "`authorization_code`, and `refresh_token` where it may", by_client=True)
    ]
    scopes: Annotated[Words, Member(Group.REQUESTS, "what it may ask for", by_client=True, written="scope")]
    require_pkce: Annotated[
        bool, Member(Group.REQUESTS, "`false` for a confidential third party that checks a nonce (RFC 9700 2.1.1)")
    ] = True
    require_pushed_authorization_requests: Annotated[
        bool, Member(Group.REQUESTS, "every request is pushed first (RFC 9126)", by_client=True)
    ] = False
    require_signed_request_object: Annotated[
        bool, Member(Group.REQUESTS, "every request is signed (RFC 9101)", by_client=True)
    ] = False
    request_object_signing_algs: Annotated[
        frozenset[Alg],
        Member(
            Group.REQUESTS,
            "with what it signs its requests; without one they may not be signed",
            by_client=True,
            one="request_object_signing_alg",
        ),
    ] = frozenset()
    default_max_age: Annotated[
        int | None,
        Field(ge=0, le=31_536_000),
        Member(Group.REQUESTS, "`max_age` where a request has none, in seconds", by_client=True),
    ] = None
    require_auth_time: Annotated[bool, Member(Group.REQUESTS, "always so", by_client=True)] = False
    default_acr_values: Annotated[
        tuple[str, ...], Member(Group.REQUESTS, "`acr_values` where a request has none", by_client=True)
    ] = ()

    # tokens
    id_token_signed_response_alg: Annotated[
        Alg, Member(Group.TOKENS, "with what we sign ID Tokens and other answers", by_client=True)
    ]
    userinfo_signed_response_alg: Annotated[
        Alg | None, Member(Group.TOKENS, "UserInfo comes signed; else as plain JSON", by_client=True)
    ] = None
    introspection_signed_response_alg: Annotated[
        Alg | None, Member(Group.TOKENS, "for signed introspection; else that of ID Tokens", by_client=True)
    ] = None
    dpop_bound_access_tokens: Annotated[
        bool, Member(Group.TOKENS, "tokens are always bound to the client's key (RFC 9449)", by_client=True)
    ] = False
    dpop_allowed: Annotated[bool, Member(Group.TOKENS, "tokens may be bound")] = True
    access_token_lifetime: Annotated[ShortTime, Member(Group.TOKENS, "of an access token, 30 seconds to an hour")] = (
        timedelta(minutes=10)
    )
    id_token_lifetime: Annotated[ShortTime, Member(Group.TOKENS, "of an ID Token, 30 seconds to an hour")] = timedelta(
        minutes=5
    )
    refresh_lifetime: Annotated[
        LongTime | None,
        Member(Group.TOKENS, "of all refresh tokens of one login together, up to 30 days; without it there are none"),
    ] = None
    refresh_rotated: Annotated[
        bool, Member(Group.TOKENS, "a public client's refresh token changes at every use unless bound to a key")
    ] = True
    refresh_bound_to_session: Annotated[bool, Member(Group.TOKENS, "refresh tokens end with the browser's session")] = (
        False
    )
    resources: Annotated[frozenset[str], Member(Group.TOKENS, "APIs that it may ask access tokens for (RFC 8707)")] = (
        frozenset()
    )
    introspection_audiences: Annotated[
        frozenset[str], Member(Group.TOKENS, "APIs whose tokens it may introspect, beside its own tokens")
    ] = frozenset()

    # people
    first_party: Annotated[bool, Member(Group.PEOPLE, "ours: consent only on prompt=consent", of_registered=False)] = (
        False
    )
    require_customer_link: Annotated[
        bool, Member(Group.PEOPLE, "only people with a customer number get in", of_registered=False)
    ] = True
    select_customer: Annotated[
        bool, Member(Group.PEOPLE, "a person with several companies chooses one", of_registered=False)
    ] = True
    sso_group: Annotated[
        str,
        Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,49}$"),
        Member(Group.PEOPLE, "clients of one group share the browser's session"),
    ]
    subject_type: Annotated[
        SubjectType, Member(Group.PEOPLE, "`public`, or `pairwise`: a separate `sub` for each sector", by_client=True)
    ] = SubjectType.PUBLIC
    sector_identifier_uri: Annotated[
        Https | None,
        Member(
            Group.PEOPLE, "whose host the pairwise `sub` is for; it must list `redirect_uris` when the file is checked"
        ),
    ] = None
    sector_identifier: str | None = None
    """Host of the sector (OpenID Connect Core 8.1), from `sector_identifier_uri` or the redirect URIs."""
    nonce_may_replace_pkce: bool = False
    """Of a confidential client that registered itself: nobody asked whether it can PKCE (RFC 9700 2.1.1)."""
    told_of_provider: bool = False
    """Every ID Token names who identified the person, unasked; from the profile."""
    unconfirmed_contact_allowed: Annotated[
        bool,
        Member(
            Group.PEOPLE,
            "gets e-mail address and telephone number as a person typed them; else the address once it is confirmed, "
            "and no number",
            of_registered=False,
        ),
    ] = False
    personal_number_allowed: Annotated[
        bool, Member(Group.PEOPLE, "may ask for the personal identity number", of_registered=False)
    ] = False
    evidence_claims_allowed: Annotated[
        bool, Member(Group.PEOPLE, "may ask for BankID's signature and the device's address", of_registered=False)
    ] = False
    reidentify_without_prompt: Annotated[bool, Member(Group.PEOPLE, "a request without `prompt` asks for BankID")] = (
        False
    )

    # BankID
    intention: Annotated[
        Mapping[str, str], Member(Group.BANKID, "the text in the app, by language; `{app}` is the client's name")
    ] = field(default_factory=dict)
    user_message_allowed: Annotated[
        bool, Member(Group.BANKID, "may send its own message for the app", of_registered=False)
    ] = False
    bankid_return_uri: Annotated[
        str | None,
        Field(max_length=512),
        Member(Group.BANKID, "brings a native app to the front after BankID; starts no login"),
    ] = None

    # logout
    backchannel_logout_uri: Annotated[
        Https | None, Member(Group.LOGOUT, "told of logouts, server to server", by_client=True)
    ] = None
    backchannel_logout_session_required: Annotated[bool, Member(Group.LOGOUT, "always so", by_client=True)] = False
    frontchannel_logout_uri: Annotated[
        Https | None, Member(Group.LOGOUT, "loaded in a frame by logout pages", by_client=True)
    ] = None
    frontchannel_logout_session_required: Annotated[bool, Member(Group.LOGOUT, "always so", by_client=True)] = False

    @property
    def is_public(self) -> bool:
        """True when the client can keep no secret (RFC 6749 2.1)."""
        return AuthMethod.NONE in self.token_endpoint_auth_methods

    @property
    def is_native(self) -> bool:
        return self.application_type == "native"

    @property
    def may_refresh(self) -> bool:
        """Whether the client can have refresh tokens at all."""
        return REFRESH_TOKEN in self.grant_types and self.refresh_lifetime is not None

    def rotates_refresh(self, *, bound: bool) -> bool:
        """Whether a refresh token is replaced at every use; one bound to a key, or of a client that authenticates, is not."""
        return self.is_public and self.refresh_rotated and not bound

    def name_in(self, language: str) -> str:
        """The client's name in a language, or its name."""
        return self.client_names.get(language, self.client_name)

    def may_do_without_pkce(self, nonce: str | None) -> bool:
        """Whether a request with this nonce needs no challenge."""
        return not self.require_pkce or (self.nonce_may_replace_pkce and nonce is not None)

    def start_address(self, issuer: str) -> str | None:
        """Where a person starts a login: the client's own start link, told by whom (OIDC Core 4), or its page."""
        if self.initiate_login_uri is None:
            return self.client_uri
        joint = "&" if "?" in self.initiate_login_uri else "?"
        return f"{self.initiate_login_uri}{joint}{urlencode({'iss': issuer})}"


HINTS: Mapping[str, Any] = get_type_hints(Client, include_extras=True)
"""The declared type of every field, with its constraints."""
MEMBERS: Mapping[str, Member] = {
    one.name: extra
    for one in fields(Client)
    for extra in getattr(HINTS[one.name], "__metadata__", ())
    if isinstance(extra, Member)
}
"""Every member that may be written; a field without a declaration is derived."""
