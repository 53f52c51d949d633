"""Logout calls: a logout token for each client that a session signed in to (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from idp.core.messages import BackChannel, Message, Undelivered
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.keys.keyring import NoSigningKey
from idp.core.oidc.logout.logout_token import logout_token
from idp.core.oidc.tokens.token_issuer import TokenIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutCalls:
    """Makes each token at the moment it is sent, for it lives two minutes."""

    clients: Clients
    back_channel: BackChannel
    token_issuer: Callable[[], TokenIssuer]

    def deliver(self, message: Message, now: datetime) -> None:
        """Raises Undelivered. A client that is gone, or wants no calls any more, is told nothing."""
        client = self.clients.find(str(message.payload["client_id"]))
        if client is None or client.backchannel_logout_uri is None:
            raise Undelivered("no_such_client", final=True)
        try:
            token = logout_token(
                client,
                sub=str(message.payload["sub"]),
                sid=str(message.payload["sid"]),
                token_issuer=self.token_issuer(),
                now=now,
            )
            self.back_channel.post_logout_token(client.backchannel_logout_uri, token)
        except NoSigningKey:
            raise Undelivered("no_signing_key") from None
