"""ValidationContext: an authorization request while the checks read it, and what they check it against."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.authorize.ports import PushedRequests
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients, SeenIds
from idp.core.oidc.errors import ErrorCode, ReplyTo, ResponseMode
from idp.core.oidc.keys.ports import Keys
from idp.core.oidc.parameters import RawParameters

REQUEST_URI_PREFIX = "urn:ietf:params:oauth:request_uri:"
MAX_STATE_LENGTH = 2_048
"""Characters of `state` and `nonce`: some libraries keep a whole page address in there."""


_MODES = frozenset(ResponseMode)


class RequestProblem(Exception):
    """A check said no; who gets to see it depends on whether a redirect URI is trusted by then.

    `detail` is for our log and holds no input either; `diagnosis` does.
    """

    def __init__(self, code: ErrorCode, description: str, detail: str = "", diagnosis: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.detail = detail
        self.diagnosis = diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEnvironment:
    """What the checks use besides the request."""

    issuer: str
    acrs: Collection[str]
    """The levels of assurance that our methods of identification reach."""
    clients: Clients
    pushed_requests: PushedRequests
    seen_ids: SeenIds
    keys: Keys


@dataclass(slots=True, kw_only=True)
class ValidationContext:
    """Filled by the checks in their order; what a check needs, an earlier one has set."""

    environment: RequestEnvironment
    now: datetime
    parameters: RawParameters
    """As sent, then as pushed, then as signed: each replaces or completes the one before."""
    sender: Client | None = None
    """The client that authenticated itself at the pushed authorization request endpoint; None in front of a browser."""
    client_found: Client | None = None
    reply_to: ReplyTo | None = None
    """Set once a redirect URI is trusted; from then on problems go there."""
    pushed: bool = False
    signed: bool = False
    pushed_reference_hash: str | None = None
    scope: tuple[str, ...] = ()
    code_challenge: str = ""
    nonce: str | None = None
    prompt: frozenset[Prompt] = frozenset()
    max_age: int | None = None
    ui_locales: tuple[str, ...] = ()
    launch_hint: str | None = None
    hinted_sub: str | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    resources: tuple[str, ...] = ()
    dpop_jkt: str | None = None
    wants_new_customer: bool = False
    user_message: str | None = None
    user_messages: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        """The client, for every check after the one that finds it."""
        if self.client_found is None:
            raise AssertionError("no check before client_is_known asks for the client")
        return self.client_found

    def find(self, name: str) -> str | None:
        """A parameter's value; None when absent, empty or repeated."""
        return self.parameters.find(name)

    def words(self, name: str, most: int) -> tuple[str, ...]:
        """A space-separated parameter, each word once, in order; raises invalid_request for too many."""
        words = tuple(dict.fromkeys((self.find(name) or "").split(" ")))
        if len(words) > most:
            refuse("invalid_request", f"{name} has too many words")
        return tuple(word for word in words if word)

    def trust(self, redirect_uri: str) -> None:
        """From here on problems are answered at this address, in the mode and with the state of the request."""
        mode = self.find("response_mode")
        self.reply_to = ReplyTo(
            client_id=self.client.client_id,
            redirect_uri=redirect_uri,
            response_mode=ResponseMode(mode) if mode in _MODES else ResponseMode.QUERY,
            state=self.find("state"),
        )


def refuse(code: ErrorCode, description: str, detail: str = "", diagnosis: str = "") -> NoReturn:
    """Stop the checks."""
    raise RequestProblem(code, description, detail, diagnosis)


def reference_hash(request_uri: str) -> str:
    """How a pushed request's reference is stored: SHA-256, hex; the reference has 256 random bits (RFC 9126 7.1)."""
    return hashlib.sha256(request_uri.encode()).hexdigest()
