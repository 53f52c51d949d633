"""The metadata document and our public keys (OpenID Connect Discovery 1.0 4; RFC 8414 3; RFC 7517 5)."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.discovery import metadata
from idp.core.oidc.keys.ports import Keys

MAX_AGE_SECONDS = 3_600
"""A new key is published longer than this before it signs."""
_METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
_KEYS = "/jwks.json"


@dataclass(frozen=True, slots=True)
class Document:
    """Public bytes, the same for everybody; cacheable by anybody and readable by scripts of any origin."""

    body: bytes
    etag: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> "Document":
        body = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = (
            ("Content-Type", "application/json"),
            ("Cache-Control", f"public, max-age={MAX_AGE_SECONDS}"),
            ("Access-Control-Allow-Origin", "*"),
            ("ETag", etag),
        )
        return cls(body, etag, headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Tells relying parties what this provider can do and which keys are ours."""

    issuer: str
    acrs: tuple[str, ...]
    policy_uri: str | None
    registration: bool
    keys: Keys
    clock: Callable[[], datetime]
    _documents: dict[str, tuple[object, Document]] = field(default_factory=dict, init=False, compare=False, repr=False)
    """By path, with what each was made from."""

    def blueprint(self) -> Blueprint:
        """Routes for what `find` is not asked for: other methods, and other front doors than ours."""
        routes = Blueprint("discovery", __name__)
        for path in (*_METADATA, _KEYS):
            routes.get(path)(self._answer)
        return routes

    def find(self, path: str) -> Document | None:
        """The document at this path; the same bytes whatever the request's Host says."""
        if path == _KEYS:
            keyring = self.keys.keyring
            return self._kept(path, keyring, keyring.public_jwks)
        if path in _METADATA:
            algs = self.keys.keyring.algs(self.clock())
            return self._kept(path, algs, lambda: self.document(algs))
        return None

    def _kept(self, path: str, source: object, make: Callable[[], Mapping[str, Any]]) -> Document:
        """What was made from the very same source before, or a new one."""
        before = self._documents.get(path)
        if before is None or (before[0] is not source and before[0] != source):
            before = self._documents[path] = (source, Document.of(make()))
        return before[1]

    def document(self, signing_algs: Sequence[str]) -> Mapping[str, Any]:
        """What is told while these algorithms have an active key."""
        return metadata(
            issuer=self.issuer,
            acrs=self.acrs,
            signing_algs=signing_algs,
            policy_uri=self.policy_uri,
            registration=self.registration,
        )

    def _answer(self) -> BaseResponse:
        found = self.find(request.path)
        assert found is not None  # noqa: S101 - the routes are those paths
        return Response(found.body, headers=list(found.headers)).make_conditional(request)
