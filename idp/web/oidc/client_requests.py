"""Client requests: who calls an endpoint and with which key, and how a program is answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request

from idp.core.oidc.clients.authentication import AuthenticateClient, PresentedCredentials
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.dpop import ProofRefused, VerifyProof
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import Form
from idp.web.application import Answer
from idp.web.oidc import parameters
from idp.web.oidc.cors import remember_caller

_NEVER_STORED = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
_JSON_NEVER_STORED = (("Content-Type", "application/json"), *_NEVER_STORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequests:
    """Finds out who sent the present request."""

    authenticate: AuthenticateClient
    verify_proof: VerifyProof
    issuer: str

    def client(self, form: Form, now: datetime) -> Client:
        """Who is calling. Raises Refused."""
        endpoint = f"{self.issuer}{request.path}"
        client = self.authenticate(PresentedCredentials.of(request.headers.get("Authorization"), form, endpoint), now)
        remember_caller(client)
        return client

    def proved_key(self, now: datetime, access_token: str | None = None) -> str | None:
        """The thumbprint of the key that the caller proved by DPoP, or None when it did not try. Raises ProofRefused."""
        return self.verify_proof(
            request.headers.getlist("DPoP"),
            now,
            method=request.method,
            url=f"{self.issuer}{request.path}",
            access_token=access_token,
        )

    def proved_key_of_client(self, now: datetime) -> str | None:
        """The same where a client asks for tokens. Raises Refused as RFC 9449 5 and 8 say."""
        try:
            return self.proved_key(now)
        except ProofRefused as problem:
            raise Refused(
                code=problem.code,
                description="The DPoP proof is not valid",
                detail=problem.reason,
                diagnosis=problem.diagnosis,
                headers=self.nonce_header(now),
            ) from None

    def nonce_header(self, now: datetime) -> Mapping[str, str]:
        """The nonce to use next (RFC 9449 8.2); nothing when none is asked for."""
        nonces = self.verify_proof.nonces
        return {"DPoP-Nonce": nonces.current(now)} if nonces.required else {}


def read_form() -> Form:
    """The parameters of the body, never of the query. Raises Refused."""
    return Form(parameters.read_form())


def answer_json(members: Mapping[str, Any]) -> Response:
    """An answer that nothing on the way may keep (RFC 6749 5.1)."""
    return Answer(json.dumps(members, separators=(",", ":")), headers=_JSON_NEVER_STORED)


def answer_signed(token: str, media_type: str) -> Response:
    """An answer that is a signed token."""
    return never_stored(Response(token, mimetype=media_type))


def never_stored(response: Response) -> Response:
    response.headers.update(_NEVER_STORED)
    return response
