"""Column types: what goes in comes out, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from idp.adapters.database.columns import UtcTime, Words
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import incidents

DIALECT = sqlite.dialect()


@given(st.datetimes(timezones=st.timezones()))
def test_a_moment_comes_back_to_the_microsecond(moment: datetime) -> None:
    stored = UtcTime().process_bind_param(moment, DIALECT)
    read = UtcTime().process_result_value(stored, DIALECT)

    # In UTC, because Python holds the doubled hour of autumn unequal to every other zone (PEP 495).
    assert read == moment.astimezone(UTC)
    assert read is not None
    assert read.tzinfo is UTC


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        UtcTime().process_bind_param(datetime(2026, 1, 1), DIALECT)  # noqa: DTZ001 - the mistake it is about


@pytest.mark.usefixtures("database_context")
def test_moments_of_other_zones_are_compared_as_moments() -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with unit_of_work():
        connection().execute(incidents.insert().values(code="K", at=noon, facts={}))
        before = incidents.select().where(incidents.c.at <= datetime(2026, 6, 1, 10, tzinfo=UTC))

        assert connection().execute(before).one().at == noon


@pytest.mark.usefixtures("database_context")
def test_a_naive_time_never_reaches_the_database() -> None:
    naive = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - the mistake it is about
    with unit_of_work(), pytest.raises(StatementError):
        connection().execute(incidents.insert().values(code="K", at=naive, facts={}))


def test_words_keep_their_order() -> None:
    stored = Words().process_bind_param(("openid", "email"), DIALECT)

    assert Words().process_result_value(stored, DIALECT) == ("openid", "email")
    assert Words().process_result_value(Words().process_bind_param((), DIALECT), DIALECT) == ()
