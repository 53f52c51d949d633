"""The token side of a provider, ready for use: keys made once, three clients, a person, and what clients would send."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey, Key

from idp.core.ids import new_id
from idp.core.oidc.clients.authentication import PresentedCredentials
from idp.core.oidc.clients.bearer import PresentedToken, Scheme
from idp.core.oidc.clients.client import AuthMethod, Client, SecurityProfile
from idp.core.oidc.clients.dpop import Nonces, VerifyProof
from idp.core.oidc.clients.registry import ClientRegistry
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.keyring import Keyring, SigningKey, generate_key
from idp.core.oidc.parameters import Form
from idp.core.oidc.tokens.grant import Grant
from idp.core.oidc.tokens.token_endpoint import AnswerTokenRequest
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.core.oidc.tokens.userinfo import ReadUserInfo, UserInfo
from idp_tests.builders import NOW, REFERENCE_TOKENS, a_client, a_customer, a_person, an_authentication, an_identity
from idp_tests.client_side import ISSUER, JWT_BEARER, VERIFIER, ClientSide, s256
from idp_tests.fakes import FakeAudit, FakeGrants, FakeOutbox, FakeSeenIds, KeysInMemory

REDIRECT_URI = "https://minasidor.example/cb"
SECRET = "a-generated-secret-of-256-bits-00000000000"
CHALLENGE = s256(VERIFIER)
PORTAL = ClientSide(client_id="minasidor", redirect_uri=REDIRECT_URI)


def _signing_key(alg: str) -> SigningKey:
    key = generate_key(alg)
    at = NOW - timedelta(days=1)
    return SigningKey(kid=key.thumbprint(), alg=alg, created_at=at, activates_at=at, key=key)


KEYRING = Keyring(keys=tuple(_signing_key(alg) for alg in SIGNING_ALGS))
KEYS = KeysInMemory(KEYRING, REFERENCE_TOKENS)
TOKEN_ISSUER = TokenIssuer.of(ISSUER, KEYS)
CLIENT_KEYS: Mapping[str, Key] = {alg: generate_key(alg) for alg in SIGNING_ALGS}
"""The private keys of the confidential clients, by algorithm."""

ALL_SCOPES = frozenset(
    {
        "openid",
        "profile",
        "email",
        "phone",
        "customer",
        "offline_access",
        "https://id.oidc.se/scope/naturalPersonInfo",
        "https://id.oidc.se/scope/naturalPersonNumber",
    }
)
BOTH_GRANTS = frozenset({"authorization_code", "refresh_token"})


def public_jwks(keys: Mapping[str, Key] = CLIENT_KEYS) -> dict[str, Any]:
    return {"keys": [{**key.as_dict(private=False), "alg": alg} for alg, key in keys.items()]}


def portal(**changes: Any) -> Client:
    """A confidential client that signs its assertions."""
    members: dict[str, Any] = {
        "scopes": ALL_SCOPES,
        "grant_types": BOTH_GRANTS,
        "jwks": public_jwks(),
        "token_endpoint_auth_signing_algs": frozenset(SIGNING_ALGS),
        "assertion_audiences": frozenset({ISSUER, f"{ISSUER}/token"}),
        "post_logout_redirect_uris": frozenset({"https://minasidor.example/bye"}),
        "refresh_rotated": False,
        "unconfirmed_contact_allowed": True,
    }
    return a_client(**members | changes)


def app(**changes: Any) -> Client:
    """A public native client."""
    members: dict[str, Any] = {
        "client_id": "mittprezero",
        "client_name": "MittPreZero",
        "security_profile": SecurityProfile.NATIVE_PUBLIC,
        "application_type": "native",
        "token_endpoint_auth_methods": frozenset({AuthMethod.NONE}),
        "scopes": ALL_SCOPES,
        "grant_types": BOTH_GRANTS,
    }
    return a_client(**members | changes)


def partner(**changes: Any) -> Client:
    """A confidential client with a secret."""
    members: dict[str, Any] = {
        "client_id": "partner",
        "client_name": "Partnern",
        "security_profile": SecurityProfile.THIRD_PARTY,
        "token_endpoint_auth_methods": frozenset({AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST}),
        "client_secret_hashes": (hashlib.sha256(SECRET.encode()).hexdigest(),),
        "scopes": ALL_SCOPES,
        "grant_types": BOTH_GRANTS,
        "id_token_signed_response_alg": "RS256",
        "sso_group": "partner",
    }
    return a_client(**members | changes)


@dataclass
class InMemory:
    """Everything the endpoints stand on, in memory."""

    clients: ClientRegistry = field(
        default_factory=lambda: ClientRegistry({one.client_id: one for one in (portal(), app(), partner())})
    )
    grants: FakeGrants = field(default_factory=FakeGrants)
    seen_ids: FakeSeenIds = field(default_factory=FakeSeenIds)
    audit: FakeAudit = field(default_factory=FakeAudit)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    token_issuer: TokenIssuer = TOKEN_ISSUER

    def __post_init__(self) -> None:
        person = a_person(links=(a_customer(), a_customer("c2", name="Andra AB")))
        self.grants.people[person.id] = person
        authentication = an_authentication()
        self.grants.authentications[authentication.id] = authentication
        self.grants.identities[person.id] = an_identity()

    def use(self, client: Client) -> Client:
        """Register a client, or replace one."""
        known = {one.client_id: one for one in self.clients.all()}
        self.clients.replace({**known, client.client_id: client})
        return client

    def grant(self, client: Client | None = None, **changes: Any) -> Grant:
        """Open a grant as the authorization endpoint does, and give it back."""
        client = client or portal()
        members: dict[str, Any] = {
            "id": new_id(NOW),
            "client_id": client.client_id,
            "person_id": "p1",
            "authentication_id": "a1",
            "session_id": "s1",
            "sid": f"sid-{client.client_id}",
            "scope": ("openid",),
            "customer_id": "c1",
            "redirect_uri": REDIRECT_URI,
            "nonce": "n",
            "code_challenge": CHALLENGE,
            "issued_at": NOW,
            "code_expires_at": NOW + timedelta(seconds=60),
            "refresh_expires_at": NOW + timedelta(hours=24),
            "offline": True,
            "expires_at": NOW + timedelta(days=2),
        }
        grant = Grant(**members | changes)
        self.grants.open(grant)
        return grant

    def code(self, client: Client | None = None, **changes: Any) -> str:
        return self.token_issuer.reference_tokens.code_for(self.grant(client, **changes).id)

    def ask(self, client: Client, jkt: str | None = None, now: datetime = NOW, **parameters: str) -> dict[str, Any]:
        """Send a token request as an authenticated client."""
        return dict(self.answer(Form.read(parameters.items()), client, jkt, now))

    @property
    def answer(self) -> AnswerTokenRequest:
        return AnswerTokenRequest(grants=self.grants, audit=self.audit, token_issuer=lambda: self.token_issuer)

    def exchange(
        self,
        client: Client | None = None,
        *,
        code: str | None = None,
        jkt: str | None = None,
        now: datetime = NOW,
        grant: Mapping[str, Any] | None = None,
        **parameters: str,
    ) -> dict[str, Any]:
        """Redeem a code, a fresh one by default."""
        client = client or portal()
        sent = PORTAL.code_form(code or self.code(client, **(grant or {})))
        return self.ask(client, jkt, now, **{**sent, **parameters})

    def refresh(
        self, client: Client, refresh_token: str, *, jkt: str | None = None, now: datetime = NOW, **parameters: str
    ) -> dict[str, Any]:
        return self.ask(client, jkt, now, grant_type="refresh_token", refresh_token=refresh_token, **parameters)

    def userinfo(
        self, access_token: str, *, jkt: str | None = None, scheme: Scheme = Scheme.BEARER, now: datetime = NOW
    ) -> UserInfo:
        return self.read_userinfo(PresentedToken(scheme=scheme, value=access_token), lambda: jkt, now)

    @property
    def read_userinfo(self) -> ReadUserInfo:
        return ReadUserInfo(clients=self.clients, grants=self.grants, token_issuer=lambda: self.token_issuer)

    def block_person(self) -> None:
        self.grants.people["p1"] = replace(self.grants.people["p1"], blocked_at=NOW)


def read(token: str) -> jose.Claims:
    """Verify a token of ours, whatever its type."""
    return jose.verify(token, keys=KEYRING.verification_keys(), algs=frozenset(SIGNING_ALGS), typ=None)


def assertion_claims(now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    return PORTAL.assertion_claims(now, **changes)


def assertion(now: datetime = NOW, *, alg: str = "ES256", key: Key | None = None, **changes: Any) -> str:
    """A client assertion of the portal; a member that is None is left out."""
    return PORTAL.assertion(now, alg=alg, key=key or CLIENT_KEYS[alg], **changes)


def by_assertion(text: str, client_id: str | None = None) -> PresentedCredentials:
    return PresentedCredentials(client_id=client_id, client_assertion=text, client_assertion_type=JWT_BEARER)


def check_proof(
    memory: InMemory, *proofs: str, now: datetime = NOW, required: bool = False, **changes: Any
) -> str | None:
    """Verify DPoP headers as the token endpoint does."""
    members: dict[str, Any] = {"method": "POST", "url": f"{ISSUER}/token", **changes}
    verify = VerifyProof(seen_ids=memory.seen_ids, nonces=Nonces(KEYS, required=required))
    return verify(proofs, now, **members)


OTHER_KEY = ECKey.generate_key("P-256")
"""Of nobody we know."""


def changed_id_token(token: str, *, typ: str = "JWT", **changes: Any) -> str:
    """The same ID Token, with other members, signed by us."""
    members = {name: value for name, value in {**read(token).members, **changes}.items() if value is not None}
    signer = KEYRING.signer("ES256", NOW)
    return jose.sign(typ, members, signer.key, "ES256", signer.kid)
