"""Authorization requests: one that passes every check, and the provider in memory that it is sent to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey, Key

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.authorize.checks import ReadRequest
from idp.core.oidc.authorize.pushed_request import KeepPostedRequest, PushedReference, PushRequest
from idp.core.oidc.authorize.validation_context import RequestEnvironment
from idp.core.oidc.clients.client import AuthMethod, Client, SecurityProfile
from idp.core.oidc.clients.profile import PROFILES
from idp.core.oidc.clients.registry import ClientRegistry
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.keyring import Keyring, SigningKey
from idp.core.oidc.parameters import RawParameters
from idp_tests.builders import NOW, REFERENCE_TOKENS, a_client
from idp_tests.fakes import FakeSeenIds, KeysInMemory

ISSUER = "https://id.example"
ACR = "http://id.swedenconnect.se/loa/1.0/uncertified-loa3"
REDIRECT_URI = "https://rp.example/cb"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
CLIENT_KEY = ECKey.generate_key("P-256", {"kid": "client-key"})
OTHER_KEY = ECKey.generate_key("P-256", {"kid": "other-key"})
OUR_KEY = ECKey.generate_key("P-256", {"kid": "our-key"})
OUR_KEYRING = Keyring(keys=(SigningKey(kid="our-key", alg="ES256", created_at=NOW, activates_at=NOW, key=OUR_KEY),))

VALID: Mapping[str, str] = {
    "client_id": "rp",
    "redirect_uri": REDIRECT_URI,
    "response_type": "code",
    "scope": "openid",
    "state": "a state",
    "nonce": "n-0S6_WzA2Mj",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class PushedInMemory:
    """The port `PushedRequests`."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, Mapping[str, Any], datetime]] = {}
        self.visited: set[str] = set()

    def push(self, reference_hash: str, client_id: str, parameters: Mapping[str, Any], expires_at: datetime) -> None:
        self.rows[reference_hash] = (client_id, parameters, expires_at)

    def find(self, reference_hash: str, client_id: str, now: datetime) -> Mapping[str, Any] | None:
        owner, parameters, expires_at = self.rows.get(reference_hash, ("", {}, now))
        return parameters if owner == client_id and now < expires_at else None

    def visit(self, reference_hash: str, client_id: str, now: datetime, until: datetime) -> None:
        owner, parameters, _ = self.rows.get(reference_hash, ("", {}, now))
        if owner == client_id and reference_hash not in self.visited:
            self.rows[reference_hash] = (owner, parameters, until)
            self.visited.add(reference_hash)

    def answer(self, reference_hash: str | None) -> None:
        """As a grant that names it does."""
        del self.rows[reference_hash or ""]


def an_rp(profile: SecurityProfile = SecurityProfile.THIRD_PARTY, **changes: Any) -> Client:
    """A confidential client with a key, strict as its profile makes it."""
    rules = PROFILES[profile]
    members: dict[str, Any] = {
        "client_id": "rp",
        "client_name": "Relying Party",
        "security_profile": profile,
        "redirect_uris": frozenset({REDIRECT_URI}),
        "token_endpoint_auth_methods": frozenset({AuthMethod.PRIVATE_KEY_JWT}),
        "token_endpoint_auth_signing_algs": rules.signing_algs,
        "assertion_audiences": frozenset({ISSUER}),
        "jwks": {"keys": [CLIENT_KEY.as_dict(private=False)]},
        "scopes": frozenset({"openid", "profile", "email"}),
        "require_pushed_authorization_requests": rules.defaults.require_pushed_authorization_requests,
        "request_object_signing_algs": rules.signing_algs,
        "reidentify_without_prompt": rules.defaults.reidentify_without_prompt,
        "user_message_allowed": rules.defaults.user_message_allowed,
        "first_party": False,
        "sso_group": "rp",
    }
    return a_client(**members | changes)


