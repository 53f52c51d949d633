"""Protocol errors, by who may see them.

ProtocolError(code, description, detail, diagnosis)
├── Displayed      /authorize before redirect_uri is trusted  → an HTML page, never a redirect
├── Redirected     /authorize after                           → back to the client, with state and iss
└── Refused        token, userinfo, par, revoke …             → JSON with a status

Three audiences, kept apart: `code` is the specification's word, `description` is fixed ASCII text for the relying
party's developer, `detail` goes to our log only. No description ever contains input (RFC 6749 4.1.2.1 allows few
characters, and an echo is a hole). In test mode alone the developer is told more: the detail, and the diagnosis.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

ErrorCode = Literal[
    # RFC 6749 4.1.2.1, 5.2
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "unsupported_response_type", "invalid_scope", "access_denied", "server_error", "temporarily_unavailable",
    # OpenID Connect Core 3.1.2.6; Unmet Authentication Requirements 1.0
    "interaction_required", "login_required", "account_selection_required", "consent_required",
    "registration_not_supported", "unmet_authentication_requirements",
    # RFC 9101 and OpenID Connect Core 6
    "invalid_request_uri", "invalid_request_object", "request_not_supported", "request_uri_not_supported",
    # RFC 6750, RFC 7591, RFC 8707, RFC 9449
    "invalid_token", "insufficient_scope", "invalid_redirect_uri", "invalid_client_metadata", "invalid_target",
    "invalid_dpop_proof", "use_dpop_nonce",
]  # fmt: skip
"""Every code that anybody is told; each is a specification's."""


class ResponseMode(StrEnum):
    """How the authorization response travels (OAuth 2.0 Multiple Response Types 2.1; OAuth 2.0 Form Post 2)."""

    QUERY = "query"
    FORM_POST = "form_post"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTo:
    """Where an authorization response goes. Only the checks of a request make one, once the redirect URI is trusted."""

    client_id: str
    redirect_uri: str
    response_mode: ResponseMode
    state: str | None


@dataclass(kw_only=True)
class ProtocolError(Exception):
    """Something a relying party or its developer did, or something we must tell it."""

    code: ErrorCode
    description: str
    detail: str = ""
    diagnosis: str = field(default="", repr=False)
    """What was sent, what is registered, what to write into the client's file; holds input, so for test mode alone."""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail or self.description}"

    @property
    def explanation(self) -> str:
        """Everything that a developer may read in test mode, in the characters of RFC 6749 5.2."""
        told = dict.fromkeys(filter(None, (self.description, self.detail, self.diagnosis)))
        return _NOT_ALLOWED.sub("?", "; ".join(told).replace('"', "'").replace("\\", "/"))[:_LONGEST_EXPLANATION]


_NOT_ALLOWED = re.compile(r"[^\x20-\x7e]")
_LONGEST_EXPLANATION = 1_000


@dataclass(kw_only=True)
class Displayed(ProtocolError):
    """Shown to the person as a page, because no redirect URI is trusted (RFC 6749 4.1.2.1)."""

    client_id: str | None = None
    page: str = "error.bad_request"
    status: int = 400


@dataclass(kw_only=True)
class Redirected(ProtocolError):
    """Sent back to the client in the response mode of its request."""

    reply_to: ReplyTo


@dataclass(kw_only=True)
class Refused(ProtocolError):
    """Answered as JSON (RFC 6749 5.2, RFC 6750 3)."""

    status: int = 400
    headers: Mapping[str, str] = field(default_factory=dict)
