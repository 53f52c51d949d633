"""The introspection endpoint (RFC 7662; RFC 9701)."""

from flask import Blueprint, Response, request

from idp.core.oidc.tokens.introspection import SIGNED_MEDIA_TYPE, Introspect
from idp.web.oidc.client_requests import answer_json, answer_signed, calling_client, read_form
from idp.web.services import services

blueprint = Blueprint("introspection", __name__)


@blueprint.post("/introspect")
def introspection() -> Response:
    """Say whether a token counts, as JSON or, when asked by Accept, signed."""
    known = services()
    now = known.now()
    form = read_form()
    asking = calling_client(form, now)
    introspect = Introspect(clients=known.clients, grants=known.grants, token_issuer=lambda: known.token_issuer)
    answer = introspect(form.get("token"), asking, now)
    if any(media_type == SIGNED_MEDIA_TYPE for media_type, _ in request.accept_mimetypes):
        return answer_signed(introspect.signed(answer, asking, now), SIGNED_MEDIA_TYPE)
    return answer_json(answer)
