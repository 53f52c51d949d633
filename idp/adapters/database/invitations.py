"""Invitations: found by the hash of their secret, taken by one person."""

from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, exists, func, insert, literal, or_, select, update

from idp.adapters.database.decoding import LINK_IS_ACTIVE
from idp.adapters.database.encryption import FieldCipher, Pepper, fingerprint
from idp.adapters.database.engine import connection, make_durable
from idp.adapters.database.identities import Identities
from idp.adapters.database.linking_tables import invitations
from idp.adapters.database.tables import customers, identities, links
from idp.core.linking.invitation import FINISHED_WITHIN, Invitation
from idp.core.linking.limits import person_key
from idp.core.people.identity import Identity

TAKER = "invitations.taken_by"
_columns = invitations.c


class DatabaseInvitations:
    """The port `Invitations`."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper
        self._identities = Identities(cipher, pepper)

    def put(self, invitation: Invitation, secret: str) -> None:
        invited = {"email": invitation.email, "inviter": invitation.inviter_name}
        row = {
            "id": invitation.id,
            "secret_hash": fingerprint(secret),
            "customer_id": invitation.customer_id,
            "number": invitation.number,
            "invited_encrypted": self._cipher.encrypt_json(f"invitations.invited.{invitation.id}", invited),
            "invited_by": invitation.inviter_id,
            "invited_at": invitation.invited_at,
            "expires_at": invitation.expires_at,
        }
        connection().execute(insert(invitations), row)

    def find(self, secret: str, now: datetime) -> Invitation | None:
        return self._found(_columns.secret_hash == fingerprint(secret), _counts(now), _columns.taken_at.is_(None))

    def taken_by(self, secret: str, identity: Identity, now: datetime) -> Invitation | None:
        return self._found(
            _columns.secret_hash == fingerprint(secret), _columns.expires_at > now, self._is_of(identity)
        )

    def take(self, invitation_id: str, identity: Identity, now: datetime) -> bool:
        make_durable()
        again = and_(self._is_of(identity), _columns.taken_at > now - FINISHED_WITHIN)
        statement = update(invitations).where(
            _columns.id == invitation_id,
            _counts(now),
            or_(_columns.taken_at.is_(None), again),
            ~self._is_inviter(identity),
        )
        taken = {
            "taken_by_hash": self._pepper.hash(TAKER, person_key(identity)),
            "taken_at": func.coalesce(_columns.taken_at, literal(now, _columns.taken_at.type)),
        }
        return connection().execute(statement.values(taken)).rowcount == 1

    def _is_of(self, identity: Identity) -> ColumnElement[bool]:
        return _columns.taken_by_hash.in_(self._pepper.candidates(TAKER, person_key(identity)))

    def _is_inviter(self, identity: Identity) -> ColumnElement[bool]:
        """Who invited has this identity."""
        return exists().where(identities.c.person_id == _columns.invited_by, self._identities.matches(identity))

    def _found(self, *conditions: ColumnElement[bool]) -> Invitation | None:
        statement = (
            select(*_columns, customers.c.name)
            .join_from(invitations, customers, customers.c.id == _columns.customer_id)
            .where(*conditions)
        )
        row = connection().execute(statement).mappings().one_or_none()
        return None if row is None else self._invitation(row)

    def _invitation(self, row: RowMapping) -> Invitation:
        invited = self._cipher.decrypt_json(f"invitations.invited.{row['id']}", row["invited_encrypted"])
        return Invitation(
            id=row["id"],
            customer_id=row["customer_id"],
            number=row["number"],
            customer_name=row["name"],
            email=invited["email"],
            inviter_id=row["invited_by"],
            inviter_name=invited["inviter"],
            invited_at=row["invited_at"],
            expires_at=row["expires_at"],
        )


def _counts(now: datetime) -> ColumnElement[bool]:
    """Not over, and whoever gave it may still do so."""
    its_link = and_(links.c.person_id == _columns.invited_by, links.c.customer_id == _columns.customer_id)
    return and_(
        _columns.expires_at > now, or_(_columns.invited_by.is_(None), exists().where(its_link, *LINK_IS_ACTIVE))
    )
