"""`idp jobs`: what runs without a browser, in a separate process."""

import secrets
import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING

import click

from idp.cli.with_provider import given

if TYPE_CHECKING:
    from idp.assembly.provider import Provider


@click.command("jobs")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Port to show figures on; else metrics.port.")
@given(lambda provider: provider)
def command(provider: "Provider", metrics_port: int | None) -> None:
    """Run the BankID collector, the outbox, the sweeper and the warnings of expiry.

    `idp serve` does so by itself; run it apart after `idp serve --no-jobs`. Any number of nodes may run it.
    """
    from idp import log
    from idp.assembly.jobs import make_readings, make_worker
    from idp.jobs.worker import node_name
    from idp.metrics import show_figures

    log.configure(provider.settings.logging.level)
    node = node_name(provider.settings)
    worker = make_worker(provider, f"{node}.{secrets.token_hex(4)}")
    provider.own_database.require()
    stop = threading.Event()
    stop_on_signals(stop, signal.SIGTERM, signal.SIGINT)
    metrics = provider.settings.metrics
    if metrics_port is not None:
        metrics = metrics.model_copy(update={"port": metrics_port})
    threading.Thread(target=show_figures, args=(metrics, make_readings(provider), stop), name="figures").start()
    worker.run(stop, replaced=[f"{node}."])


def stop_on_signals(stop: threading.Event, *numbers: signal.Signals) -> None:
    """Set the event when one of these comes."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in numbers:
        signal.signal(number, ask)
