"""The metadata document and our public keys (OpenID Connect Discovery 1.0 4; RFC 8414 3; RFC 7517 5)."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.discovery import metadata
from idp.core.oidc.keys.ports import Keys

MAX_AGE_SECONDS = 3_600
"""A new key is published longer than this before it signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Tells relying parties what this provider can do and which keys are ours."""

    issuer: str
    acr: str
    policy_uri: str | None
    registration: bool
    keys: Keys
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("discovery", __name__)
        routes.get("/.well-known/openid-configuration")(self.describe)
        routes.get("/.well-known/oauth-authorization-server")(self.describe)
        routes.get("/jwks.json")(self.public_keys)
        return routes

    def describe(self) -> BaseResponse:
        """Tell what this provider can do; the same bytes whatever the request's Host says."""
        algs = self.keys.keyring.algs(self.clock())
        return _publish(_describe(self.issuer, self.acr, algs, self.policy_uri, registration=self.registration))

    def document(self, signing_algs: Sequence[str]) -> Mapping[str, Any]:
        """What is told while these algorithms have an active key."""
        return metadata(
            issuer=self.issuer,
            acr=self.acr,
            signing_algs=signing_algs,
            policy_uri=self.policy_uri,
            registration=self.registration,
        )

    def public_keys(self) -> BaseResponse:
        """Publish the public keys of every state."""
        return _publish(_dump(self.keys.keyring.public_jwks()))


@lru_cache(maxsize=8)
def _describe(
    issuer: str, acr: str, signing_algs: tuple[str, ...], policy_uri: str | None, *, registration: bool
) -> bytes:
    return _dump(
        metadata(issuer=issuer, acr=acr, signing_algs=signing_algs, policy_uri=policy_uri, registration=registration)
    )


def _dump(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _publish(body: bytes) -> BaseResponse:
    """Cacheable by anybody and readable by scripts of any origin: it holds nothing that is not public."""
    response = Response(body, mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return response.make_conditional(request)
