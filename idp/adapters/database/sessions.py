"""Browser sessions in the database, found by the hash of their cookie."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, insert, or_, select, update

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
from idp.adapters.database.encryption import FieldCipher
from idp.adapters.database.engine import connection
from idp.adapters.database.prepared import Prepared, labelled
from idp.adapters.database.tables import (
    authentications,
    consents,
    customers,
    grants,
    links,
    people,
    person_keys,
    sessions,
)
from idp.core.identification.verdict import Verdict
from idp.core.oidc.clients.client import Client
from idp.core.overtaken import Overtaken
from idp.core.signin.session import Session

_TIME = sessions.c.seen_at.type
_CONSENTED = labelled(consents.c.scope)
_COLUMNS = (
    *labelled(sessions.c.id, sessions.c.sso_group, sessions.c.started_at, sessions.c.seen_at, sessions.c.expires_at),
    *AUTHENTICATION_COLUMNS,
    *labelled(authentications.c.verdict),
    *PERSON_COLUMNS,
    *CUSTOMER_COLUMNS,
    *_CONSENTED,
)
_idle_since = bindparam("idle_since", type_=_TIME)
_IN_USE = or_(
    sessions.c.seen_at > _idle_since,
    exists().where(grants.c.session_id == sessions.c.id, grants.c.issued_at > _idle_since),
)
"""A grant is a use, so that an answer from a live session writes the grant and nothing else."""
_FIND = Prepared(
    select(*_COLUMNS)
    .join_from(sessions, authentications, sessions.c.authentication_id == authentications.c.id)
    .join(people, sessions.c.person_id == people.c.id)
    .join(person_keys, person_keys.c.person_id == people.c.id)
    .outerjoin(links, and_(links.c.person_id == people.c.id, *LINK_IS_ACTIVE))
    .outerjoin(customers, and_(customers.c.id == links.c.customer_id, customers.c.active))
    .outerjoin(
        consents,
        and_(
            consents.c.person_id == people.c.id,
            consents.c.client_id == bindparam("client_id"),
            consents.c.expires_at > bindparam("now", type_=_TIME),
        ),
    )
    .where(
        sessions.c.cookie_hash == bindparam("cookie_hash"),
        sessions.c.sso_group == bindparam("sso_group"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now", type_=_TIME),
        _IN_USE,
        people.c.blocked_at.is_(None),
    )
    .order_by(links.c.linked_at, links.c.id),
    gives=_COLUMNS,
)
"""A row for each customer and each scope that the person allowed the client; most people have one of the first."""


class DatabaseSessions:
    """The port `Sessions`."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def start(self, session: Session, cookie_hash: str) -> None:
        connection().execute(
            insert(sessions),
            {
                "id": session.id,
                "cookie_hash": cookie_hash,
                "person_id": session.person.id,
                "authentication_id": session.authentication.id,
                "sso_group": session.sso_group,
                "started_at": session.started_at,
                "seen_at": session.seen_at,
                "expires_at": session.expires_at,
            },
        )

    def find(self, cookie_hash: str, client: Client, now: datetime, idle: timedelta) -> Session | None:
        key = {"cookie_hash": cookie_hash, "sso_group": client.sso_group, "client_id": client.client_id}
        rows = _FIND.run({**key, "now": now, "idle_since": now - idle})
        if not rows:
            return None
        row = rows[0]
        own = cipher_of(row, self._cipher)
        of_customers = {each["customers_id"]: each for each in rows if each["customers_id"] is not None}
        linked = [linked_customer(each, self._cipher) for each in of_customers.values()]
        return Session(
            id=row["sessions_id"],
            person=person(row, own, linked),
            authentication=authentication(row, own),
            verdict=Verdict(row["authentications_verdict"]),
            sso_group=row["sessions_sso_group"],
            started_at=row["sessions_started_at"],
            seen_at=row["sessions_seen_at"],
            expires_at=row["sessions_expires_at"],
            allowed_scope=frozenset(each["consents_scope"] for each in rows if each["consents_scope"] is not None),
        )

    def find_unended(self, cookie_hash: str, sso_group: str) -> tuple[str, str] | None:
        found = select(sessions.c.id, sessions.c.person_id).where(
            sessions.c.cookie_hash == cookie_hash, sessions.c.sso_group == sso_group, sessions.c.ended_at.is_(None)
        )
        row = connection().execute(found).one_or_none()
        return None if row is None else (row.id, row.person_id)

    def renew(self, session: Session, cookie_hash: str) -> None:
        statement = update(sessions).where(
            sessions.c.id == session.id, sessions.c.person_id == session.person.id, sessions.c.ended_at.is_(None)
        )
        renewed = statement.values(
            cookie_hash=cookie_hash,
            authentication_id=session.authentication.id,
            sso_group=session.sso_group,
            started_at=session.started_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
        )
        if connection().execute(renewed).rowcount != 1:
            raise Overtaken

    def seen(self, session_id: str, now: datetime) -> None:
        """Never moves backwards, so that a slow request shortens nothing."""
        statement = update(sessions).where(sessions.c.id == session_id, sessions.c.seen_at < now)
        connection().execute(statement.values(seen_at=now))

    def end(self, session_id: str, now: datetime, *, reason: str) -> bool:
        statement = update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
        return connection().execute(statement.values(ended_at=now, end_reason=reason)).rowcount == 1

    def end_for_person(self, person_id: str, now: datetime, *, reason: str) -> Sequence[str]:
        statement = (
            update(sessions)
            .where(sessions.c.person_id == person_id, sessions.c.ended_at.is_(None))
            .values(ended_at=now, end_reason=reason)
            .returning(sessions.c.id)
        )
        return list(connection().execute(statement).scalars())

    @staticmethod
    def acting_for(person_id: str, customer_id: str) -> Sequence[str]:
        """The person's sessions that gave a grant for this customer, and have not ended."""
        acting = exists().where(grants.c.session_id == sessions.c.id, grants.c.customer_id == customer_id)
        found = select(sessions.c.id).where(sessions.c.person_id == person_id, sessions.c.ended_at.is_(None), acting)
        return list(connection().execute(found).scalars())
