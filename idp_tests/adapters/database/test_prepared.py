"""Prepared statements: SQLAlchemy's SQL and values, without its machinery per execution."""

from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.prepared import Prepared, labelled
from idp.adapters.database.tables import incidents
from idp_tests.databases import NOW

pytestmark = pytest.mark.usefixtures("database_context")

COLUMNS = labelled(incidents.c.code, incidents.c.at, incidents.c.facts)
FACTS = {"page": "server", "status": 500, "more": [None, "å"]}
ADD = Prepared(insert(incidents).values({name: bindparam(name) for name in ("code", "at", "facts")}))
ALL = Prepared(select(*COLUMNS).order_by(incidents.c.code), gives=COLUMNS)
BY_CODE = Prepared(select(*COLUMNS).where(incidents.c.code == bindparam("wanted")), gives=COLUMNS)


def _add(*codes: str) -> None:
    with unit_of_work():
        for code in codes:
            ADD.run({"code": code, "at": NOW, "facts": FACTS})


def test_values_come_back_as_they_went_in() -> None:
    _add("one")

    with unit_of_work():
        assert BY_CODE.one({"wanted": "one"}) == {
            "incidents_code": "one",
            "incidents_at": NOW,
            "incidents_facts": FACTS,
        }
        assert connection().execute(select(incidents.c.facts)).scalar_one() == FACTS


def test_no_row_is_none_and_two_rows_are_a_mistake() -> None:
    _add("one", "two")

    with unit_of_work():
        assert BY_CODE.one({"wanted": "three"}) is None
        assert [row["incidents_code"] for row in ALL.run({})] == ["one", "two"]
        with pytest.raises(ValueError, match="unpack"):
            ALL.one({})


def test_constants_of_the_statement_stay_and_a_value_may_be_used_twice() -> None:
    _add("one")
    turn = Prepared(
        update(incidents)
        .where(incidents.c.code == bindparam("wanted"), incidents.c.at <= bindparam("now", type_=incidents.c.at.type))
        .values(code="constant", at=bindparam("now", type_=incidents.c.at.type))
        .returning(*COLUMNS),
        gives=COLUMNS,
    )

    with unit_of_work():
        turned = turn.one({"wanted": "one", "now": NOW})
        assert turned is not None
        assert turned["incidents_code"] == "constant"
        assert turn.one({"wanted": "one", "now": NOW}) is None


@pytest.mark.parametrize("hostile", ["x' OR '1'='1", "%s", "%(wanted)s", "?", ":wanted", 'a"b', "null\\"])
def test_a_value_is_never_part_of_the_statement(hostile: str) -> None:
    _add("one", hostile)

    with unit_of_work():
        found: dict[str, Any] | None = BY_CODE.one({"wanted": hostile})
    assert found is not None
    assert found["incidents_code"] == hostile


def test_a_missing_value_is_refused_before_anything_is_sent() -> None:
    with unit_of_work(), pytest.raises(KeyError):
        BY_CODE.one({})
