"""The revocation endpoint (RFC 7009)."""

from flask import Blueprint, Response

from idp.core.oidc.errors import Refused
from idp.core.oidc.revocation import revoke_token
from idp.web.oidc.backchannel import calling_client, mint, never_stored, read_form
from idp.web.oidc.cors import allow_clients
from idp.web.services import services

RETRY_AFTER_SECONDS = 5

blueprint = Blueprint("revocation", __name__)
allow_clients(blueprint, "/revoke", "POST")


@blueprint.post("/revoke")
def revocation() -> Response:
    """Revoke, and say so only when it is stored: a client that hears 200 forgets the token (RFC 7009 2.2.1)."""
    known = services()
    try:
        now = known.now()
        form = read_form()
        client = calling_client(form, now)
        revoke_token(form.get("token"), client, grants=known.grants, audit=known.audit, mint=mint(), now=now)
        known.unit_of_work.commit()
    except Refused:
        raise
    except Exception as failure:
        known.unit_of_work.roll_back()
        raise Refused(
            code="temporarily_unavailable",
            description="The token could not be revoked; try again",
            detail=type(failure).__name__,
            status=503,
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        ) from failure
    response = never_stored(Response(status=200))
    # Nothing has no type: libraries that read JSON refuse an empty text/html (RFC 7009 2.2 gives the body no meaning).
    del response.headers["Content-Type"]
    return response
