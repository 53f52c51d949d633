"""Registrations: metadata that is accepted, the terms it is accepted on, and the ports of registration in memory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from idp.core.oidc.clients.client import Client
from idp.core.oidc.discovery import metadata
from idp.core.oidc.dynamic_registration.configure_client import Caller, ConfigureClient
from idp.core.oidc.dynamic_registration.metadata import Terms
from idp.core.oidc.dynamic_registration.names import ReservedNames
from idp.core.oidc.dynamic_registration.register_client import RegisterClient
from idp.core.oidc.dynamic_registration.registered_client import (
    Admission,
    Change,
    InitialToken,
    RegisteredClient,
    as_client,
)
from idp.core.oidc.dynamic_registration.registration_tokens import token_hash
from idp.core.oidc.dynamic_registration.remove_client import RemoveClient
from idp_tests.fakes import FakeAudit, FakeGrants

ISSUER = "https://id.example"
ACR = "http://id.swedenconnect.se/loa/1.0/uncertified-loa3"
NOW = datetime.fromisoformat("2026-05-05T12:00:00+00:00")
INITIAL_TOKEN = "iat_of-256-bits-for-tests-only"
EC_KEY = ECKey.generate_key("P-256", {"kid": "ec"})
RSA_KEY = RSAKey.generate_key(2048, {"kid": "rsa"})
ED_KEY = OKPKey.generate_key("Ed25519", {"kid": "ed"})
MEMBERS: Mapping[str, Any] = {"client_name": "Partner AB", "redirect_uris": ["https://rp.example/cb"]}


def offered(*signing_algs: str) -> Mapping[str, Any]:
    """A discovery document."""
    return metadata(issuer=ISSUER, acrs=(ACR,), signing_algs=signing_algs)


TERMS = Terms(
    issuer=ISSUER,
    sandbox=False,
    offered=offered("RS256", "ES256", "PS256", "EdDSA"),
    scopes=("openid", "profile", "email", "phone", "offline_access"),
    reserved_names=ReservedNames(parts=("BankID", "PreZero"), whole=("MinaSidor",)),
    secret_lifetime=None,
    per_hour=20,
    most_clients=100,
)


def members(**changes: Any) -> dict[str, Any]:
    """Accepted metadata with changes; `...` leaves a member out."""
    return {name: value for name, value in {**MEMBERS, **changes}.items() if value is not ...}


def body(**changes: Any) -> bytes:
    return json.dumps(members(**changes)).encode()


def public(key: Key, **changes: Any) -> dict[str, Any]:
    """A key's public JWK; `...` leaves a member out."""
    changed = {**key.as_dict(private=False), **changes}
    return {name: value for name, value in changed.items() if value is not ...}


def jwks(*keys: Any) -> dict[str, Any]:
    return {"keys": list(keys or (public(EC_KEY),))}


