"""A thousand random tamperings of the audit log, all found, each with its place."""

from collections import Counter
from collections.abc import Callable
from random import Random

from flask import Flask

from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.engine import database, unit_of_work
from idp.core.audit_chain.inspection import Finding
from idp_tests.adapters.database.audit_tampering import CHAIN, KINDS, SEALED, SOON, Log, Place, fill
from idp_tests.databases import AUDIT_KEYS

TAMPERINGS = 1000


def _place(finding: Finding) -> Place:
    return finding.position if finding.position is not None else finding.row_id


def test_a_thousand_random_tamperings_are_found_each_at_its_place(sqlite_app: Flask) -> None:
    chance = Random(20261129)
    with sqlite_app.app_context():
        with unit_of_work():
            log = fill((DatabaseAudit(AUDIT_KEYS), DatabaseAudit(AUDIT_KEYS)), chance)
        with unit_of_work():
            anchors = {SEALED: CHAIN.anchor(SOON).chain_hash}
            assert CHAIN.inspect(SOON, anchors=anchors).findings == ()
        missed = [
            missed for number in range(TAMPERINGS) if (missed := _tamper(log, KINDS[number % len(KINDS)], anchors))
        ]
    assert Counter(missed) == {}


def _tamper(log: Log, kind: Callable[[Log], Place], anchors: dict[int, bytes]) -> str | None:
    """Tamper, look, and undo it; says what was not found."""
    place = kind(log)
    findings = CHAIN.inspect(SOON, anchors=anchors).findings
    database.session.rollback()
    if findings and _place(findings[0]) == place:
        return None
    return f"{kind.__name__}: {place}, told {[str(_place(each)) for each in findings[:3]]}"
