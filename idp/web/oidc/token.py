"""The token endpoint (RFC 6749 3.2; OpenID Connect Core 3.1.3)."""

from flask import Blueprint, Response

from idp.core.oidc.tokens.token_request import answer_token_request
from idp.web.oidc.client_requests import (
    answer_json,
    calling_client,
    mint,
    nonce_header,
    proved_key_of_client,
    read_form,
)
from idp.web.oidc.cors import allow_clients
from idp.web.services import services

blueprint = Blueprint("token", __name__)
allow_clients(blueprint, "/token", "POST")


@blueprint.post("/token")
def token() -> Response:
    """Find out who calls and with which key, then answer by grant type."""
    known = services()
    now = known.now()
    form = read_form()
    client = calling_client(form, now)
    jkt = proved_key_of_client(now)
    answer = answer_token_request(form, client, jkt, grants=known.grants, audit=known.audit, mint=mint(), now=now)
    response = answer_json(answer)
    response.headers.update(nonce_header(now) if jkt else {})
    return response
