"""The introspection endpoint (RFC 7662; RFC 9701)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request

from idp.core.oidc.tokens.introspection import SIGNED_MEDIA_TYPE, Introspect
from idp.web.oidc.client_requests import ClientRequests, answer_json, answer_signed, read_form


@dataclass(frozen=True, slots=True, kw_only=True)
class IntrospectionEndpoint:
    """Tells APIs of tokens."""

    requests: ClientRequests
    introspect: Introspect
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("introspection", __name__)
        routes.post("/introspect")(self.introspection)
        return routes

    def introspection(self) -> Response:
        """Say whether a token counts, as JSON or, when asked by Accept, signed."""
        now = self.clock()
        form = read_form()
        asking = self.requests.client(form, now)
        answer = self.introspect(form.get("token"), asking, now)
        if any(media_type == SIGNED_MEDIA_TYPE for media_type, _ in request.accept_mimetypes):
            return answer_signed(self.introspect.signed(answer, asking, now), SIGNED_MEDIA_TYPE)
        return answer_json(answer)
