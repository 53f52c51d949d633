"""Logs: JSON lines with a time, a level and an event; never a person, a number or a token."""

import io
import json
import logging
import threading

import pytest
import structlog

from idp import log

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_time_level_logger_and_event(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO")
    structlog.get_logger("idp.test").info("order ended", order_id="o1")
    (line,) = lines(capsys)
    assert {name: line[name] for name in ("event", "level", "logger", "order_id")} == {
        "event": "order ended",
        "level": "info",
        "logger": "idp.test",
        "order_id": "o1",
    }
    assert str(line["timestamp"]).endswith("Z")


def test_the_standard_librarys_loggers_write_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO")
    logging.getLogger("some.library").warning("told %s", "once")
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("told once", "warning", "some.library")


def test_an_exception_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO")
    try:
        int("a bug")
    except ValueError:
        structlog.get_logger("idp.test").exception("crashed")
    (line,) = lines(capsys)
    assert "ValueError: invalid literal" in str(line["exception"])


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("WARNING")
    structlog.get_logger("idp.test").info("nothing")
    logging.getLogger("some.library").info("nothing")
    assert lines(capsys) == []


@pytest.mark.parametrize("name", ["authlib", "urllib3", "werkzeug", "alembic"])
def test_libraries_that_would_write_tokens_or_addresses_are_kept_quiet(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("DEBUG")
    logging.getLogger(f"{name}.inner").info("POST /token?code=secret")
    assert lines(capsys) == []


@pytest.mark.parametrize(
    "secret",
    ["199001012385", "19900101-2385", "900101-2385", "900101+2385", "9001012385", JWT],
)
def test_what_looks_like_a_person_or_a_token_is_hidden_wherever_it_stands(
    secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("INFO")
    structlog.get_logger("idp.test").info(f"about {secret}", detail=f"x {secret} y")
    logging.getLogger("some.library").error("found %s", secret)
    try:
        int(f"number {secret}")
    except ValueError:
        structlog.get_logger("idp.test").exception("crashed")
    assert secret not in capsys.readouterr().err


@pytest.mark.parametrize("plain", ["01a205de258b9000cf9e30d2b09263ac", "2026-11-23T00:46:14.411881Z", "10012345"])
def test_what_only_resembles_it_stays(plain: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO")
    structlog.get_logger("idp.test").info("found", what=plain)
    assert lines(capsys)[0]["what"] == plain


def test_the_request_id_is_on_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("idp.test").info("one")
        logging.getLogger("some.library").warning("two")
    assert [line["request_id"] for line in lines(capsys)] == ["r1", "r1"]


def test_a_request_line_has_the_members_of_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO")
    log.begin_request("r1")
    log.write_request_line('"event":"answered","status":200')
    structlog.get_logger("idp.test").info("linked")
    first, second = lines(capsys)
    assert {name: first[name] for name in ("event", "status", "request_id", "level")} == {
        "event": "answered",
        "status": 200,
        "request_id": "r1",
        "level": "info",
    }
    assert second["request_id"] == "r1"
    assert str(first["timestamp"]).endswith("Z")


def test_below_the_level_there_is_no_request_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("WARNING")
    log.write_request_line('"event":"answered"')
    assert lines(capsys) == []


class StandingStill(io.StringIO):
    """A stream that nobody reads until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()
        self.reached = threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        self.may_go_on.wait()
        return super().write(text)


def test_a_stream_that_stands_still_holds_nobody_up_and_loses_lines_by_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_MOST_WAITING", 3)
    stream = StandingStill()
    writer = log.LineWriter(stream)
    writer.use_thread()
    writer.write("first")
    stream.reached.wait()
    for number in range(5):
        writer.write(str(number))
    stream.may_go_on.set()
    writer.flush()
    first, *waiting, lost = stream.getvalue().splitlines()
    assert (first, waiting, json.loads(lost)["lines"]) == ("first", ["0", "1", "2"], 2)


def test_an_error_is_written_when_the_call_returns(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO")
    log.use_thread()
    log.write_request_line('"event":"answered"')
    structlog.get_logger("idp.test").error("crashed")
    assert [line["event"] for line in lines(capsys)] == ["answered", "crashed"]
