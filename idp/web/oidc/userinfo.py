"""The UserInfo endpoint (OpenID Connect Core 5.3)."""

from functools import partial

from flask import Blueprint, Response, request

from idp.core.oidc.clients.bearer import PresentedToken, Scheme, read_presented, refuse_access
from idp.core.oidc.clients.dpop import ProofRefused
from idp.core.oidc.errors import Refused
from idp.core.oidc.tokens.userinfo import ReadUserInfo
from idp.web.oidc.client_requests import (
    answer_json,
    answer_signed,
    nonce_header,
    proved_key,
    read_form,
)
from idp.web.oidc.cors import allow_clients, remember_caller
from idp.web.services import services

blueprint = Blueprint("userinfo", __name__)
allow_clients(blueprint, "/userinfo", "GET", "POST")


@blueprint.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """Answer the bearer of an access token, as JSON or as the signed token that its client registered for."""
    known = services()
    now = known.now()
    presented = _presented()
    prove = partial(_prove, presented)
    read = ReadUserInfo(clients=known.clients, grants=known.grants, token_issuer=lambda: known.token_issuer)
    info = read(presented, prove, now)
    remember_caller(info.client)
    return answer_json(info.claims) if info.signed is None else answer_signed(info.signed, "application/jwt")


def _presented() -> PresentedToken:
    issuer = services().settings.issuer
    if "access_token" in request.args:
        raise refuse_access(issuer, "invalid_request", "An access token does not belong in an address")
    in_form = request.method == "POST" and request.mimetype == "application/x-www-form-urlencoded"
    in_body = read_form().all("access_token") if in_form else ()
    return read_presented(request.headers.get("Authorization"), in_body, issuer=issuer)


def _prove(presented: PresentedToken) -> str | None:
    """RFC 9449 7.1. Raises Refused with the challenge of the DPoP scheme."""
    known = services()
    now = known.now()
    try:
        return proved_key(now, access_token=presented.value)
    except ProofRefused as problem:
        refused = refuse_access(
            known.settings.issuer,
            problem.code,
            "The DPoP proof is not valid",
            scheme=Scheme.DPOP,
            detail=problem.reason,
        )
        raise Refused(
            code=refused.code,
            description=refused.description,
            detail=refused.detail,
            status=refused.status,
            headers={**refused.headers, **nonce_header(now)},
        ) from None
