"""Client authentication: who is calling a back-channel endpoint (RFC 6749 2.3; OpenID Connect Core 9; RFC 7523)."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from idp.core.oidc.clients.client import AuthMethod, Client
from idp.core.oidc.clients.ports import Clients, SeenIds
from idp.core.oidc.clients.profile import profile_of
from idp.core.oidc.diagnosis import differs, no_file, not_registered
from idp.core.oidc.errors import Refused
from idp.core.oidc.keys import jose
from idp.core.oidc.parameters import Form

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=10)
"""Between our clock and the client's (FAPI 2.0 Security Profile 5.3.2.1)."""
LONGEST_JTI = 512
"""Characters."""

_ASSERTION_TYPES = frozenset({None, "jwt", "client-authentication+jwt"})
_NOBODY = hashlib.sha256(b"nobody").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedCredentials:
    """What a request says about who is calling, not yet believed."""

    authorization: str | None = field(default=None, repr=False)
    """The Authorization header as it came."""
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    client_assertion: str | None = field(default=None, repr=False)
    client_assertion_type: str | None = None
    endpoint: str | None = None
    """The address that was called."""

    @classmethod
    def of(cls, authorization: str | None, form: Form, endpoint: str) -> "PresentedCredentials":
        """Those of a request: its header and its form, never its query."""
        return cls(
            authorization=authorization,
            client_id=form.find("client_id"),
            client_secret=form.find("client_secret"),
            client_assertion=form.find("client_assertion"),
            client_assertion_type=form.find("client_assertion_type"),
            endpoint=endpoint,
        )

    @property
    def method(self) -> AuthMethod:
        """The one method presented. Raises Refused when there are several (RFC 6749 2.3)."""
        presented = {
            AuthMethod.CLIENT_SECRET_BASIC: self.authorization is not None,
            AuthMethod.CLIENT_SECRET_POST: self.client_secret is not None,
            AuthMethod.PRIVATE_KEY_JWT: (self.client_assertion or self.client_assertion_type) is not None,
        }
        methods = [method for method, is_presented in presented.items() if is_presented]
        if len(methods) > 1:
            raise Refused(
                code="invalid_request",
                description="The client authenticates in more than one way",
                detail=", ".join(methods),
            )
        return methods[0] if methods else AuthMethod.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateClient:
    """Find out who is calling a back-channel endpoint."""

    clients: Clients
    seen_ids: SeenIds
    issuer: str

    def __call__(self, presented: PresentedCredentials, now: datetime) -> Client:
        """Raises Refused: invalid_request for several methods at once, else invalid_client with 401.

        One text serves every reason; the challenge comes only when Basic was tried (RFC 6749 5.2).
        """
        method = presented.method
        try:
            match method:
                case AuthMethod.CLIENT_SECRET_BASIC:
                    return self._by_basic(presented)
                case AuthMethod.CLIENT_SECRET_POST:
                    client_id, secret = presented.client_id, presented.client_secret or ""
                    return self._by_secret(client_id or _fail("client_id is missing"), secret, method)
                case AuthMethod.PRIVATE_KEY_JWT:
                    return self._by_assertion(presented, now)
                case AuthMethod.NONE:
                    client_id = presented.client_id or _fail("no credentials")
                    return _usable(client_id, self.clients.find(client_id), method)
        except _Unproved as problem:
            basic = {"WWW-Authenticate": f'Basic realm="{self.issuer}", charset="UTF-8"'}
            raise Refused(
                code="invalid_client",
                description="Client authentication failed",
                detail=str(problem),
                diagnosis=problem.diagnosis,
                status=401,
                headers=basic if method is AuthMethod.CLIENT_SECRET_BASIC else {},
            ) from None

    def _by_basic(self, presented: PresentedCredentials) -> Client:
        client_id, secret = _read_basic(presented.authorization or "")
        if presented.client_id not in {None, client_id}:
            _fail("client_id differs from the header's")
        return self._by_secret(client_id, secret, AuthMethod.CLIENT_SECRET_BASIC)

    def _by_secret(self, client_id: str, secret: str, method: AuthMethod) -> Client:
        """Compare hashes in constant time; an unknown client costs the same work as a wrong secret."""
        given = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        client = self.clients.find(client_id)
        expected = client.client_secret_hashes if client and client.client_secret_hashes else (_NOBODY,)
        matches = [hmac.compare_digest(given, one.lower()) for one in expected]
        usable = _usable(client_id, client, method)
        if not (any(matches) and usable.client_secret_hashes):
            _fail(
                f"{client_id}: wrong secret",
                f"a secret of {len(secret)} characters was read; client_secret_hash is the output of: "
                "printf %s SECRET | sha256sum; in a Basic header both halves are form-encoded first",
            )
        return usable

    def _by_assertion(self, presented: PresentedCredentials, now: datetime) -> Client:
        if presented.client_assertion_type != JWT_BEARER:
            _fail("client_assertion_type is not jwt-bearer")
        assertion = presented.client_assertion or _fail("client_assertion is missing")
        try:
            return self._verify_assertion(assertion, presented, now)
        except jose.JoseRefused as refused:
            return _fail(f"client assertion: {refused.reason}", refused.diagnosis)

    def _verify_assertion(self, assertion: str, presented: PresentedCredentials, now: datetime) -> Client:
        client_id = presented.client_id
        claimed = jose.peek(assertion).text("sub")
        client = _usable(claimed, self.clients.find(claimed), AuthMethod.PRIVATE_KEY_JWT)
        claims = jose.verify(
            assertion,
            keys=jose.read_key_set(client.jwks),
            algs=client.token_endpoint_auth_signing_algs,
            typ=_ASSERTION_TYPES,
        )
        if not claimed == claims.text("iss") == client.client_id or client_id not in {None, claimed}:
            said = f"iss {claims.text('iss')}, sub {claimed}, client_id {client_id}"
            _fail(f"{claimed}: iss, sub and client_id differ", said)
        _check_audience(claims, client, self._audiences(client, presented))
        claims.check_times(now, leeway=LEEWAY, longest=LONGEST_ASSERTION_LIFE)
        jti = claims.text("jti")
        if len(jti) > LONGEST_JTI:
            _fail(f"{claimed}: jti is too long")
        forgotten_at = datetime.fromtimestamp(claims.seconds("exp"), UTC) + LEEWAY
        if not self.seen_ids.remember("client_assertion", client.client_id, jti, forgotten_at):
            _fail(f"{claimed}: the assertion was used before")
        return client

    def _audiences(self, client: Client, presented: PresentedCredentials) -> frozenset[str]:
        """Where a request is pushed, that endpoint's address too, for clients that may name an endpoint (RFC 9126 2)."""
        pushing, named = f"{self.issuer}/par", f"{self.issuer}/token" in client.assertion_audiences
        return client.assertion_audiences | ({pushing} if named and presented.endpoint == pushing else frozenset())


