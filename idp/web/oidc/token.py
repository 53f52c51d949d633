"""The token endpoint (RFC 6749 3.2; OpenID Connect Core 3.1.3)."""

from flask import Blueprint, Response

from idp.core.oidc.tokens.token_endpoint import AnswerTokenRequest
from idp.web.oidc.client_requests import (
    answer_json,
    calling_client,
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
    answer = AnswerTokenRequest(grants=known.grants, audit=known.audit, token_issuer=lambda: known.token_issuer)
    response = answer_json(answer(form, client, jkt, now))
    response.headers.update(nonce_header(now) if jkt else {})
    return response
