"""The OpenID Connect client of MittPreZero: a public native app, with PKCE and no secret (RFC 8252)."""

import base64
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from idp_sandbox.serving import ProgramOptions

CLIENT_ID = "mittprezero"
SCOPE = "openid profile email phone customer offline_access"
ALGORITHMS = ["ES256", "RS256"]
LEEWAY = timedelta(seconds=30)
TIMEOUT = (3.05, 15)


class LoginFailed(Exception):
    """The provider refused, or its answer must not be believed."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(f"{error}: {description}" if description else error)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """What the app remembers between opening the browser and being called back."""

    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What the app holds while somebody is logged in."""

    id_token: str
    claims: Mapping[str, Any]
    userinfo: Mapping[str, Any]
    access_token: str
    refresh_token: str | None
    expires_at: datetime
    updated_at: datetime
    renewals: int = 0

    @property
    def name(self) -> str:
        return str(self.userinfo.get("name") or self.claims["sub"])

    @property
    def customer_number(self) -> str | None:
        found = self.userinfo.get("customer_number", self.claims.get("customer_number"))
        return None if found is None else str(found)

    @property
    def organisation_name(self) -> str | None:
        found = self.userinfo.get("https://id.oidc.se/claim/orgName")
        return None if found is None else str(found)


class OidcClient:
    """Talks to the provider; knows its discovery address and nothing else beforehand."""

    def __init__(self, options: ProgramOptions, redirect_uri: str) -> None:
        self._options = options
        self._redirect_uri = redirect_uri
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] | None = None
        self._keys: KeySet | None = None

    def begin(self, extra: Mapping[str, str], state_prefix: str = "") -> tuple[PendingLogin, str]:
        """Make a new login and the address that the system browser shall open (RFC 7636 4.3)."""
        pending = PendingLogin(
            state=state_prefix + secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            code_verifier=secrets.token_urlsafe(48),
        )
        digest = hashlib.sha256(pending.code_verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": self._redirect_uri,
            "scope": SCOPE,
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **extra,
        }
        return pending, self._discover()["authorization_endpoint"] + "?" + urlencode(query)

    def finish(self, pending: PendingLogin, answer: Mapping[str, str], *, now: datetime) -> Login:
        """Redeem the code of an answer to a login that we began. Raises LoginFailed."""
        metadata = self._discover()
        if answer.get("iss") != metadata["issuer"]:
            raise LoginFailed("invalid_answer", "iss is another provider's (RFC 9207 2.4)")
        if "error" in answer:
            raise LoginFailed(answer["error"], answer.get("error_description", ""))
        grant = {
            "grant_type": "authorization_code",
            "code": answer.get("code", ""),
            "redirect_uri": self._redirect_uri,
            "client_id": CLIENT_ID,
            "code_verifier": pending.code_verifier,
        }
        tokens = self._request_tokens(grant)
        claims = self._read_id_token(str(tokens.get("id_token", "")), nonce=pending.nonce, now=now)
        return Login(
            id_token=str(tokens["id_token"]),
            claims=claims,
            userinfo=self._fetch_userinfo(tokens["access_token"], str(claims["sub"])),
            access_token=tokens["access_token"],
            refresh_token=tokens.get("refresh_token"),
            expires_at=now + timedelta(seconds=int(tokens.get("expires_in", 0))),
            updated_at=now,
        )

    def renew(self, held: Login, *, now: datetime) -> Login:
        """Exchange the refresh token; the new one replaces the old (RFC 6749 6). Raises LoginFailed."""
        if held.refresh_token is None:
            raise LoginFailed("invalid_grant", "there is no refresh token")
        grant = {"grant_type": "refresh_token", "refresh_token": held.refresh_token, "client_id": CLIENT_ID}
        tokens = self._request_tokens(grant)
        id_token, claims = held.id_token, held.claims
        if "id_token" in tokens:
            id_token = str(tokens["id_token"])
            claims = self._read_id_token(id_token, nonce=None, now=now)
            if claims["sub"] != held.claims["sub"]:
                raise LoginFailed("invalid_answer", "the new ID token is about somebody else (OIDC Core 12.2)")
        return replace(
            held,
            id_token=id_token,
            claims=claims,
            userinfo=self._fetch_userinfo(tokens["access_token"], str(claims["sub"])),
            access_token=tokens["access_token"],
            refresh_token=tokens.get("refresh_token", held.refresh_token),
            expires_at=now + timedelta(seconds=int(tokens.get("expires_in", 0))),
            updated_at=now,
            renewals=held.renewals + 1,
        )

    def revoke(self, held: Login) -> None:
        """Revoke the refresh token, and with it everything that came from it (RFC 7009 2.1)."""
        presented = held.refresh_token or held.access_token
        kind = "refresh_token" if held.refresh_token else "access_token"
        form = {"token": presented, "token_type_hint": kind, "client_id": CLIENT_ID}
        with self._session() as http:
            http.post(self._discover()["revocation_endpoint"], data=form, timeout=TIMEOUT).raise_for_status()

    def logout_address(self, id_token: str, *, back_to: str, state: str) -> str:
        """Where the browser ends its own session at the provider (RP-Initiated Logout 2)."""
        query = {
            "id_token_hint": id_token,
            "client_id": CLIENT_ID,
            "post_logout_redirect_uri": back_to,
            "state": state,
        }
        return str(self._discover()["end_session_endpoint"]) + "?" + urlencode(query)

    def _session(self) -> requests.Session:
        http = requests.Session()
        http.verify = self._options.verify
        http.trust_env = False  # otherwise the environment's certificates win over ours
        http.headers["Accept"] = "application/json"
        return http

    def _discover(self) -> dict[str, Any]:
        with self._lock:
            if self._metadata is None:
                with self._session() as http:
                    response = http.get(self._options.discovery_url, timeout=TIMEOUT)
                response.raise_for_status()
                metadata: dict[str, Any] = response.json()
                if metadata.get("issuer") != self._options.issuer:
                    raise LoginFailed("invalid_answer", "discovery names another issuer (OIDC Discovery 4.3)")
                self._metadata = metadata
            return self._metadata

    def _request_tokens(self, form: Mapping[str, str]) -> dict[str, Any]:
        with self._session() as http:
            response = http.post(self._discover()["token_endpoint"], data=form, timeout=TIMEOUT)
        if response.status_code >= requests.codes.internal_server_error:
            response.raise_for_status()
        body: dict[str, Any] = response.json()
        if not response.ok:
            raise LoginFailed(str(body.get("error", "invalid_answer")), str(body.get("error_description", "")))
        if str(body.get("token_type", "")).lower() != "bearer":
            raise LoginFailed("invalid_answer", "token_type is not Bearer")
        if not isinstance(body.get("access_token"), str):
            raise LoginFailed("invalid_answer", "there is no access token in the answer")
        return body

    def _fetch_userinfo(self, access_token: str, sub: str) -> dict[str, Any]:
        with self._session() as http:
            http.headers["Authorization"] = f"Bearer {access_token}"
            response = http.get(self._discover()["userinfo_endpoint"], timeout=TIMEOUT)
        response.raise_for_status()
        userinfo: dict[str, Any] = response.json()
        if userinfo.get("sub") != sub:
            raise LoginFailed("invalid_answer", "UserInfo is about somebody else (OIDC Core 5.3.2)")
        return userinfo

    def _read_id_token(self, encoded: str, *, nonce: str | None, now: datetime) -> dict[str, Any]:
        """Check the ID token by the rules (OIDC Core 3.1.3.7; without nonce after a refresh, 12.2)."""
        claims = self._verified_claims(encoded)
        audience = claims.get("aud")
        if claims.get("iss") != self._options.issuer:
            raise LoginFailed("invalid_answer", "the ID token's iss is another provider")
        if CLIENT_ID not in (audience if isinstance(audience, list) else [audience]):
            raise LoginFailed("invalid_answer", "the ID token's aud is another client")
        if not isinstance(claims.get("exp"), int) or claims["exp"] + LEEWAY.total_seconds() < now.timestamp():
            raise LoginFailed("invalid_answer", "the ID token has expired")
        if not isinstance(claims.get("iat"), int) or claims["iat"] - LEEWAY.total_seconds() > now.timestamp():
            raise LoginFailed("invalid_answer", "the ID token is from the future")
        if nonce is not None and claims.get("nonce") != nonce:
            raise LoginFailed("invalid_answer", "the ID token answers another login (nonce)")
        if not isinstance(claims.get("sub"), str):
            raise LoginFailed("invalid_answer", "the ID token names nobody")
        return claims

    def _verified_claims(self, encoded: str) -> dict[str, Any]:
        """Verify with the keys we have; fetch them once more, because the provider may have changed keys."""
        for fetch_again in (False, True):
            keys = self._provider_keys(fetch_again=fetch_again)
            try:
                return jwt.decode(encoded, keys, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError) as problem:
                if fetch_again:
                    raise LoginFailed("invalid_answer", "the ID token's signature does not hold") from problem
        raise AssertionError

    def _provider_keys(self, *, fetch_again: bool) -> KeySet:
        address = self._discover()["jwks_uri"]
        with self._lock:
            if self._keys is None or fetch_again:
                with self._session() as http:
                    response = http.get(address, timeout=TIMEOUT)
                response.raise_for_status()
                self._keys = KeySet.import_key_set(response.json())
            return self._keys
