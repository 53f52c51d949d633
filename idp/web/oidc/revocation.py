"""The revocation endpoint (RFC 7009)."""

from flask import Blueprint, Response

from idp.core.oidc.tokens.revocation import RevokeToken
from idp.web.oidc.client_requests import calling_client, never_stored, read_form
from idp.web.oidc.cors import allow_clients
from idp.web.services import services

blueprint = Blueprint("revocation", __name__)
allow_clients(blueprint, "/revoke", "POST")


@blueprint.post("/revoke")
def revocation() -> Response:
    """Revoke. A database out of reach is answered with 503, never 200, whereupon a client forgets the token (2.2.1)."""
    known = services()
    now = known.now()
    form = read_form()
    client = calling_client(form, now)
    revoke = RevokeToken(grants=known.grants, audit=known.audit, token_issuer=lambda: known.token_issuer)
    revoke(form.get("token"), client, now)
    response = never_stored(Response(status=200))
    # Nothing has no type: libraries that read JSON refuse an empty text/html (RFC 7009 2.2 gives the body no meaning).
    del response.headers["Content-Type"]
    return response
