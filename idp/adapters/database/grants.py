"""Grants in the database: every use of a code or refresh token is one conditional statement, and the rows decide races."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Update, and_, bindparam, func, insert, or_, select, update

from idp.adapters.database.decoding import (
    AUTHENTICATION_COLUMNS,
    CUSTOMER_COLUMNS,
    LINK_IS_ACTIVE,
    PERSON_COLUMNS,
    authentication,
    cipher_of,
    linked_customer,
    person,
)
from idp.adapters.database.encryption import FieldCipher, PersonCipher
from idp.adapters.database.engine import connection, is_sqlite
from idp.adapters.database.evidence import place_of_evidence
from idp.adapters.database.identities import place_of_key
from idp.adapters.database.prepared import Prepared, labelled
from idp.adapters.database.tables import (
    ANSWERS_PUSHED,
    authentications,
    customers,
    evidence,
    grants,
    identities,
    links,
    people,
    person_keys,
)
from idp.adapters.database.upsert import insert_new
from idp.core.evidence.bundle import ActKind, Bundle
from idp.core.evidence.seal import content_of
from idp.core.oidc.tokens.grant import Grant, LiveGrant
from idp.core.people.identity import Evidence, Identity

_FIELDS = tuple(field.name for field in fields(Grant))
_NAMED = tuple((name, f"grants_{name}") for name in _FIELDS)

_id = grants.c.id == bindparam("grant_id")
_client = grants.c.client_id == bindparam("client")
_unrevoked = grants.c.revoked_at.is_(None)
_now = bindparam("now", type_=grants.c.issued_at.type)
_key = bindparam("jkt", type_=grants.c.dpop_jkt.type)

_OPEN = Prepared(insert(grants).values({name: bindparam(name) for name in _FIELDS}), alone=True)
_IDENTITY = labelled(identities.c.id, identities.c.scheme, identities.c.key_encrypted)
_JOINED = (*AUTHENTICATION_COLUMNS, *PERSON_COLUMNS, *_IDENTITY, *CUSTOMER_COLUMNS)
_COLUMNS = (*labelled(*(grants.c[name] for name in _FIELDS)), *_JOINED)
_EVIDENCE = labelled(evidence.c.id, evidence.c.sealed_encrypted)


def _select_live(*more: ColumnElement[Any], of: FromClause = grants, every_customer: bool = False) -> Select[Any]:
    """One row for the grant's active customer, or for each of the person's, or one row without any."""
    linked = (links.c.person_id == people.c.id, *LINK_IS_ACTIVE)
    return (
        select(*(of.c[name].label(label) for name, label in _NAMED), *_JOINED, *more)
        .join_from(of, authentications, of.c.authentication_id == authentications.c.id)
        .join(people, of.c.person_id == people.c.id)
        .join(person_keys, person_keys.c.person_id == people.c.id)
        .outerjoin(identities, authentications.c.identity_id == identities.c.id)
        .outerjoin(links, and_(*linked) if every_customer else and_(*linked, links.c.customer_id == of.c.customer_id))
        .outerjoin(customers, and_(customers.c.id == links.c.customer_id, customers.c.active))
        .where(people.c.blocked_at.is_(None), of.c.expires_at > _now)
    )


_SELECT_LIVE = _select_live().where(_id, _unrevoked)
_LIVE = Prepared(_SELECT_LIVE, gives=_COLUMNS)
_BY_AGE = (links.c.linked_at, links.c.id)
_WITH_CUSTOMERS = Prepared(_select_live(every_customer=True).where(_id, _unrevoked).order_by(*_BY_AGE), gives=_COLUMNS)
_WITH_EVIDENCE = Prepared(
    _select_live(*_EVIDENCE, every_customer=True)
    .outerjoin(
        evidence,
        and_(evidence.c.authentication_id == grants.c.authentication_id, evidence.c.kind == ActKind.LOGIN.value),
    )
    .where(_id, _unrevoked)
    .order_by(*_BY_AGE),
    gives=(*_COLUMNS, *_EVIDENCE),
)


class _Change:
    """A conditional update of one grant, which is read as it is afterwards: by one statement where the database has such."""

    def __init__(self, change: Update) -> None:
        changed = change.returning(*(grants.c[name] for name in _FIELDS)).cte("changed")
        self._at_once = Prepared(_select_live(of=changed), gives=_COLUMNS, alone=True)
        self._apart = Prepared(change.returning(grants.c.id), gives=(grants.c.id,), alone=True)

    def one(self, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The live grant's row; None also when the change was made for a person who is blocked."""
        if not is_sqlite():
            return self._at_once.one(values)
        return None if self._apart.one(values) is None else _LIVE.one(values)


