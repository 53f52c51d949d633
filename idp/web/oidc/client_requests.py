"""Back channel: how a program's request is read, and how it is answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request

from idp.core.oidc.clients.authentication import AuthenticateClient, PresentedCredentials
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.dpop import Nonces, ProofRefused, VerifyProof
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import Form
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.web.oidc import parameters
from idp.web.oidc.cors import remember_caller
from idp.web.services import services


def read_form() -> Form:
    """The parameters of the body, never of the query. Raises Refused."""
    return Form(parameters.read_form())


def calling_client(form: Form, now: datetime) -> Client:
    """Who is calling. Raises Refused."""
    known = services()
    authenticate = AuthenticateClient(clients=known.clients, seen_ids=known.seen_ids, issuer=known.settings.issuer)
    client = authenticate(PresentedCredentials.of(request.headers.get("Authorization"), form), now)
    remember_caller(client)
    return client


def proved_key(now: datetime, access_token: str | None = None) -> str | None:
    """The thumbprint of the key that the caller proved by DPoP, or None when it did not try. Raises ProofRefused."""
    known = services()
    verify = VerifyProof(seen_ids=known.seen_ids, nonces=nonces())
    return verify(
        request.headers.getlist("DPoP"),
        now,
        method=request.method,
        url=f"{known.settings.issuer}{request.path}",
        access_token=access_token,
    )


def proved_key_of_client(now: datetime) -> str | None:
    """The same where a client asks for tokens. Raises Refused as RFC 9449 5 and 8 say."""
    try:
        return proved_key(now)
    except ProofRefused as problem:
        raise Refused(
            code=problem.code,
            description="The DPoP proof is not valid",
            detail=problem.reason,
            headers=nonce_header(now),
        ) from None


def nonces() -> Nonces:
    """The rule for DPoP nonces."""
    known = services()
    return Nonces(known.keys, required=known.settings.dpop.nonce_required)


def nonce_header(now: datetime) -> Mapping[str, str]:
    """The nonce to use next (RFC 9449 8.2); nothing when none is asked for."""
    rule = nonces()
    return {"DPoP-Nonce": rule.current(now)} if rule.required else {}


def token_issuer() -> TokenIssuer:
    """What tokens are made with now."""
    return services().token_issuer


def answer_json(members: Mapping[str, Any]) -> Response:
    """An answer that nothing on the way may keep (RFC 6749 5.1)."""
    return never_stored(jsonify(members))


def answer_signed(token: str, media_type: str) -> Response:
    """An answer that is a signed token."""
    return never_stored(Response(token, mimetype=media_type))


def never_stored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
