"""Requests to be let into a company, and their answers: each change is one conditional statement."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, exists, or_, select, update

from idp.adapters.database.decoding import LINK_IS_ACTIVE
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection, make_durable
from idp.adapters.database.linking_tables import APPROVAL_IS_AWAITED, approvals
from idp.adapters.database.tables import links
from idp.adapters.database.upsert import insert_new
from idp.core.linking.approval import LIVES, Answer, Approval
from idp.core.linking.limits import person_key
from idp.core.people.identity import Identity

ASKER = "approvals.asker"
_columns = approvals.c


class DatabaseApprovals:
    """The port `Approvals`."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper

    def ask(self, approval: Approval, identity: Identity, now: datetime) -> bool:
        """One that has expired makes room first."""
        asker_hash = self._pepper.hash(ASKER, person_key(identity))
        over = update(approvals).where(
            _columns.asker_hash == asker_hash, _columns.expires_at <= now, _columns.answer == Answer.AWAITED.value
        )
        connection().execute(over.values(answer=Answer.REFUSED.value, answered_at=now))
        asker = {"name": approval.asker_name, "email": approval.asker_email}
        row = {
            "id": approval.id,
            "asker_hash": asker_hash,
            "asker_encrypted": self._cipher.encrypt_json(f"approvals.asker.{approval.id}", asker),
            "customer_id": approval.customer_id,
            "number": approval.number,
            "asked_at": approval.asked_at,
            "expires_at": approval.expires_at,
            "answer": approval.answer.value,
        }
        return insert_new(approvals, row, index=["asker_hash", "customer_id"], where=APPROVAL_IS_AWAITED)

    def standing(self, identity: Identity, now: datetime, customer_id: str | None = None) -> Approval | None:
        hashes = self._pepper.candidates(ASKER, person_key(identity))
        of_customer = [_columns.customer_id == customer_id] if customer_id is not None else []
        statement = select(approvals).where(
            _columns.asker_hash.in_(hashes),
            _columns.expires_at > now,
            _columns.used_at.is_(None),
            or_(_columns.answer != Answer.APPROVED.value, _is_linked(_columns.answered_by)),
            *of_customer,
        )
        newest = statement.order_by(_columns.asked_at.desc(), _columns.id.desc()).limit(1)
        row = connection().execute(newest).mappings().one_or_none()
        return None if row is None else self._approval(row)

    def find(self, approval_id: str, now: datetime) -> Approval | None:
        statement = select(approvals).where(_columns.id == approval_id, _columns.expires_at > now)
        row = connection().execute(statement).mappings().one_or_none()
        return None if row is None else self._approval(row)

    @staticmethod
    def decide(approval_id: str, person_id: str, answer: Answer, now: datetime) -> bool:
        make_durable()
        awaited = update(approvals).where(
            _columns.id == approval_id,
            _columns.answer == Answer.AWAITED.value,
            _columns.expires_at > now,
            _is_linked(person_id),
        )
        answered: dict[str, Any] = {
            "answer": answer.value,
            "answered_at": now,
            "answered_by": person_id,
            "expires_at": now + LIVES,
        }
        return connection().execute(awaited.values(answered)).rowcount == 1

    @staticmethod
    def use(approval_id: str, now: datetime) -> bool:
        approved = update(approvals).where(
            _columns.id == approval_id,
            _columns.answer == Answer.APPROVED.value,
            _columns.expires_at > now,
            _columns.used_at.is_(None),
            _is_linked(_columns.answered_by),
        )
        return connection().execute(approved.values(used_at=now)).rowcount == 1

    def _approval(self, row: RowMapping) -> Approval:
        asker = self._cipher.decrypt_json(f"approvals.asker.{row['id']}", row["asker_encrypted"])
        return Approval(
            id=row["id"],
            customer_id=row["customer_id"],
            number=row["number"],
            asker_name=asker["name"],
            asker_email=asker["email"],
            asked_at=row["asked_at"],
            expires_at=row["expires_at"],
            answer=Answer(row["answer"]),
        )


def _is_linked(person_id: Any) -> ColumnElement[bool]:
    """Whether this person's link to the request's customer counts now."""
    theirs = and_(links.c.person_id == person_id, links.c.customer_id == _columns.customer_id)
    return exists().where(theirs, *LINK_IS_ACTIVE)
