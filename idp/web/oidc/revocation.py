"""The revocation endpoint (RFC 7009)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response

from idp.core.oidc.tokens.revocation import RevokeToken
from idp.web.oidc.client_requests import ClientRequests, never_stored, read_form
from idp.web.oidc.cors import Cors


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationEndpoint:
    """Takes tokens back from clients."""

    requests: ClientRequests
    revoke: RevokeToken
    cors: Cors
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("revocation", __name__)
        self.cors.open(routes, "/revoke", "POST")
        routes.post("/revoke")(self.revocation)
        return routes

    def revocation(self) -> Response:
        """Revoke. A database out of reach is answered with 503, never 200, whereupon a client forgets the token (2.2.1)."""
        now = self.clock()
        form = read_form()
        client = self.requests.client(form, now)
        self.revoke(form.get("token"), client, now)
        response = never_stored(Response(status=200))
        # Nothing has no type: libraries that read JSON refuse an empty text/html (RFC 7009 2.2 gives the body no meaning).
        del response.headers["Content-Type"]
        return response
