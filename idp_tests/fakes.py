"""Ports in memory, as atomic as the real ones: each method holds one lock, and a lost race answers as documented.

What restates a condition of the database is judged beside it, by one contract: `adapters/database`, fixture `in_memory`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from idp.core.audit_log import Event
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.keys.keyring import Keyring
from idp.core.oidc.keys.reference_tokens import ReferenceTokens
from idp.core.oidc.tokens.grant import Grant, LiveGrant
from idp.core.people.identity import Evidence, Identity
from idp.core.people.person import Person


@dataclass(frozen=True)
class KeysInMemory:
    """The port `Keys`."""

    keyring: Keyring
    reference_tokens: ReferenceTokens


@dataclass
class FakeSeenIds:
    """The port `SeenIds`."""

    seen: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def remember(self, purpose: str, owner: str, jti: str, expires_at: datetime) -> bool:
        with self._lock:
            if (purpose, owner, jti) in self.seen:
                return False
            self.seen[purpose, owner, jti] = expires_at
            return True


@dataclass
class FakeOutbox:
    """The port `Outbox`."""

    messages: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)

    def put(self, kind: str, key: str, payload: Mapping[str, Any], now: datetime) -> None:
        self.messages.setdefault(key, (kind, dict(payload)))


@dataclass
class FakeAudit:
    """The port `Audit`."""

    events: list[Event] = field(default_factory=list)

    def record(self, event: Event, now: datetime) -> None:
        self.events.append(event)

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]


@dataclass
class FakeGrants:
    """The port `Grants`, with the people and authentications that its rows point to."""

    people: dict[str, Person] = field(default_factory=dict)
    authentications: dict[str, Authentication] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    rows: dict[str, Grant] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    reads: int = 0
    _lock: RLock = field(default_factory=RLock)

    def open(self, grant: Grant) -> bool:
        with self._lock:
            if grant.id in self.rows:
                raise ValueError("a grant with this id exists")
            answered = {row.pushed_reference_hash for row in self.rows.values()} - {None}
            if grant.pushed_reference_hash in answered:
                return False
            self.rows[grant.id] = grant
            return True

    def redeem_code(self, grant_id: str, client_id: str, now: datetime, *, dpop_jkt: str | None) -> LiveGrant | None:
        with self._lock:
            row = self.rows.get(grant_id)
            if row is None or row.client_id != client_id or row.revoked_at or row.redeemed_at:
                return None
            if row.code_expires_at <= now or (row.dpop_jkt is not None and row.dpop_jkt != dpop_jkt):
                return None
            return self._write(replace(row, redeemed_at=now, dpop_jkt=row.dpop_jkt or dpop_jkt), now)

    def revoke_replayed(self, grant_id: str, client_id: str, now: datetime) -> bool:
        with self._lock:
            row = self.rows.get(grant_id)
            if row is None or row.client_id != client_id or row.redeemed_at is None or row.redeemed_at > now:
                return False
            return self.revoke(grant_id, now, reason="code_replayed")

    def rotate_refresh(self, grant_id: str, client_id: str, generation: int, now: datetime) -> LiveGrant | None:
        with self._lock:
            row = self._refreshable(grant_id, client_id, now)
            if row is None or row.generation != generation:
                return None
            return self._write(replace(row, generation=generation + 1, rotated_at=now, retries=0), now)

    def repeat_refresh(
        self, grant_id: str, client_id: str, generation: int, now: datetime, *, grace: timedelta, most: int
    ) -> LiveGrant | None:
        with self._lock:
            row = self._refreshable(grant_id, client_id, now)
            if row is None or row.generation != generation + 1 or row.rotated_at is None:
                return None
            if row.rotated_at <= now - grace or row.retries >= most:
                return None
            return self._write(replace(row, retries=row.retries + 1), now)

    def reuse_refresh(self, grant_id: str, client_id: str, generation: int, now: datetime) -> LiveGrant | None:
        with self._lock:
            row = self._refreshable(grant_id, client_id, now)
            return self.find_live(grant_id, now) if row is not None and row.generation == generation else None

    def revoke_reused(self, grant_id: str, client_id: str, generation: int, now: datetime) -> str | None:
        with self._lock:
            row = self.rows.get(grant_id)
            if row is None or row.client_id != client_id or row.expires_at <= now or row.generation <= generation:
                return None
            if row.rotated_at is None or row.rotated_at > now:
                return None
            return row.person_id if self.revoke(grant_id, now, reason="refresh_token_reuse") else None

    def client_of(self, grant_id: str, now: datetime) -> str | None:
        with self._lock:
            row = self.rows.get(grant_id)
            return None if row is None or row.revoked_at or row.expires_at <= now else row.client_id

    def give_back(self, grant_id: str, client_id: str, now: datetime, *, reason: str) -> str | None:
        with self._lock:
            row = self.rows.get(grant_id)
            if row is None or row.client_id != client_id or row.expires_at <= now:
                return None
            return row.person_id if self.revoke(grant_id, now, reason=reason) else None

    def find_live(self, grant_id: str, now: datetime) -> LiveGrant | None:
        with self._lock:
            self.reads += 1
            row = self.rows.get(grant_id)
            person = self.people.get(row.person_id) if row else None
            if row is None or person is None or row.revoked_at or row.expires_at <= now or person.is_blocked:
                return None
            return self._live(row, person, now)

    def find_live_with_more(self, grant_id: str, now: datetime, *, evidence: bool) -> LiveGrant | None:
        with self._lock:
            live = self.find_live(grant_id, now)
            if live is None:
                return None
            signed = self.evidence.get(live.grant.authentication_id) if evidence else None
            return replace(live, person=self.people[live.grant.person_id], evidence=signed)

    def clients_of_session(self, session_id: str) -> Sequence[tuple[str, str, str]]:
        with self._lock:
            found = {
                (row.client_id, row.sid, row.person_id)
                for row in self.rows.values()
                if row.session_id == session_id and row.sid is not None
            }
            return sorted(found)

    def clients_still_acting_for(self, person_id: str, now: datetime) -> Sequence[tuple[str, str]]:
        with self._lock:
            standing = [row for row in self.rows.values() if row.person_id == person_id and row.revoked_at is None]
            return sorted(
                {(row.client_id, row.sid) for row in standing if row.sid is not None and row.expires_at > now}
            )

    def revoke(self, grant_id: str, now: datetime, *, reason: str) -> bool:
        return self._revoke(lambda row: row.id == grant_id, now, reason) == 1

    def revoke_for_session(self, session_id: str, now: datetime, *, reason: str) -> int:
        return self._revoke(lambda row: row.session_id == session_id and not row.offline, now, reason)

    def revoke_for_client(self, client_id: str, now: datetime, *, reason: str) -> int:
        return self._revoke(lambda row: row.client_id == client_id, now, reason)

    def _revoke(self, condition: Callable[[Grant], bool], now: datetime, reason: str) -> int:
        with self._lock:
            hit = [row for row in self.rows.values() if condition(row) and row.revoked_at is None]
            for row in hit:
                self.rows[row.id] = replace(row, revoked_at=now)
                self.reasons[row.id] = reason
            return len(hit)

    def _refreshable(self, grant_id: str, client_id: str, now: datetime) -> Grant | None:
        row = self.rows.get(grant_id)
        if row is None or row.client_id != client_id or row.revoked_at or row.redeemed_at is None:
            return None
        return row if row.refresh_expires_at is not None and now < row.refresh_expires_at else None

    def _write(self, row: Grant, now: datetime) -> LiveGrant | None:
        self.rows[row.id] = row
        return self.find_live(row.id, now)

    def _live(self, row: Grant, person: Person, now: datetime) -> LiveGrant:
        identity = self.identities.get(person.id) if row.asks_personal_number else None
        return LiveGrant(
            grant=row,
            authentication=self.authentications[row.authentication_id],
            person=replace(person, links=()),
            customer=person.link_to(row.customer_id) if row.customer_id else None,
            read_at=now,
            identity=identity,
        )
