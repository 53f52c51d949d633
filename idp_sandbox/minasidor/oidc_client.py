"""The OpenID Connect client of MinaSidor: Authlib's, told nothing but the discovery address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from flask import Flask, session
from joserfc.jwk import ECKey, KeySet
from werkzeug.wrappers import Response

from idp_sandbox.minasidor.logins import Login
from idp_sandbox.serving import ProgramOptions

CLIENT_ID = "minasidor"
CLIENT_AUTH_METHOD = "private_key_jwt"
ASSERTION_SECONDS = 60
SCOPE = "openid profile email phone customer"
PASSED_ON = (
    "prompt",
    "max_age",
    "acr_values",
    "ui_locales",
    "login_hint",
    "claims",
    "response_mode",
    "display",
    "customer",
)
"""Authorization parameters that a demonstration may set on our own login address."""


class AnswerRefused(Exception):
    """The provider's answer must not be believed; the text says why."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    """Our registration with one OpenID provider."""

    options: ProgramOptions
    remote: Any

    @classmethod
    def connect(cls, app: Flask, options: ProgramOptions, key: ECKey) -> "OidcClient":
        """Register the provider; nothing is fetched before the first login."""
        remote = OAuth(app).register(
            "provider",
            client_id=CLIENT_ID,
            client_secret=key,
            server_metadata_url=options.discovery_url,
            client_auth_methods=[(CLIENT_AUTH_METHOD, _prove_by_key)],
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": CLIENT_AUTH_METHOD,
                "default_timeout": 15,
                "verify": options.verify,
                "trust_env": False,  # otherwise the environment's certificates win over ours
            },
        )
        return cls(options, remote)

    def begin_login(
        self, parameters: Mapping[str, str], *, same_person: Login | None = None, state: str | None = None
    ) -> Response:
        """Send the browser to the provider, with state (a random one unless given), nonce and PKCE kept in our cookie.

        With `same_person` the provider is told whom we expect (OIDC Core 3.1.2.1, id_token_hint).
        """
        chosen = {name: parameters[name] for name in PASSED_ON if parameters.get(name)}
        if state is not None:
            chosen["state"] = state
        if same_person is not None:
            chosen["id_token_hint"] = same_person.id_token
        answer: Response = self.remote.authorize_redirect(self.options.base_url + "/callback", **chosen)
        return answer

    def has_begun(self, state: str) -> bool:
        """Whether this browser has begun a login with this state that is not over yet."""
        return self.remote.framework.get_state_data(session, state) is not None

    def forget(self, state: str) -> None:
        """End a login that the provider answered with an error."""
        self.remote.framework.clear_state_data(session, state)

    def finish_login(self, parameters: Mapping[str, str]) -> Login:
        """Redeem the code in the current request and fetch UserInfo.

        Raises AnswerRefused, and Authlib's, joserfc's and requests' own errors.
        """
        metadata = self.remote.load_server_metadata()
        issuer = metadata["issuer"]
        if issuer != self.options.issuer:
            raise AnswerRefused("discovery names another issuer (OIDC Discovery 4.3)")
        if metadata.get("authorization_response_iss_parameter_supported") and parameters.get("iss") != issuer:
            raise AnswerRefused("iss is another provider's (RFC 9207 2.4)")
        wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": CLIENT_ID}}
        answer = self.remote.authorize_access_token(claims_options=wanted, leeway=30)
        claims = answer.get("userinfo")
        if claims is None:
            raise AnswerRefused("there is no ID token in the answer")
        userinfo = self.remote.userinfo(token=answer)
        if userinfo.get("sub") != claims["sub"]:
            raise AnswerRefused("UserInfo is about somebody else (OIDC Core 5.3.2)")
        return Login(id_token=answer["id_token"], claims=dict(claims), userinfo=dict(userinfo))

    def begin_logout(self, id_token: str) -> Response:
        """Send the browser to the provider's logout, to come back here (OIDC RP-Initiated Logout 2)."""
        answer: Response = self.remote.logout_redirect(
            post_logout_redirect_uri=self.options.base_url + "/logged-out", id_token_hint=id_token, client_id=CLIENT_ID
        )
        return answer

    def finish_logout(self) -> None:
        """Check that the current request ends a logout that we began. Raises Authlib's OAuthError."""
        self.remote.validate_logout_response()

    def keys(self) -> KeySet:
        """The provider's published keys, fetched again: a logout token may be signed by one we have not seen."""
        return KeySet.import_key_set(self.remote.fetch_jwk_set(force=True))


def _prove_by_key(auth: Any, _method: str, uri: str, headers: Any, body: str | None) -> tuple[str, Any, str]:
    """Add a client assertion to a token request (RFC 7523 2.2); Authlib's own lasts an hour, which is needlessly long."""
    key: ECKey = auth.client_secret
    assertion = private_key_jwt_sign(
        key,
        client_id=auth.client_id,
        token_endpoint=uri,
        alg="ES256",
        header={"kid": key.kid},
        expires_in=ASSERTION_SECONDS,
    )
    proof = {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    return uri, headers, "&".join(filter(None, (body, urlencode(proof))))