_REDEEM = _Change(
    update(grants)
    .where(_id, _client, _unrevoked, grants.c.redeemed_at.is_(None), grants.c.code_expires_at > _now)
    .where(or_(grants.c.dpop_jkt.is_(None), grants.c.dpop_jkt == _key))
    .values(redeemed_at=_now, dpop_jkt=func.coalesce(grants.c.dpop_jkt, _key))
)
_REFRESHABLE = (_id, _client, _unrevoked, grants.c.redeemed_at.is_not(None), grants.c.refresh_expires_at > _now)
_ROTATE = _Change(
    update(grants)
    .where(*_REFRESHABLE, grants.c.generation == bindparam("presented"))
    .values(generation=grants.c.generation + 1, rotated_at=_now, retries=0)
)
_REPEAT = _Change(
    update(grants)
    .where(*_REFRESHABLE, grants.c.generation == bindparam("presented") + 1)
    .where(grants.c.rotated_at > bindparam("since", type_=grants.c.rotated_at.type))
    .where(grants.c.retries < bindparam("most"))
    .values(retries=grants.c.retries + 1)
)
_REUSE = Prepared(_SELECT_LIVE.where(*_REFRESHABLE[1:], grants.c.generation == bindparam("presented")), gives=_COLUMNS)
_CLIENT = Prepared(
    select(grants.c.client_id).where(_id, _unrevoked, grants.c.expires_at > _now), gives=(grants.c.client_id,)
)
_GIVE_BACK = Prepared(
    update(grants)
    .where(_id, _client, _unrevoked, grants.c.expires_at > _now)
    .values(revoked_at=_now, revoke_reason=bindparam("reason"))
    .returning(grants.c.person_id),
    gives=(grants.c.person_id,),
)


