"""CORS: which pages of other sites may call an endpoint from a browser (Fetch standard, CORS protocol).

Only pages of a registered client, named by the origins of its redirect URIs; never with cookies, and the answer to one
client is not readable by another's page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients

_PREFLIGHT_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """Opens endpoints to the pages of clients."""

    clients: Clients

    def open(self, blueprint: Blueprint, path: str, *methods: str) -> None:
        """Answer preflights for the path, and let the calling client's own pages read the answers of this blueprint.

        It comes before the path's own routes, which would answer OPTIONS by themselves.
        """

        @blueprint.route(path, methods=["OPTIONS"], provide_automatic_options=False)
        def preflight() -> Response:
            response = Response(status=204)
            if self._is_allowed(request.headers.get("Origin")):
                response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
                response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, DPoP"
                response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
            return response

        blueprint.after_request(self._allow)

    def _allow(self, response: Response) -> Response:
        origin = request.headers.get("Origin")
        response.headers.add("Vary", "Origin")
        if origin is not None and self._is_allowed(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, DPoP-Nonce, Error-Code"
        return response

    def _is_allowed(self, origin: str | None) -> bool:
        caller: Client | None = g.get("calling_client")
        clients = [caller] if caller else self.clients.all()
        return origin is not None and any(origin in _origins(client.redirect_uris) for client in clients)


def remember_caller(client: Client) -> None:
    """From here on only this client's pages may read the answer."""
    g.calling_client = client


def _origins(uris: Iterable[str]) -> set[str]:
    parts = [urlsplit(uri) for uri in uris]
    return {f"{part.scheme}://{part.netloc}" for part in parts if part.scheme in {"https", "http"}}
