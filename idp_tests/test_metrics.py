"""Metrics: what is shown at one address, and what a dead process leaves behind."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from structlog.testing import capture_logs

from idp.metrics import FOLDER, Reading, show_figures
from idp.settings import Metrics
from idp_tests.patience import PATIENCE, soon


def port_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def shown(port: int, *readings: Reading) -> Iterator[str]:
    """The address at which figures are shown while the block lasts."""
    stop = threading.Event()
    showing = threading.Thread(target=show_figures, args=(Metrics(port=port), readings, stop))
    showing.start()
    yield f"http://127.0.0.1:{port}/metrics"
    stop.set()
    showing.join(PATIENCE)
    assert not showing.is_alive()


def read(address: str) -> str:
    try:
        with urlopen(address, timeout=PATIENCE) as answer:
            return str(answer.read().decode())
    except URLError:
        return ""


def test_a_reading_that_fails_hides_no_other() -> None:
    def breaks() -> float:
        raise ConnectionError

    readings = [
        Reading(name="idp_broken", what="x", read=breaks),
        Reading(name="idp_absent", what="x", read=lambda: None),
        Reading(name="idp_whole", what="x", read=lambda: 7.0),
    ]
    with shown(port_free(), *readings) as address, capture_logs() as lines:
        soon(lambda: "idp_whole 7.0" in read(address), "the figure is shown")
        text = read(address)
    assert "idp_broken" not in text
    assert "idp_absent" not in text
    assert {line["figure"] for line in lines if line["event"] == "figure not read"} == {"idp_broken"}


def test_a_port_that_is_taken_is_waited_for_and_said_once() -> None:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    with capture_logs() as lines, shown(taken.getsockname()[1]) as address:
        soon(lambda: any(line["event"] == "figures not shown" for line in lines), "it is said")
        taken.close()
        soon(lambda: bool(read(address)), "the figures are shown")
    assert [line["event"] for line in lines] == ["figures not shown"]


def test_without_a_port_nothing_is_shown() -> None:
    show_figures(Metrics(port=0), [], threading.Event())


def test_what_a_dead_process_counted_stays_and_what_it_said_of_the_moment_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    dead = os.fork()
    if dead == 0:
        os._exit(0)
    os.waitpid(dead, 0)
    for kind, pid, name, value in (
        ("counter", dead, "idp_done_total", 5.0),
        ("counter", os.getpid(), "idp_done_total", 2.0),
        ("gauge_livemostrecent", dead, "idp_waiting_long", 9.0),
        ("gauge_livemostrecent", os.getpid(), "idp_waiting", 3.0),
    ):
        figures = MmapedDict(str(tmp_path / f"{kind}_{pid}.db"))  # type: ignore[no-untyped-call]
        figures.write_value(mmap_key(name, name, [], [], "x"), value, 1.0)  # type: ignore[no-untyped-call]
        figures.close()  # type: ignore[no-untyped-call]
    with shown(port_free()) as address:
        soon(lambda: bool(read(address)), "the figures are shown")
        text = read(address)
    assert "idp_done_total 7.0" in text
    assert "idp_waiting 3.0" in text
    assert "idp_waiting_long" not in text
