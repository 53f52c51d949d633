"""Trouble of a loop: one line when the database goes, one when it is back, and every mistake of ours with its place."""

from datetime import timedelta

from structlog.testing import capture_logs

from idp.jobs.trouble import FIRST_PAUSE, LONGEST_PAUSE, Trouble


class Away(Exception):
    """As SQLAlchemy tells it: the driver's words, and then the statement with its parameters."""

    def __init__(self) -> None:
        super().__init__("(psycopg.OperationalError) gone [SQL: INSERT …] [parameters: {'name': 'Anna'}]")
        self.orig = ConnectionError("server closed the connection\nThis probably means …")


def a_trouble() -> Trouble:
    return Trouble(work="outbox", outages=(Away,))


def test_an_outage_is_told_once_without_the_statement_and_once_that_it_is_over() -> None:
    trouble = a_trouble()
    with capture_logs() as logs:
        for _ in range(20):
            trouble.note(Away())
        trouble.is_over()
        trouble.is_over()
    assert logs == [
        {
            "event": "database out of reach",
            "work": "outbox",
            "reason": "ConnectionError: server closed the connection",
            "log_level": "error",
        },
        {"event": "works again", "work": "outbox", "failures": 20, "log_level": "info"},
    ]


def test_the_next_outage_is_told_again() -> None:
    trouble = a_trouble()
    with capture_logs() as logs:
        trouble.note(Away())
        trouble.is_over()
        trouble.note(Away())
    assert [line["event"] for line in logs] == ["database out of reach", "works again", "database out of reach"]


def test_a_mistake_of_ours_is_told_with_its_place_each_time() -> None:
    trouble, mistake = a_trouble(), ZeroDivisionError()
    with capture_logs() as logs:
        trouble.note(mistake)
        trouble.note(mistake)
    assert [(line["event"], line["exc_info"]) for line in logs] == [("beat failed", mistake)] * 2


def test_tries_grow_rarer_but_a_database_that_is_back_is_noticed_soon() -> None:
    trouble = a_trouble()
    pauses = [trouble.note(Away()) for _ in range(50)]
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert max(pauses) == pauses[-1] == LONGEST_PAUSE
    assert timedelta(seconds=2) >= LONGEST_PAUSE
    trouble.is_over()
    assert trouble.note(Away()) == FIRST_PAUSE
