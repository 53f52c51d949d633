"""Sealed evidence: encrypted, found by its reference, by its login, or by whom it concerns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from sqlalchemy import ColumnElement, and_, exists, false, func, insert, or_, select, true

from idp.adapters.database.encryption import FieldCipher, FieldUnreadable
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import consents, customer_numbers, evidence, links, people
from idp.core.evidence.bundle import Act, ActKind, Bundle, RestsOn
from idp.core.evidence.ports import Kept, Selection
from idp.core.evidence.seal import content_of
from idp.retention import Retention

BATCH: Final = 200
"""Rows that are read at a time; each has about 20 kB."""


class DatabaseEvidence:
    """The ports `KeptEvidence` and `EvidenceArchive`."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def keep(self, kept: Kept) -> None:
        row = {
            "id": kept.reference,
            "kind": kept.act.kind.value,
            "at": kept.act.at,
            "authentication_id": kept.authentication_id,
            "person_id": kept.act.person_id,
            "customer_id": kept.act.customer_id,
            "client_id": kept.act.client_id,
            "sha256": kept.sha256,
            "sealed_encrypted": self._cipher.encrypt_text(place_of_evidence(kept.reference), kept.sealed),
        }
        connection().execute(insert(evidence), row)

    def login_of(self, authentication_id: str) -> RestsOn | None:
        statement = select(evidence.c.id, evidence.c.sha256).where(
            evidence.c.authentication_id == authentication_id, evidence.c.kind == ActKind.LOGIN.value
        )
        row = connection().execute(statement).one_or_none()
        return None if row is None else RestsOn(reference=row.id, sha256=row.sha256)

    def find(self, reference: str) -> Sequence[Kept]:
        named = or_(evidence.c.id == reference, evidence.c.authentication_id == reference)
        login_first = (evidence.c.kind != ActKind.LOGIN.value, evidence.c.at, evidence.c.id)
        rows = connection().execute(select(evidence).where(named).order_by(*login_first)).mappings()
        return [self._kept(row) for row in rows]

    def customer_of(self, number: str) -> str | None:
        owner = select(customer_numbers.c.customer_id).where(customer_numbers.c.number == number)
        return connection().execute(owner).scalar_one_or_none()

    def count(self, selection: Selection) -> int:
        return connection().execute(select(func.count(evidence.c.id)).where(_chosen(selection))).scalar_one()

    def select(self, selection: Selection) -> Iterator[Kept]:
        is_login = evidence.c.kind == ActKind.LOGIN.value
        for part in (and_(_chosen(selection), is_login), and_(_chosen(selection), ~is_login)):
            last = ""
            while rows := self._after(last, part):
                for row in rows:
                    yield self._kept(row)
                last = rows[-1]["id"]

    @staticmethod
    def _after(last: str, condition: ColumnElement[bool]) -> Sequence[Mapping[Any, Any]]:
        statement = select(evidence).where(condition, evidence.c.id > last).order_by(evidence.c.id).limit(BATCH)
        return connection().execute(statement).mappings().all()

    def strangers_logins(self, keys: Collection[str]) -> Sequence[str]:
        """Of somebody who had no account, and is known by one of these keys to the method of identification."""
        rows = (
            connection().execute(select(evidence).where(evidence.c.person_id.is_(None), is_lonely_login())).mappings()
        )
        return [row["id"] for row in rows if _names(self._sealed(row), keys)]

    def _kept(self, row: Mapping[Any, Any]) -> Kept:
        return Kept(
            reference=row["id"],
            act=Act(
                kind=ActKind(row["kind"]),
                at=row["at"],
                person_id=row["person_id"],
                customer_id=row["customer_id"],
                client_id=row["client_id"],
            ),
            authentication_id=row["authentication_id"],
            sha256=row["sha256"],
            sealed=self._sealed(row),
        )

    def _sealed(self, row: Mapping[Any, Any]) -> str:
        try:
            return self._cipher.decrypt_text(place_of_evidence(row["id"]), row["sealed_encrypted"])
        except FieldUnreadable:
            return ""


def _names(sealed: str, keys: Collection[str]) -> bool:
    found = Bundle.from_bytes(content_of(sealed)).identification if sealed else None
    return found is not None and not set(keys).isdisjoint(found.parts.values())


def _chosen(selection: Selection) -> ColumnElement[bool]:
    wanted = [
        column == value
        for column, value in (
            (evidence.c.person_id, selection.person_id),
            (evidence.c.customer_id, selection.customer_id),
        )
        if value is not None
    ]
    if selection.since is not None:
        wanted.append(evidence.c.at >= selection.since)
    if not wanted:
        return true()
    logins = select(evidence.c.authentication_id).where(*wanted, evidence.c.authentication_id.is_not(None))
    rested_on = and_(evidence.c.kind == ActKind.LOGIN.value, evidence.c.authentication_id.in_(logins))
    return or_(and_(*wanted), rested_on)


def is_lonely_login() -> ColumnElement[bool]:
    """Of a login on which no other act rests, so that it may go by itself."""
    act = evidence.alias()
    rests_on_it = select(act.c.id).where(
        act.c.authentication_id == evidence.c.authentication_id, act.c.kind != ActKind.LOGIN.value
    )
    return and_(evidence.c.kind == ActKind.LOGIN.value, ~rests_on_it.exists())


def is_over(now: datetime, kept: Retention) -> ColumnElement[bool]:
    """It has been kept for as long as its kind is kept, and what it is of does not stand any more."""
    standing: Mapping[ActKind, ColumnElement[bool]] = {
        ActKind.REGISTRATION: exists().where(people.c.id == evidence.c.person_id, people.c.erased_at.is_(None)),
        ActKind.LINK: exists().where(
            links.c.person_id == evidence.c.person_id, links.c.customer_id == evidence.c.customer_id
        ),
        ActKind.CONSENT: exists().where(
            consents.c.person_id == evidence.c.person_id, consents.c.client_id == evidence.c.client_id
        ),
    }
    return or_(
        *(
            and_(
                evidence.c.kind == kind.value,
                evidence.c.at <= now - lasting(kind, kept),
                is_lonely_login() if kind is ActKind.LOGIN else ~standing.get(kind, false()),
            )
            for kind in ActKind
        )
    )


def lasting(kind: ActKind, kept: Retention) -> timedelta:
    """How long evidence of this kind is kept."""
    match kind:
        case ActKind.LOGIN:
            return kept.login_evidence
        case ActKind.REGISTRATION:
            return kept.registration_evidence
        case ActKind.LINK:
            return kept.link
        case ActKind.CONSENT:
            return kept.consent_evidence
        case ActKind.FREEZE:
            return kept.freeze_evidence
        case _:
            assert_never(kind)


def place_of_evidence(reference: str) -> str:
    """Where the sealed text lies, encrypted."""
    return f"evidence.sealed.{reference}"
