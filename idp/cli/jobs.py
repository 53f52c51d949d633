"""`idp jobs`: what runs without a browser, in a process of its own."""

import os
import signal
import threading
from types import FrameType

import click

from idp.cli.opening import open_settings, require_current_schema

_LOOK_SECONDS = 0.5


@click.command("jobs")
@click.option("--node", hidden=True, help="The name under which a process before this one held its leases.")
def command(node: str | None) -> None:
    """Run the BankID collector, the outbox, the sweeper and the warnings of expiry.

    `idp serve` does so by itself; run it apart after `idp serve --no-jobs`. Any number of nodes may run it.
    """
    from idp import log
    from idp.assembly.jobs import make_worker
    from idp.assembly.provider import assemble
    from idp.cli.wsgi import end_with_parent
    from idp.jobs.worker import node_name

    parent = os.getppid()
    if node is not None:
        end_with_parent()
    settings = open_settings()
    log.configure(settings.logging.level)
    provider = assemble(settings)
    worker = make_worker(provider, node or node_name(settings))
    with provider.database.opened():
        require_current_schema()
    stop = threading.Event()
    _stop_on_signals(stop)
    if node is not None:
        threading.Thread(target=_stop_without_parent, args=(parent, stop), daemon=True, name="parent").start()
    worker.run(stop)


def _stop_on_signals(stop: threading.Event) -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)


def _stop_without_parent(parent: int, stop: threading.Event) -> None:
    """A server that was killed must leave nobody behind who works in its name."""
    while not stop.wait(_LOOK_SECONDS):
        if os.getppid() != parent:
            stop.set()