@dataclass
class World:
    """One provider's memory; `ask` and `push` send requests to it."""

    clients: ClientRegistry
    pushed: PushedInMemory = field(default_factory=PushedInMemory)
    seen: FakeSeenIds = field(default_factory=FakeSeenIds)
    now: datetime = NOW

    @classmethod
    def of(cls, *clients: Client) -> "World":
        return cls(ClientRegistry({client.client_id: client for client in clients or (an_rp(),)}))

    @property
    def environment(self) -> RequestEnvironment:
        return RequestEnvironment(
            issuer=ISSUER,
            acrs=(ACR,),
            clients=self.clients,
            pushed_requests=self.pushed,
            seen_ids=self.seen,
            keys=KeysInMemory(OUR_KEYRING, REFERENCE_TOKENS),
        )

    def ask(self, *extra: tuple[str, str], without: Iterable[str] = (), **changes: str) -> AuthorizationRequest:
        """A valid request with changes; `extra` appends parameters, also repeated ones."""
        return self.ask_exactly(*pairs(*extra, without=without, **changes))

    def ask_exactly(self, *sent: tuple[str, str]) -> AuthorizationRequest:
        return ReadRequest(self.environment)(RawParameters.of(sent), self.now).request

    def post_exactly(self, *sent: tuple[str, str]) -> Mapping[str, str]:
        """The same by a form; gives the parameters that the browser goes on with."""
        return KeepPostedRequest(self.environment)(RawParameters.of(sent), self.now)

    def push(
        self,
        *extra: tuple[str, str],
        client: Client | None = None,
        dpop_jkt: str | None = None,
        without: Iterable[str] = (),
        **changes: str,
    ) -> PushedReference:
        """The same request, pushed by a client that has authenticated."""
        return self.push_exactly(*pairs(*extra, without=without, **changes), client=client, dpop_jkt=dpop_jkt)

    def push_exactly(
        self, *sent: tuple[str, str], client: Client | None = None, dpop_jkt: str | None = None
    ) -> PushedReference:
        sender = client or self.clients.all()[0]
        return PushRequest(self.environment)(RawParameters.of(sent), self.now, client=sender, dpop_jkt=dpop_jkt)

    def ask_pushed(self, pushed: PushedReference, client_id: str = "rp", **beside: str) -> AuthorizationRequest:
        """What a browser sends after a push."""
        return self.ask_exactly(("client_id", client_id), ("request_uri", pushed.request_uri), *beside.items())


def pairs(*extra: tuple[str, str], without: Iterable[str] = (), **changes: str) -> tuple[tuple[str, str], ...]:
    """The valid request's parameters, some left out, some changed, some appended."""
    return (*((name, value) for name, value in {**VALID, **changes}.items() if name not in without), *extra)


def a_request_object(
    *,
    key: Key = CLIENT_KEY,
    alg: str = "ES256",
    typ: str | None = "oauth-authz-req+jwt",
    without: Iterable[str] = (),
    **changes: Any,
) -> str:
    """A request object of the client that says the same as VALID."""
    claims: dict[str, Any] = {
        **VALID,
        "iss": "rp",
        "aud": ISSUER,
        "nbf": NOW.timestamp(),
        "exp": (NOW + timedelta(minutes=4)).timestamp(),
        **changes,
    }
    kept = {name: value for name, value in claims.items() if name not in without}
    return jose.sign(typ, kept, key, alg, key.kid)


def an_id_token(*, key: Key = OUR_KEY, typ: str | None = "JWT", without: Iterable[str] = (), **changes: Any) -> str:
    """An ID Token that we gave the client, long expired."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": "rp",
        "sub": "subject-1",
        "auth_time": (NOW - timedelta(days=9)).timestamp(),
        "exp": (NOW - timedelta(days=8)).timestamp(),
        "sid": "sid-1",
        **changes,
    }
    return jose.sign(typ, {name: value for name, value in claims.items() if name not in without}, key, "ES256", key.kid)
