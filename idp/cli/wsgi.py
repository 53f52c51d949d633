"""The WSGI application for a server: ours by default, any other by `idp.cli.wsgi:application()` with IDP_CONFIG set.

A worker gives up its parent's fate: when that dies without a word, so does the worker, and the port is free again.
"""

import ctypes
import gc
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

_PR_SET_PDEATHSIG = 1
_YOUNG_GENERATION = 20_000
"""Objects made before the collector looks; a request makes hundreds, and none of them in a circle."""


def application(config: Path | None = None) -> "Flask":
    """Build the application. Raises what a mistaken configuration raises."""
    from idp import log
    from idp.app import create_app
    from idp.assembly.provider import assemble
    from idp.settings_file import load_settings

    settings = load_settings(config or Path(os.environ["IDP_CONFIG"]))
    log.configure(settings.logging.level)
    return create_app(assemble(settings))


def worker(config: Path) -> "Flask":
    """The application in a worker process of its own."""
    end_with_parent()
    app = application(config)
    _be_steady()
    return app


def end_with_parent() -> None:
    """Have the kernel stop this process when its parent dies, where the kernel can."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _be_steady() -> None:
    """Fewer interruptions: longer time slices, and no garbage collection of what lives as long as the process."""
    if sys.platform == "linux":
        with suppress(OSError):  # a container's seccomp profile may forbid it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_GENERATION, 50, 100)
