"""What the protocol needs from the outside: each method one business verb, each atomic by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from idp.core.oidc.client import Client
from idp.core.oidc.grant import Grant, LiveGrant
from idp.core.oidc.registered_client import Admission, Change, InitialToken, RegisteredClient


class Clients(Protocol):
    """The relying parties, in memory."""

    def find(self, client_id: str) -> Client | None: ...
    def all(self) -> Sequence[Client]: ...


class Grants(Protocol):
    """Grants and everything that refers to them."""

    def open(self, grant: Grant) -> bool:
        """Store a new grant: one INSERT. False when its pushed request has been answered already."""

    def redeem_code(self, grant_id: str, client_id: str, now: datetime, *, dpop_jkt: str | None) -> LiveGrant | None:
        """Use the code up: one conditional UPDATE … RETURNING, then one read.

        None when the code is unknown, expired, used, revoked, of another client, bound to another DPoP key, or when
        the person is blocked. A grant without a bound key takes `dpop_jkt`.
        """

    def revoke_replayed(self, grant_id: str, client_id: str, now: datetime) -> bool:
        """Revoke a grant whose code this very client presents a second time (RFC 6749 4.1.2). True when it did."""

    def rotate_refresh(self, grant_id: str, client_id: str, generation: int, now: datetime) -> LiveGrant | None:
        """Move to the next generation if `generation` is the present one: one conditional UPDATE, one read."""

    def repeat_refresh(
        self, grant_id: str, client_id: str, generation: int, now: datetime, *, grace: timedelta, most: int
    ) -> LiveGrant | None:
        """Count one more idempotent retry of the immediate predecessor inside the grace time."""

    def reuse_refresh(self, grant_id: str, client_id: str, generation: int, now: datetime) -> LiveGrant | None:
        """Read a grant whose refresh token is not rotated (bound to a key or a confidential client)."""

    def find_live(self, grant_id: str, now: datetime) -> LiveGrant | None:
        """The grant when it is neither revoked nor its person blocked: one read, active customer included."""

    def find_live_with_more(self, grant_id: str, now: datetime, *, evidence: bool) -> LiveGrant | None:
        """The same with all of the person's customers in `person.links`, and BankID's evidence if asked: one read, too."""

    def clients_of_session(self, session_id: str) -> Sequence[tuple[str, str, str]]:
        """(client_id, sid, person_id) of every client that got a grant in this session, revoked ones included, once."""

    def revoke(self, grant_id: str, now: datetime, *, reason: str) -> bool: ...
    def revoke_for_session(self, session_id: str, now: datetime, *, reason: str) -> int:
        """Revoke what is not offline."""

    def revoke_for_person(self, person_id: str, now: datetime, *, reason: str) -> int: ...
    def revoke_for_person_and_client(self, person_id: str, client_id: str, now: datetime, *, reason: str) -> int: ...
    def revoke_for_client(self, client_id: str, now: datetime, *, reason: str) -> int: ...


class ClientConsents(Protocol):
    """What people allow a client, as far as it ends with the client."""

    def withdraw_for_client(self, client_id: str) -> int:
        """Forget what anybody allowed this client; gives the number of people's scopes."""


class PushedRequests(Protocol):
    """Authorization requests pushed ahead (RFC 9126), and log-out requests that a form brought, until their GET."""

    def push(
        self, reference_hash: str, client_id: str, parameters: Mapping[str, Any], expires_at: datetime
    ) -> None: ...
    def find(self, reference_hash: str, client_id: str, now: datetime) -> Mapping[str, Any] | None:
        """The parameters while the reference has neither expired nor been answered with a grant.

        Answered, not visited: a reload before the login must work (FAPI 2.0 Security Profile 5.3.2.2).
        """

    def visit(self, reference_hash: str, client_id: str, now: datetime, until: datetime) -> None:
        """From the first visit on the reference lives as long as the login that began; later visits change nothing."""


class SeenIds(Protocol):
    """Replay memory for `jti` of client assertions, DPoP proofs and request objects."""

    def remember(self, purpose: str, owner: str, jti: str, expires_at: datetime) -> bool:
        """False when it was seen before: one INSERT … ON CONFLICT DO NOTHING, stored as a hash."""


class InitialTokens(Protocol):
    """Initial access tokens (RFC 7591 3): who may register clients."""

    def issue(self, token: InitialToken, token_hash: str) -> None: ...
    def find_usable(self, token_hash: str, now: datetime) -> InitialToken | None: ...
    def all(self) -> Sequence[InitialToken]:
        """The newest first."""

    def revoke(self, token_id: str, now: datetime) -> bool:
        """False when there is no such token, or it is revoked already."""


class RegisteredClients(Protocol):
    """Clients that registered themselves."""

    def admit(self, client: RegisteredClient, token_hash: str, *, per_hour: int, most: int, now: datetime) -> Admission:
        """Use the initial access token once and store the client; both or neither."""

    def find(self, client_id: str) -> RegisteredClient | None: ...
    def all(self) -> Sequence[RegisteredClient]:
        """In the order of their ids."""

    def change(self, client: RegisteredClient, *, per_hour: int, now: datetime) -> Change:
        """Store it when its version is the stored one still: one conditional UPDATE."""

    def remove(self, client_id: str) -> bool: ...


class Outbox(Protocol):
    """Messages to others, written in the transaction of their cause and delivered by a job with retries."""

    def put(self, kind: str, key: str, payload: Mapping[str, Any], now: datetime) -> None:
        """`key` makes delivery exactly once; `payload` is stored encrypted."""


class Audit(Protocol):
    """What happened, to whom, never a secret; written in the transaction of its cause."""

    def record(self, event: str, now: datetime, **facts: Any) -> None: ...
