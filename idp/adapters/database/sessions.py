"""Browser sessions in the database, found by the hash of their cookie."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from idp.adapters.database.decoding import (
    AUTHENTICATION_COLUMNS,
    PERSON_COLUMNS,
    authentication,
    customers_of,
    person,
)
from idp.adapters.database.encryption import FieldCipher
from idp.adapters.database.engine import connection
from idp.adapters.database.prepared import Prepared, labelled
from idp.adapters.database.tables import authentications, people, sessions
from idp.core.signin.session import Session

_TIME = sessions.c.seen_at.type
_COLUMNS = (
    *labelled(sessions.c.id, sessions.c.sso_group, sessions.c.started_at, sessions.c.seen_at, sessions.c.expires_at),
    *AUTHENTICATION_COLUMNS,
    *PERSON_COLUMNS,
)
_FIND = Prepared(
    select(*_COLUMNS)
    .join_from(sessions, authentications, sessions.c.authentication_id == authentications.c.id)
    .join(people, sessions.c.person_id == people.c.id)
    .where(
        sessions.c.cookie_hash == bindparam("cookie_hash"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now", type_=_TIME),
        sessions.c.seen_at > bindparam("idle_since", type_=_TIME),
        people.c.blocked_at.is_(None),
    ),
    gives=_COLUMNS,
)


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

    def find(self, cookie_hash: str, now: datetime, idle: timedelta) -> Session | None:
        values = {"cookie_hash": cookie_hash, "now": now, "idle_since": now - idle}
        row = _FIND.one(values)
        if row is None:
            return None
        return Session(
            id=row["sessions_id"],
            person=person(row, self._cipher, customers_of(self._cipher, row["people_id"])),
            authentication=authentication(row, self._cipher),
            sso_group=row["sessions_sso_group"],
            started_at=row["sessions_started_at"],
            seen_at=row["sessions_seen_at"],
            expires_at=row["sessions_expires_at"],
        )

    def renew(self, session: Session, cookie_hash: str) -> bool:
        """False when it has ended meanwhile, or is somebody else's."""
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
        return connection().execute(renewed).rowcount == 1

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
