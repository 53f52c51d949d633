"""The pushed authorization request endpoint (RFC 9126 2)."""

from flask import Blueprint, Response

from idp.core.oidc.authorize.pushed_request import PushRequest
from idp.core.oidc.parameters import Form
from idp.web.oidc import parameters
from idp.web.oidc.authorization_requests import environment
from idp.web.oidc.client_requests import answer_json, calling_client, nonce_header, proved_key_of_client
from idp.web.oidc.cors import allow_clients
from idp.web.services import services

blueprint = Blueprint("par", __name__)
allow_clients(blueprint, "/par", "POST")


@blueprint.post("/par")
def push() -> Response:
    """Authenticate the client, check its request and give a reference for the browser."""
    now = services().now()
    raw = parameters.read_form()
    client = calling_client(Form(raw), now)
    jkt = proved_key_of_client(now)
    pushed = PushRequest(environment())(raw, now, client=client, dpop_jkt=jkt)
    response = answer_json({"request_uri": pushed.request_uri, "expires_in": pushed.expires_in})
    response.status_code = 201
    response.headers.update(nonce_header(now) if jkt else {})
    return response
