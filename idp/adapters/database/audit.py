"""The audit log: rows that are only ever added, and a hash chain over them that a job continues.

A request adds one row and waits for nobody. `seal` gives rows their place in the one chain, h(i) = SHA-256(h(i-1) ‖ row),
a moment later; `verify` finds what was changed, removed, inserted or reordered since.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, insert, or_, select

from idp.adapters.database.engine import connection, take_turn
from idp.adapters.database.tables import audit, audit_seals
from idp.core.audit_log import Chain, Event, Recorded
from idp.core.ids import new_id

_GENESIS = bytes(32)
_DAY = timedelta(days=1)
_LATEST_COMMIT = timedelta(hours=1)
"""No unit of work is open for so long, so what is that much older than a sealed row is sealed already."""


class DatabaseAudit:
    """The ports `Audit` and `AuditLog`."""

    def record(self, event: Event, now: datetime) -> None:
        stated = {each.name: _plain(getattr(event, each.name)) for each in fields(event)}
        row = {
            "id": new_id(now),
            "at": now,
            "event": event.name,
            "person_id": stated.pop("person_id", None),
            "facts": _json({name: value for name, value in stated.items() if value is not None}),
        }
        connection().execute(insert(audit), row)

    def of_person(self, person_id: str, *, limit: int = 1000) -> Sequence[Recorded]:
        """What happened to a person, the newest first."""
        statement = select(audit).where(audit.c.person_id == person_id).order_by(audit.c.at.desc(), audit.c.id.desc())
        return [_recorded(row) for row in connection().execute(statement.limit(limit)).mappings()]

    def of_interaction(self, interaction_id: str, around: datetime) -> Sequence[Recorded]:
        """What happened in one login and the identifications that it owned, in its order; none lasts longer than a day."""
        named = (_json({name: interaction_id})[1:-1] for name in ("interaction_id", "identification_id"))
        statement = select(audit).where(
            audit.c.at.between(around - _DAY, around + _DAY),
            or_(*(audit.c.facts.contains(name, autoescape=True) for name in named)),
        )
        return [_recorded(row) for row in connection().execute(statement.order_by(audit.c.id)).mappings()]

    def seal(self, now: datetime, *, limit: int = 1000) -> int:
        """Continue the chain over rows without a place; returns how many got one."""
        take_turn("audit chain")
        last = connection().execute(select(audit_seals).order_by(audit_seals.c.position.desc()).limit(1)).first()
        position, chain = (last.position, last.chain_hash) if last is not None else (0, _GENESIS)
        unsealed = _unsealed().where(*_since_sealing_stopped(now)).order_by(audit.c.id).limit(limit)
        rows = connection().execute(unsealed).mappings().all()
        seals = []
        for place, row in enumerate(rows, start=position + 1):
            chain = _link(chain, row)
            seals.append({"position": place, "audit_id": row["id"], "chain_hash": chain})
        if seals:
            connection().execute(insert(audit_seals), seals)
        return len(seals)

    def verify(self, *, batch: int = 5000) -> Chain:
        """Recompute the chain. Where old rows were swept, the first seal that is left is taken as given."""
        checked, position, chain = 0, 0, _GENESIS
        breaks: list[str] = []
        while seals := _seals_after(position, batch):
            for seal in seals:
                expected_place = position + 1
                if checked == 0 and seal["position"] > 1:
                    chain = seal["chain_hash"]
                else:
                    breaks += _problems(seal, expected_place, chain)
                    chain = seal["chain_hash"]
                position, checked = seal["position"], checked + 1
        unsealed = connection().execute(select(func.count()).select_from(_unsealed().subquery())).scalar_one()
        return Chain(checked=checked, unsealed=unsealed, head=chain.hex(), breaks=tuple(breaks))


def _unsealed() -> Any:
    sealed = select(audit_seals.c.audit_id).where(audit_seals.c.audit_id == audit.c.id)
    return select(audit).where(~sealed.exists())


def _since_sealing_stopped(now: datetime) -> Sequence[ColumnElement[bool]]:
    """Spares a look at a year of sealed rows. A row of a clock that was ahead says nothing about the others."""
    sealed = audit.join(audit_seals, audit_seals.c.audit_id == audit.c.id)
    latest = select(audit.c.at).select_from(sealed).where(audit.c.at <= now).order_by(audit.c.at.desc()).limit(1)
    reached = connection().execute(latest).scalar_one_or_none()
    return () if reached is None else (audit.c.at > reached - _LATEST_COMMIT,)


def _seals_after(position: int, batch: int) -> Sequence[RowMapping]:
    statement = (
        select(audit_seals, audit)
        .join_from(audit_seals, audit, audit.c.id == audit_seals.c.audit_id, isouter=True)
        .where(audit_seals.c.position > position)
        .order_by(audit_seals.c.position)
        .limit(batch)
    )
    return connection().execute(statement).mappings().all()


def _problems(seal: RowMapping, expected_place: int, chain: bytes) -> Iterable[str]:
    if seal["position"] != expected_place:
        yield f"{expected_place}: missing"
    elif seal["id"] is None:
        yield f"{expected_place}: its row is gone"
    elif seal["chain_hash"] != _link(chain, seal):
        yield f"{expected_place}: changed"


def _link(chain: bytes, row: RowMapping) -> bytes:
    facts = [row["id"], row["at"].isoformat(), row["event"], row["person_id"], row["facts"]]
    return hashlib.sha256(chain + json.dumps(facts, ensure_ascii=False).encode()).digest()


def _recorded(row: RowMapping) -> Recorded:
    of_person = {} if row["person_id"] is None else {"person_id": row["person_id"]}
    return Recorded(at=row["at"], name=row["event"], facts=of_person | json.loads(row["facts"]))


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(fact: Any) -> Any:
    """As JSON writes it: words of a closed set as text."""
    match fact:
        case Enum():
            return fact.value
        case tuple():
            return [_plain(each) for each in fact]
        case _:
            return fact
