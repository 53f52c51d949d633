"""AuthorizationRequest: what a client asks for, after every check; stored with the interaction."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from idp.core.oidc.claims.claim_names import PERSONAL_NUMBER_CLAIM
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import ReplyTo, ResponseMode
from idp.core.people.identity import SWEDISH_PERSONAL_NUMBER, Identity


class Prompt(StrEnum):
    """OpenID Connect Core 3.1.2.1."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What a client asks for; made only by the checks and by `from_json`."""

    client_id: str
    redirect_uri: str
    response_mode: ResponseMode
    scope: tuple[str, ...]
    """As requested, as far as the client may have it; always with `openid`."""
    state: str | None
    nonce: str | None
    code_challenge: str
    """S256 always (RFC 7636 4.2); empty only for a client that may do without."""
    prompt: frozenset[Prompt] = frozenset()
    max_age: int | None = None
    """Seconds; the client's `default_max_age` already applied."""
    ui_locales: tuple[str, ...] = ()
    hinted_sub: str | None = None
    """The person that the client names by `id_token_hint` or `claims.id_token.sub.value`; as this client knows the subject."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """{"id_token": {...}, "userinfo": {...}} filtered to known claims (OpenID Connect Core 5.5)."""
    resources: tuple[str, ...] = ()
    dpop_jkt: str | None = None
    wants_new_customer: bool = False
    """The client asks the person to link one more company."""
    user_message: str | None = None
    """Sanitised text for the BankID app (https://id.oidc.se/param/userMessage) in the language of the request."""
    user_messages: Mapping[str, str] = field(default_factory=dict)
    """All its languages; the empty tag is the text without one."""
    launch_hint: str | None = None
    """`qr` or `same_device`, when acr_values or the client hinted at it."""
    pushed_reference_hash: str | None = None
    """Of the request_uri (RFC 9126) to use up at the response."""
    arrived_at: datetime

    @property
    def reply_to(self) -> ReplyTo:
        return ReplyTo(
            client_id=self.client_id,
            redirect_uri=self.redirect_uri,
            response_mode=self.response_mode,
            state=self.state,
        )

    @property
    def hinted_identity(self) -> Identity | None:
        """The person that the client names by a value in `claims.id_token` (Swedish OpenID Connect Profile 2.1.5)."""
        requested = self.claims.get("id_token", {}).get(PERSONAL_NUMBER_CLAIM) or {}
        number = requested.get("value")
        return Identity(scheme=SWEDISH_PERSONAL_NUMBER, key=number) if number is not None else None

    def user_message_in(self, language: str) -> str | None:
        """The client's message in the page's language, else without a language, else in the language of the request."""
        return self.user_messages.get(language) or self.user_messages.get("") or self.user_message

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back; stored with the interaction."""
        return asdict(self) | {
            "prompt": sorted(self.prompt),
            "arrived_at": self.arrived_at.isoformat(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "AuthorizationRequest":
        lists = {name: tuple(stored[name]) for name in ("scope", "ui_locales", "resources")}
        return cls(
            **{
                **stored,
                **lists,
                "response_mode": ResponseMode(stored["response_mode"]),
                "prompt": frozenset(Prompt(word) for word in stored["prompt"]),
                "arrived_at": datetime.fromisoformat(stored["arrived_at"]),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedRequest:
    """An authorization request that passed every check, with the client that they found."""

    request: AuthorizationRequest
    client: Client
