"""The token endpoint (RFC 6749 3.2; OpenID Connect Core 3.1.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response

from idp.core.oidc.tokens.token_endpoint import AnswerTokenRequest
from idp.web.oidc.client_requests import ClientRequests, answer_json, read_form
from idp.web.oidc.cors import Cors


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEndpoint:
    """Gives tokens to clients."""

    requests: ClientRequests
    answer: AnswerTokenRequest
    cors: Cors
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("token", __name__)
        self.cors.open(routes, "/token", "POST")
        routes.post("/token")(self.token)
        return routes

    def token(self) -> Response:
        """Find out who calls and with which key, then answer by grant type."""
        now = self.clock()
        form = read_form()
        client = self.requests.client(form, now)
        jkt = self.requests.proved_key_of_client(now)
        response = answer_json(self.answer(form, client, jkt, now))
        response.headers.update(self.requests.nonce_header(now) if jkt else {})
        return response
