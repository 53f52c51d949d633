"""The pushed authorization request endpoint (RFC 9126 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response

from idp.core.oidc.authorize.pushed_request import PushRequest
from idp.core.oidc.parameters import Form
from idp.web.oidc import parameters
from idp.web.oidc.client_requests import ClientRequests, answer_json
from idp.web.oidc.cors import Cors


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRequestEndpoint:
    """Takes authorization requests ahead of the browser."""

    requests: ClientRequests
    push_request: PushRequest
    cors: Cors
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("par", __name__)
        self.cors.open(routes, "/par", "POST")
        routes.post("/par")(self.push)
        return routes

    def push(self) -> Response:
        """Authenticate the client, check its request and give a reference for the browser."""
        now = self.clock()
        raw = parameters.read_form()
        client = self.requests.client(Form(raw), now)
        jkt = self.requests.proved_key_of_client(now)
        pushed = self.push_request(raw, now, client=client, dpop_jkt=jkt)
        response = answer_json({"request_uri": pushed.request_uri, "expires_in": pushed.expires_in})
        response.status_code = 201
        response.headers.update(self.requests.nonce_header(now) if jkt else {})
        return response
