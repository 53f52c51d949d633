"""A logout request: what a client asks for at the end session endpoint, verified (OpenID Connect RP-Initiated Logout 1.0)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from idp.core.oidc.authorize.ports import PushedRequests
from idp.core.oidc.authorize.validation_context import reference_hash
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.id_token_hint import IdTokenHint, read_id_token_hint
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.diagnosis import no_file, not_registered
from idp.core.oidc.errors import Displayed
from idp.core.oidc.keys.jose import JoseRefused
from idp.core.oidc.parameters import RawParameters
from idp.core.oidc.tokens.token_issuer import TokenIssuer

KEPT_FOR = timedelta(minutes=10)
"""How long the page stays that asks before it logs out; its form brings everything itself."""
_KEPT_FOR_LOGOUT = "(logout)"
"""Stands where a pushed request has its client's id; no client has such an id."""
_PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequest:
    """What a client asks for, with its hint and address verified."""

    client: Client | None
    hint: IdTokenHint | None
    redirect_uri: str | None
    """Registered for the client; None when none was asked for or no client is known."""
    state: str | None

    @property
    def return_address(self) -> str | None:
        """Where the person may go on to, state included (RP-Initiated Logout 3)."""
        if self.redirect_uri is None or self.state is None:
            return self.redirect_uri
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode({'state': self.state})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequests:
    """Reads what clients ask."""

    clients: Clients
    kept_requests: PushedRequests
    token_issuer: Callable[[], TokenIssuer]

    def __call__(self, raw: RawParameters) -> LogoutRequest:
        """Verify what came. Raises Displayed for a bad hint, client or address: nobody is sent anywhere by those."""
        if raw.repeated() & set(_PARAMETERS):
            raise _bad("a parameter is repeated")
        client_id = raw.find("client_id")
        hint = _read_hint(raw.find("id_token_hint"), client_id, self.token_issuer())
        known = client_id or (hint.client_id if hint else None)
        client = self.clients.find(known) if known else None
        if known is not None and (client is None or client.disabled):
            raise _bad("unknown client", diagnosis=no_file(known))
        address = raw.find("post_logout_redirect_uri")
        if client is not None and address is not None and address not in client.post_logout_redirect_uris:
            raise _bad(
                "post_logout_redirect_uri is not registered",
                client.client_id,
                not_registered("post_logout_redirect_uris", [address], client.post_logout_redirect_uris),
            )
        return LogoutRequest(
            client=client, hint=hint, redirect_uri=address if client else None, state=raw.find("state")
        )

    def keep(self, raw: RawParameters, now: datetime) -> str:
        """Keep a request that has been checked; returns the reference under which the GET after it finds it."""
        reference = secrets.token_urlsafe(32)
        kept = {"parameters": list(raw.pairs)}
        self.kept_requests.push(reference_hash(reference), _KEPT_FOR_LOGOUT, kept, now + KEPT_FOR)
        return reference

    def find_kept(self, reference: str, now: datetime) -> RawParameters:
        """The request that was kept. Raises Displayed when it is too old."""
        kept = self.kept_requests.find(reference_hash(reference), _KEPT_FOR_LOGOUT, now)
        if kept is None:
            raise Displayed(code="invalid_request", description="The request is too old", page="error.expired")
        return RawParameters.of((name, value) for name, value in kept["parameters"])


def _read_hint(hint: str | None, client_id: str | None, token_issuer: TokenIssuer) -> IdTokenHint | None:
    if hint is None:
        return None
    try:
        return read_id_token_hint(
            hint, keys=token_issuer.keyring.verification_keys(), issuer=token_issuer.issuer, client_id=client_id
        )
    except JoseRefused as refused:
        raise _bad(f"id_token_hint: {refused.reason}", diagnosis=refused.diagnosis) from None


def _bad(detail: str, client_id: str | None = None, diagnosis: str = "") -> Displayed:
    return Displayed(
        code="invalid_request",
        description="The logout request is not valid",
        detail=detail,
        diagnosis=diagnosis,
        client_id=client_id,
    )
