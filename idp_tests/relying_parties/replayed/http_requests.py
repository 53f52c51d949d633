"""What libraries that cannot run here send: a back channel of their own, and PKCE."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from idp_tests.patience import PATIENCE
from idp_tests.relying_parties.conftest import Parties


@dataclass(frozen=True, slots=True)
class Pkce:
    """One verifier and its challenge (RFC 7636 4.1, 4.2)."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class BackChannel:
    """HTTP from the relying party to the provider: no cookies, its own headers, endpoints from discovery."""

    def __init__(self, parties: Parties, **headers: str) -> None:
        self._parties = parties
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.metadata = self.get(f"{parties.issuer}/.well-known/openid-configuration").json()

    def get(self, address: str, **headers: str) -> requests.Response:
        return requests.get(
            address, headers=self._headers | headers, verify=self._parties.world.trusted, timeout=PATIENCE
        )

    def post(
        self, endpoint: str, form: dict[str, str], *, basic: str | None = None, content_type: str | None = None
    ) -> requests.Response:
        """Post a form to an endpoint by its name in the discovery document; `basic` is a client_id."""
        return requests.post(
            self.metadata[f"{endpoint}_endpoint"],
            data=form,
            headers=self._headers | ({"Content-Type": content_type} if content_type else {}),
            auth=(basic, self._parties.secrets[basic]) if basic else None,
            verify=self._parties.world.trusted,
            timeout=PATIENCE,
        )

    def read_id_token(self, tokens: dict[str, Any], alg: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of an ID token, verified with the published keys and one algorithm only."""
        keys = KeySet.import_key_set(self.get(self.metadata["jwks_uri"]).json())
        token = jwt.decode(tokens["id_token"], keys, algorithms=[alg])
        return dict(token.header), dict(token.claims)

    def userinfo(self, tokens: dict[str, Any]) -> dict[str, Any]:
        response = self.get(self.metadata["userinfo_endpoint"], Authorization=f"Bearer {tokens['access_token']}")
        assert response.status_code == requests.codes.ok, response.text
        claims: dict[str, Any] = response.json()
        return claims