class _Unproved(Exception):
    """Why the caller is not believed; for the log, and in test mode with a diagnosis for the developer."""

    def __init__(self, reason: str, diagnosis: str) -> None:
        super().__init__(reason)
        self.diagnosis = diagnosis


def _fail(reason: str, diagnosis: str = "") -> NoReturn:
    raise _Unproved(reason, diagnosis)


def _usable(client_id: str, client: Client | None, method: AuthMethod) -> Client:
    if client is None:
        return _fail("unknown client", no_file(client_id))
    if client.disabled:
        _fail(f"{client_id}: disabled")
    if method not in client.token_endpoint_auth_methods:
        known = client.token_endpoint_auth_methods
        _fail(
            f"{client_id}: not registered for {method}", not_registered("token_endpoint_auth_methods", [method], known)
        )
    return client


def _read_basic(header: str) -> tuple[str, str]:
    """Split a Basic header; both halves are form-encoded before they are joined (RFC 6749 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        _fail("the Authorization header is not Basic")
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        if not colon:
            _fail("the Basic credentials have no colon")
        return _decode_form(client_id), _decode_form(secret)
    except (binascii.Error, ValueError):
        return _fail("the Basic credentials cannot be read")


def _decode_form(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")


def _check_audience(claims: jose.Claims, client: Client, accepted: frozenset[str]) -> None:
    """Every audience must be us: one foreign name in a list lets its owner replay the assertion (RFC 7523bis 4)."""
    audiences = claims.audiences()
    if not audiences or not set(audiences) <= accepted:
        known = " or ".join(sorted(accepted))
        _fail(f"{client.client_id}: aud is not us", differs(", ".join(audiences) or "nothing", known))
    if profile_of(client).assertion_is_for_the_issuer_alone and not isinstance(claims.members["aud"], str):
        _fail(f"{client.client_id}: aud is a list")