def with_keys(**changes: Any) -> dict[str, Any]:
    """The members of a client that proves itself with a key."""
    return {"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks(), **changes}


@dataclass
class FakeInitialTokens:
    """The port `InitialTokens`."""

    rows: dict[str, InitialToken] = field(default_factory=dict)

    def issue(self, token: InitialToken, token_hash: str) -> None:
        self.rows[token_hash] = token

    def find_usable(self, token_hash: str, now: datetime) -> InitialToken | None:
        token = self.rows.get(token_hash)
        return token if token is not None and token.is_usable(now) else None

    def all(self) -> Sequence[InitialToken]:
        by_id = sorted(self.rows.values(), key=lambda token: token.id)
        return sorted(by_id, key=lambda token: token.created_at, reverse=True)

    def revoke(self, token_id: str, now: datetime) -> bool:
        for hashed, token in self.rows.items():
            if token.id == token_id and token.revoked_at is None:
                self.rows[hashed] = replace(token, revoked_at=now)
                return True
        return False


@dataclass
class FakeRegisteredClients:
    """The port `RegisteredClients`; counts reads."""

    tokens: FakeInitialTokens = field(default_factory=FakeInitialTokens)
    rows: dict[str, RegisteredClient] = field(default_factory=dict)
    charged: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    """Per token or client: when its hour began, and how often it acted in it."""
    reads: int = 0
    _lock: RLock = field(default_factory=RLock)

    def admit(self, client: RegisteredClient, token_hash: str, *, per_hour: int, most: int, now: datetime) -> Admission:
        with self._lock:
            if len(self.rows) >= most:
                return Admission.FULL
            token = self.tokens.find_usable(token_hash, now)
            if token is None:
                return Admission.REFUSED
            if not self._charge(token_hash, per_hour, now):
                return Admission.TOO_FAST
            self.tokens.rows[token_hash] = replace(token, used=token.used + 1)
            self.rows[client.client_id] = client
            return Admission.ADMITTED

    def find(self, client_id: str) -> RegisteredClient | None:
        self.reads += 1
        return self.rows.get(client_id)

    def all(self) -> Sequence[RegisteredClient]:
        self.reads += 1
        return [self.rows[client_id] for client_id in sorted(self.rows)]

    def change(self, client: RegisteredClient, *, per_hour: int, now: datetime) -> Change:
        with self._lock:
            if not self._charge(client.client_id, per_hour, now):
                return Change.TOO_FAST
            known = self.rows.get(client.client_id)
            if known is None or known.version != client.version:
                self._refund(client.client_id)
                return Change.OVERTAKEN
            self.rows[client.client_id] = replace(client, version=client.version + 1)
            return Change.CHANGED

    def remove(self, client_id: str) -> bool:
        return self.rows.pop(client_id, None) is not None

    def _charge(self, scope: str, per_hour: int, now: datetime) -> bool:
        began, times = self.charged.get(scope, (now, 0))
        if began + timedelta(hours=1) <= now:
            began, times = now, 0
        if times >= per_hour:
            return False
        self.charged[scope] = began, times + 1
        return True

    def _refund(self, scope: str) -> None:
        began, times = self.charged[scope]
        self.charged[scope] = began, times - 1


def tokens_with(uses: int | None = 1, **changes: Any) -> FakeInitialTokens:
    """One usable initial access token, INITIAL_TOKEN."""
    token = InitialToken(
        id="initial", note="Partner", created_at=NOW, expires_at=NOW + timedelta(days=7), uses=uses, **changes
    )
    return FakeInitialTokens({token_hash(INITIAL_TOKEN): token})


@dataclass
class FakeConsents:
    """The port `ClientConsents`; notes for whom everything was withdrawn."""

    withdrawn: list[str] = field(default_factory=list)

    def withdraw_for_client(self, client_id: str) -> int:
        self.withdrawn.append(client_id)
        return 1


@dataclass
class Endpoints:
    """The registration endpoints of one provider, in memory."""

    registered: FakeRegisteredClients = field(default_factory=lambda: FakeRegisteredClients(tokens_with()))
    audit: FakeAudit = field(default_factory=FakeAudit)
    grants: FakeGrants = field(default_factory=FakeGrants)
    consents: FakeConsents = field(default_factory=FakeConsents)
    terms: Terms = TERMS
    now: datetime = NOW

    @property
    def register_client(self) -> RegisterClient:
        return RegisterClient(
            issuer=ISSUER,
            terms=lambda: self.terms,
            initial_tokens=self.registered.tokens,
            registered=self.registered,
            audit=self.audit,
        )

    @property
    def configure_client(self) -> ConfigureClient:
        return ConfigureClient(issuer=ISSUER, terms=lambda: self.terms, registered=self.registered, audit=self.audit)

    @property
    def remove_client(self) -> RemoveClient:
        return RemoveClient(registered=self.registered, grants=self.grants, consents=self.consents, audit=self.audit)

    def register(self, *, token: str = INITIAL_TOKEN, **changes: Any) -> Mapping[str, Any]:
        permission = self.register_client.permission(f"Bearer {token}", self.now)
        return self.register_client(body(**changes), permission, self.now)

    def caller(self, told: Mapping[str, Any], token: str | None = None) -> Caller:
        presented = token or told["registration_access_token"]
        return self.configure_client.caller(told["client_id"], f"Bearer {presented}")

    def change(self, told: Mapping[str, Any], **changes: Any) -> Mapping[str, Any]:
        sent = body(**{"client_id": told["client_id"], **changes})
        return self.configure_client.change(sent, self.caller(told), self.now)

    def client(self, told: Mapping[str, Any]) -> Client:
        return as_client(self.registered.rows[told["client_id"]], issuer=ISSUER, sandbox=False, now=self.now)


def many() -> Endpoints:
    """Endpoints where one initial access token registers any number of clients."""
    return Endpoints(FakeRegisteredClients(tokens_with(uses=None)), terms=replace(TERMS, per_hour=TERMS.most_clients))