class DatabaseGrants:
    """The port `Grants`."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def open(self, grant: Grant) -> bool:
        row = {name: getattr(grant, name) for name in _FIELDS} | {"claims": dict(grant.claims)}
        if grant.pushed_reference_hash is not None:
            return insert_new(grants, row, index=["pushed_reference_hash"], where=ANSWERS_PUSHED)
        _OPEN.run(row)
        return True

    def redeem_code(self, grant_id: str, client_id: str, now: datetime, *, dpop_jkt: str | None) -> LiveGrant | None:
        return self._read(_REDEEM, grant_id, now, client=client_id, jkt=dpop_jkt)

    def revoke_replayed(self, grant_id: str, client_id: str, now: datetime) -> bool:
        condition = and_(grants.c.id == grant_id, grants.c.client_id == client_id, grants.c.redeemed_at <= now)
        return self._revoke(condition, now, "code_replayed") == 1

    def rotate_refresh(self, grant_id: str, client_id: str, generation: int, now: datetime) -> LiveGrant | None:
        return self._read(_ROTATE, grant_id, now, client=client_id, presented=generation)

    def repeat_refresh(
        self, grant_id: str, client_id: str, generation: int, now: datetime, *, grace: timedelta, most: int
    ) -> LiveGrant | None:
        return self._read(_REPEAT, grant_id, now, client=client_id, presented=generation, since=now - grace, most=most)

    def reuse_refresh(self, grant_id: str, client_id: str, generation: int, now: datetime) -> LiveGrant | None:
        return self._read(_REUSE, grant_id, now, client=client_id, presented=generation)

    def revoke_reused(self, grant_id: str, client_id: str, generation: int, now: datetime) -> str | None:
        is_over = and_(grants.c.generation > generation, grants.c.rotated_at <= now, grants.c.expires_at > now)
        of_client = and_(grants.c.id == grant_id, grants.c.client_id == client_id)
        revoke = update(grants).where(of_client, is_over, _unrevoked)
        revoke = revoke.values(revoked_at=now, revoke_reason="refresh_token_reuse").returning(grants.c.person_id)
        return connection().execute(revoke).scalar_one_or_none()

    def find_live(self, grant_id: str, now: datetime) -> LiveGrant | None:
        return self._read(_LIVE, grant_id, now)

    def find_live_with_more(self, grant_id: str, now: datetime, *, evidence: bool) -> LiveGrant | None:
        rows = (_WITH_EVIDENCE if evidence else _WITH_CUSTOMERS).run({"grant_id": grant_id, "now": now})
        if not rows:
            return None
        live = self._live_grant({**rows[0], "customers_id": None}, now)
        linked = tuple(linked_customer(row, self._cipher) for row in rows if row["customers_id"] is not None)
        known = replace(live.person, links=linked)
        active = live.grant.customer_id
        return replace(
            live,
            person=known,
            customer=known.link_to(active) if active else None,
            evidence=self._evidence(rows[0]) if evidence else None,
        )

    def client_of(self, grant_id: str, now: datetime) -> str | None:
        row = _CLIENT.one({"grant_id": grant_id, "now": now})
        return None if row is None else row["client_id"]

    def give_back(self, grant_id: str, client_id: str, now: datetime, *, reason: str) -> str | None:
        row = _GIVE_BACK.one({"grant_id": grant_id, "client": client_id, "now": now, "reason": reason})
        return None if row is None else row["person_id"]

    def revoke_for_session(self, session_id: str, now: datetime, *, reason: str) -> int:
        return self._revoke(and_(grants.c.session_id == session_id, grants.c.offline.is_(False)), now, reason)

    def revoke_for_person(self, person_id: str, now: datetime, *, reason: str) -> int:
        return self._revoke(grants.c.person_id == person_id, now, reason)

    def revoke_for_person_and_client(self, person_id: str, client_id: str, now: datetime, *, reason: str) -> int:
        return self._revoke(and_(grants.c.person_id == person_id, grants.c.client_id == client_id), now, reason)

    def revoke_for_person_and_customer(self, person_id: str, customer_id: str, now: datetime, *, reason: str) -> int:
        return self._revoke(and_(grants.c.person_id == person_id, grants.c.customer_id == customer_id), now, reason)

    def revoke_for_closed_customers(self, now: datetime, *, reason: str) -> int:
        """Those that act for customers closed at this moment."""
        closed = select(customers.c.id).where(~customers.c.active, customers.c.updated_at == now)
        return self._revoke(grants.c.customer_id.in_(closed), now, reason)

    def clients_of_session(self, session_id: str) -> Sequence[tuple[str, str, str]]:
        """Each client that was signed in to by the session, as (client_id, sid, person_id), for logout."""
        known = select(grants.c.client_id, grants.c.sid, grants.c.person_id).distinct()
        of_session = known.where(grants.c.session_id == session_id, grants.c.sid.is_not(None))
        rows = connection().execute(of_session.order_by(grants.c.client_id, grants.c.sid))
        return [(row.client_id, row.sid, row.person_id) for row in rows]

    def clients_still_acting_for(self, person_id: str, now: datetime) -> Sequence[tuple[str, str]]:
        """Each client with a grant of the person that is neither over nor revoked, as (client_id, sid), for logout."""
        standing = and_(
            grants.c.person_id == person_id, _unrevoked, grants.c.expires_at > now, grants.c.sid.is_not(None)
        )
        known = select(grants.c.client_id, grants.c.sid).distinct().where(standing)
        return [(row.client_id, row.sid) for row in connection().execute(known.order_by(*known.selected_columns))]

    def revoke_for_client(self, client_id: str, now: datetime, *, reason: str) -> int:
        return self._revoke(grants.c.client_id == client_id, now, reason)

    def _read(self, statement: Prepared | _Change, grant_id: str, now: datetime, **values: Any) -> LiveGrant | None:
        row = statement.one({"grant_id": grant_id, "now": now, **values})
        return None if row is None else self._live_grant(row, now)

    def _live_grant(self, row: Mapping[str, Any], now: datetime) -> LiveGrant:
        grant = Grant(**{name: row[column] for name, column in _NAMED})
        own = cipher_of(row, self._cipher)
        return LiveGrant(
            grant=grant,
            authentication=authentication(row, own),
            person=person(row, own),
            customer=None if row["customers_id"] is None else linked_customer(row, self._cipher),
            read_at=now,
            identity=self._identity(row, own) if grant.asks_personal_number else None,
        )

    @staticmethod
    def _identity(row: Mapping[str, Any], cipher: PersonCipher) -> Identity | None:
        encrypted = row["identities_key_encrypted"]
        if encrypted is None:
            return None
        key = cipher.decrypt_text(place_of_key(row["identities_id"]), encrypted)
        return Identity(scheme=row["identities_scheme"], key=key)

    def _evidence(self, row: Mapping[str, Any]) -> Evidence | None:
        encrypted = row["evidence_sealed_encrypted"]
        if encrypted is None:
            return None
        sealed = self._cipher.decrypt_text(place_of_evidence(row["evidence_id"]), encrypted)
        found = Bundle.from_bytes(content_of(sealed)).identification
        return None if found is None else Evidence(kind=found.kind, parts=found.parts)

    @staticmethod
    def _revoke(condition: ColumnElement[bool], now: datetime, reason: str) -> int:
        statement = update(grants).where(condition, _unrevoked).values(revoked_at=now, revoke_reason=reason)
        return connection().execute(statement).rowcount
