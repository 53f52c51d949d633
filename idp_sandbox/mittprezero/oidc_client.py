"""The OpenID Connect client of MittPreZero: Authlib's, as a public native app with PKCE and no secret (RFC 8252)."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask
from joserfc.errors import JoseError

from idp_sandbox.serving import ProgramOptions

CLIENT_ID = "mittprezero"
SCOPE = "openid profile email phone customer offline_access"
LEEWAY_SECONDS = 30


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


@dataclass(frozen=True, slots=True)
class OidcClient:
    """Our registration with one OpenID provider, of which we know the discovery address and nothing else beforehand."""

    options: ProgramOptions
    redirect_uri: str
    remote: Any

    @classmethod
    def connect(cls, app: Flask, options: ProgramOptions, redirect_uri: str) -> "OidcClient":
        """Register the provider; nothing is fetched before the first login."""
        remote = OAuth(app).register(
            "provider",
            client_id=CLIENT_ID,
            server_metadata_url=options.discovery_url,
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "none",
                "leeway": 0,  # a token about to expire is used as it is: only `renew` spends a refresh token
                "default_timeout": 15,
                "verify": options.verify,
                "trust_env": False,  # otherwise the environment's certificates win over ours
            },
        )
        return cls(options, redirect_uri, remote)

    def begin(self, extra: Mapping[str, str], state_prefix: str = "") -> tuple[PendingLogin, str]:
        """Make a new login and the address that the system browser shall open (RFC 7636 4.3). Raises LoginFailed."""
        with _believing():
            self._metadata()
            begun = self.remote.create_authorization_url(
                self.redirect_uri, state=state_prefix + secrets.token_urlsafe(24), **extra
            )
        pending = PendingLogin(state=begun["state"], nonce=begun["nonce"], code_verifier=begun["code_verifier"])
        return pending, begun["url"]

    def finish(self, pending: PendingLogin, answer: Mapping[str, str], *, now: datetime) -> Login:
        """Redeem the code of an answer to a login that we began. Raises LoginFailed."""
        with _believing():
            if answer.get("iss") != self._metadata()["issuer"]:
                raise LoginFailed("invalid_answer", "iss is another provider's (RFC 9207 2.4)")
            if "error" in answer:
                raise LoginFailed(answer["error"], answer.get("error_description", ""))
            tokens = self.remote.fetch_access_token(
                self.redirect_uri, code=answer.get("code", ""), code_verifier=pending.code_verifier
            )
            claims = self._read_id_token(tokens, nonce=pending.nonce)
            if claims is None:
                raise LoginFailed("invalid_answer", "there is no ID token in the answer")
            return Login(
                id_token=tokens["id_token"],
                claims=claims,
                userinfo=self._fetch_userinfo(tokens, claims["sub"]),
                access_token=tokens["access_token"],
                refresh_token=tokens.get("refresh_token"),
                expires_at=_end_of(tokens, now),
                updated_at=now,
            )

    def renew(self, held: Login, *, now: datetime) -> Login:
        """Exchange the refresh token; the new one replaces the old (RFC 6749 6). Raises LoginFailed."""
        if held.refresh_token is None:
            raise LoginFailed("invalid_grant", "there is no refresh token")
        with _believing():
            tokens = self.remote.fetch_access_token(
                grant_type="refresh_token", refresh_token=held.refresh_token, scope=None
            )
            claims = self._read_id_token(tokens, nonce=None) or held.claims
            if claims["sub"] != held.claims["sub"]:
                raise LoginFailed("invalid_answer", "the new ID token is about somebody else (OIDC Core 12.2)")
            return replace(
                held,
                id_token=tokens.get("id_token", held.id_token),
                claims=claims,
                userinfo=self._fetch_userinfo(tokens, claims["sub"]),
                access_token=tokens["access_token"],
                refresh_token=tokens.get("refresh_token", held.refresh_token),
                expires_at=_end_of(tokens, now),
                updated_at=now,
                renewals=held.renewals + 1,
            )

    def revoke(self, held: Login) -> None:
        """Revoke the refresh token, and with it everything that came from it (RFC 7009 2.1). Raises LoginFailed."""
        presented = held.refresh_token or held.access_token
        kind = "refresh_token" if held.refresh_token else "access_token"
        form = {"token": presented, "token_type_hint": kind, "client_id": CLIENT_ID}
        with _believing():
            endpoint = self._metadata()["revocation_endpoint"]
            self.remote.post(endpoint, data=form, withhold_token=True).raise_for_status()

    def logout_address(self, id_token: str, *, back_to: str, state: str) -> str:
        """Where the browser ends its own session at the provider (RP-Initiated Logout 2). Raises LoginFailed."""
        with _believing():
            leaving: dict[str, str] = self.remote.create_logout_url(
                post_logout_redirect_uri=back_to, id_token_hint=id_token, state=state, client_id=CLIENT_ID
            )
        return leaving["url"]

    def _metadata(self) -> Mapping[str, Any]:
        metadata: Mapping[str, Any] = self.remote.load_server_metadata()
        if metadata.get("issuer") != self.options.issuer:
            raise LoginFailed("invalid_answer", "discovery names another issuer (OIDC Discovery 4.3)")
        return metadata

    def _read_id_token(self, tokens: Mapping[str, Any], *, nonce: str | None) -> dict[str, Any] | None:
        """Let Authlib check the ID token (OIDC Core 3.1.3.7; without nonce after a refresh, 12.2); None when there is none."""
        if not isinstance(tokens.get("access_token"), str):
            raise LoginFailed("invalid_answer", "there is no access token in the answer")
        issuer, audience = {"essential": True, "value": self.options.issuer}, {"essential": True, "value": CLIENT_ID}
        claims = self.remote.parse_id_token(
            tokens, nonce, claims_options={"iss": issuer, "aud": audience}, leeway=LEEWAY_SECONDS
        )
        return None if claims is None else dict(claims)

    def _fetch_userinfo(self, tokens: Mapping[str, Any], sub: str) -> dict[str, Any]:
        userinfo = dict(self.remote.userinfo(token=tokens))
        if userinfo.get("sub") != sub:
            raise LoginFailed("invalid_answer", "UserInfo is about somebody else (OIDC Core 5.3.2)")
        return userinfo


def _end_of(tokens: Mapping[str, Any], now: datetime) -> datetime:
    return now + timedelta(seconds=int(tokens.get("expires_in", 0)))


@contextmanager
def _believing() -> Iterator[None]:
    """Say in one way that an answer must not be believed; a provider out of reach stays an error of `requests`."""
    try:
        yield
    except requests.RequestException:
        raise
    except AuthlibBaseError as problem:
        raise LoginFailed(problem.error or "invalid_answer", problem.description or "") from problem
    except (JoseError, ValueError, RuntimeError) as problem:
        raise LoginFailed("invalid_answer", str(problem)) from problem
