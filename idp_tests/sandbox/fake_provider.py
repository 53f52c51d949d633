"""A tiny OpenID provider inside the test process: `requests` calls are answered here, no socket is opened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import responses
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from idp_sandbox.serving import ProgramOptions

ISSUER = "https://id.example.test"


def options_for(directory: Path, port: int) -> ProgramOptions:
    """A relying party of the sandbox at this port, without TLS, at the tiny provider."""
    return ProgramOptions(
        data=directory,
        issuer=ISSUER,
        port=port,
        base_url=f"http://localhost:{port}",
        trusted_ca=None,
        certificate=None,
        certificate_key=None,
    )


@dataclass
class FakeProvider:
    """Answers discovery, keys, token, UserInfo and revocation, and remembers what it was sent."""

    stubs: responses.RequestsMock
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True))
    claims: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    """Replaces members of the token response; a member that is None is left out."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    token_requests: list[dict[str, str]] = field(default_factory=list)
    revocations: list[dict[str, str]] = field(default_factory=list)
    refusal: tuple[int, dict[str, str]] | None = None
    refresh_tokens: int = 0

    def __post_init__(self) -> None:
        add = self.stubs.add_callback
        add(responses.GET, ISSUER + "/.well-known/openid-configuration", lambda _: _json(200, self.metadata()))
        add(responses.GET, ISSUER + "/jwks.json", lambda _: _json(200, self.jwks()))
        add(responses.POST, ISSUER + "/token", self._token)
        add(responses.GET, ISSUER + "/userinfo", lambda _: _json(200, {"sub": "person-1", **self.userinfo}))
        add(responses.POST, ISSUER + "/revoke", self._revoke)
        add(responses.POST, ISSUER + "/par", lambda _: _json(201, {"request_uri": "urn:one", "expires_in": 60}))
        add(responses.POST, ISSUER + "/introspect", lambda _: _json(200, {"active": True, "scope": "openid"}))

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": ISSUER + "/authorize",
            "token_endpoint": ISSUER + "/token",
            "userinfo_endpoint": ISSUER + "/userinfo",
            "jwks_uri": ISSUER + "/jwks.json",
            "revocation_endpoint": ISSUER + "/revoke",
            "end_session_endpoint": ISSUER + "/logout",
            "pushed_authorization_request_endpoint": ISSUER + "/par",
            "introspection_endpoint": ISSUER + "/introspect",
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def jwks(self) -> Any:
        return {"keys": [self.key.as_dict(private=False)]}

    def change_key(self) -> None:
        self.key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)

    def sign(self, claims: Mapping[str, Any], typ: str = "JWT") -> str:
        return jwt.encode({"alg": "ES256", "kid": self.key.kid, "typ": typ}, dict(claims), self.key)

    def id_token(self, *, client_id: str, nonce: str | None) -> str:
        moment = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "person-1",
            "aud": client_id,
            "iat": moment,
            "exp": moment + 300,
            "auth_time": moment - 5,
            "sid": "session-1",
            **({"nonce": nonce} if nonce else {}),
            **self.claims,
        }
        return self.sign({name: value for name, value in claims.items() if value is not None})

    def expect_login(self, location: str, *, client_id: str) -> dict[str, str]:
        """Take the redirect to /authorize: remember its nonce and return its parameters."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        self._nonce, self._client_id = query["nonce"], client_id
        return query

    def _token(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        form = _form(request)
        self.token_requests.append(form)
        if self.refusal:
            return _json(*self.refusal)
        nonce = self._nonce if form["grant_type"] == "authorization_code" else None
        self.refresh_tokens += 1
        answer = {
            "access_token": f"access-{self.refresh_tokens}",
            "token_type": "Bearer",
            "expires_in": 600,
            "id_token": self.id_token(client_id=self._client_id, nonce=nonce),
            "refresh_token": f"refresh-{self.refresh_tokens}",
            **self.answer,
        }
        return _json(200, {name: value for name, value in answer.items() if value is not None})

    def _revoke(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.revocations.append(_form(request))
        return _json(200, {})


def verified_assertion(encoded: str, jwks: Any) -> jwt.Token:
    """Verify a client assertion with the client's published key set."""
    return jwt.decode(encoded, KeySet.import_key_set(jwks), algorithms=["ES256"])


def _form(request: requests.PreparedRequest) -> dict[str, str]:
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
    return {name: values[0] for name, values in parse_qs(body).items()}


def _json(status: int, body: Mapping[str, Any]) -> tuple[int, dict[str, str], str]:
    return status, {"Content-Type": "application/json"}, json.dumps(body)
