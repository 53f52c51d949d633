"""Ledger: a confidential client on Authlib's OAuth2Session, and an ID token read by joserfc as anybody could read it."""

from authlib.integrations.requests_client import OAuth2Auth, OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

SCOPE = "openid profile email customer"


class FreshProof(PrivateKeyJWT):  # type: ignore[misc]
    """A client assertion for one minute and one issuer; Authlib's own lasts an hour, and five minutes are allowed."""

    def sign(self, auth: OAuth2Auth, token_endpoint: str) -> str:
        key: ECKey = auth.client_secret
        header, client_id = {"kid": key.kid}, auth.client_id
        proof: str = private_key_jwt_sign(key, client_id, token_endpoint, alg="ES256", header=header, expires_in=60)
        return proof


def connect(issuer: str, key: ECKey, redirect_uri: str, authority: str | bool = True) -> OAuth2Session:
    """A session that knows the provider by its discovery document; `authority` is a CA file, where one is needed."""
    session = OAuth2Session(
        "ledger",
        key,
        scope=SCOPE,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method=FreshProof(issuer),  # the assertion's `aud`, at every endpoint
    )
    session.verify = authority
    session.trust_env = authority is True  # otherwise REQUESTS_CA_BUNDLE wins over the file given
    session.metadata = session.get(f"{issuer}/.well-known/openid-configuration", withhold_token=True).json()
    assert session.metadata["issuer"] == issuer
    return session


def read_id_token(session: OAuth2Session, id_token: str, nonce: str) -> jwt.Claims:
    """The claims of a genuine, fresh ID token for us (OIDC Core 3.1.3.7). Raises joserfc's errors."""
    keys = KeySet.import_key_set(session.get(session.metadata["jwks_uri"], withhold_token=True).json())
    token = jwt.decode(id_token, keys, algorithms=["ES256"])
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": session.metadata["issuer"]},
        aud={"essential": True, "value": "ledger"},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    rules.validate(token.claims)
    return token.claims
