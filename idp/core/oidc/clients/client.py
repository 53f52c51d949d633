"""Client: what a relying party registered, and what follows from its security profile.

Member names are those of RFC 7591 and OpenID Connect Registration 2 wherever they exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode


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


class SubjectType(StrEnum):
    """OpenID Connect Core 8."""

    PUBLIC = "public"
    PAIRWISE = "pairwise"


class EmailClaim(StrEnum):
    """Whether `email` is given before the person has confirmed the address."""

    ALWAYS = "always"
    VERIFIED_ONLY = "verified-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A relying party as its file describes it; immutable, kept in memory."""

    client_id: str
    client_name: str
    """Shown to people. `client_names` holds translations by language tag (RFC 7591 2.2, `client_name#sv`)."""
    client_names: Mapping[str, str] = field(default_factory=dict)
    security_profile: SecurityProfile
    redirect_uris: frozenset[str]
    application_type: str = "web"
    """`web` or `native` (OpenID Connect Registration 2)."""
    token_endpoint_auth_methods: frozenset[AuthMethod]
    token_endpoint_auth_signing_algs: frozenset[str]
    assertion_audiences: frozenset[str]
    """Exactly these strings are accepted as `aud` of a client assertion."""
    client_secret_hashes: tuple[str, ...] = ()
    """SHA-256, hex, of generated secrets of 256 bits; two while a secret is being replaced."""
    jwks: Mapping[str, Any] = field(default_factory=lambda: {"keys": []})
    """Public keys by value (RFC 7517)."""
    scopes: frozenset[str]
    grant_types: frozenset[str]
    id_token_signed_response_alg: str
    userinfo_signed_response_alg: str | None = None
    """None: plain JSON."""
    introspection_signed_response_alg: str | None = None
    request_object_signing_algs: frozenset[str] = frozenset()
    """Empty: request objects are refused."""
    require_signed_request_object: bool = False
    require_pkce: bool = True
    """False only for a confidential third party that checks a nonce instead (RFC 9700 2.1.1)."""
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    dpop_allowed: bool = True
    subject_type: SubjectType = SubjectType.PUBLIC
    sector_identifier: str | None = None
    """Host of the sector (OpenID Connect Core 8.1); for pairwise subjects."""
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    post_logout_redirect_uris: frozenset[str] = frozenset()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    initiate_login_uri: str | None = None
    client_uri: str | None = None
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    resources: frozenset[str] = frozenset()
    """Resource indicators this client may ask for (RFC 8707)."""
    introspection_audiences: frozenset[str] = frozenset()
    """Resource identifiers this client may introspect tokens of; empty: only its own tokens."""
    first_party: bool = False
    """Consent is taken as given, except on prompt=consent."""
    require_customer_link: bool = True
    select_customer: bool = True
    """The client wants one active customer; a person with several chooses."""
    sso_group: str
    """Clients of one group share the browser's session."""
    reidentify_without_prompt: bool = False
    """True for `sweden`: an absent `prompt` means login."""
    personal_number_allowed: bool = False
    evidence_claims_allowed: bool = False
    user_message_allowed: bool = False
    """May send https://id.oidc.se/param/userMessage for the BankID app."""
    email_claim: EmailClaim = EmailClaim.ALWAYS
    access_token_lifetime: timedelta = timedelta(minutes=10)
    id_token_lifetime: timedelta = timedelta(minutes=5)
    refresh_lifetime: timedelta | None = None
    """Absolute life of a refresh family; None: no refresh tokens unless offline_access is granted."""
    refresh_rotated: bool = True
    refresh_bound_to_session: bool = False
    bankid_return_uri: str | None = None
    """What brings a native app to the front after BankID; starts no login by itself."""
    intention: Mapping[str, str] = field(default_factory=dict)
    """Text for the BankID app by language, `{app}` is the client's name; empty: the standard text."""
    disabled: bool = False

    @property
    def is_public(self) -> bool:
        """True when the client can keep no secret (RFC 6749 2.1)."""
        return AuthMethod.NONE in self.token_endpoint_auth_methods

    def rotates_refresh(self, *, bound: bool) -> bool:
        """Whether a refresh token is replaced at every use; one bound to a key, or of a client that authenticates, is not."""
        return self.is_public and self.refresh_rotated and not bound

    @property
    def is_native(self) -> bool:
        return self.application_type == "native"

    def name_in(self, language: str) -> str:
        """The client's name in a language, or its name."""
        return self.client_names.get(language, self.client_name)

    def start_address(self, issuer: str) -> str | None:
        """Where a person begins a login anew: the client's own start link, told by whom (OIDC Core 4), or its page."""
        if self.initiate_login_uri is None:
            return self.client_uri
        joint = "&" if "?" in self.initiate_login_uri else "?"
        return f"{self.initiate_login_uri}{joint}{urlencode({'iss': issuer})}"
