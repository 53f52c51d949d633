"""What a process asks of the kernel."""

import ctypes
import gc
import os
import resource
import sys
from contextlib import suppress
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_PR_SET_NAME: Final = 15
_YOUNG_GENERATION: Final = 20_000
"""Objects made before the collector looks; a request makes hundreds, and none of them in a circle."""


def forbid_core_dumps() -> None:
    """No file, and no program that gathers dumps, gets this memory: it holds keys and people."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def be_called(name: str) -> None:
    """Show this name in lists of processes, where the kernel can: 15 bytes at most."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def allow_many_files() -> int:
    """Take as many descriptors as the machine allows; returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


def keep_what_lives_long() -> None:
    """Collect once and never look at it again: processes made from this one share its memory."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_GENERATION, 50, 100)


def run_in_batches() -> None:
    """Longer time slices: the thread that reads stops interrupting the one that works."""
    if sys.platform == "linux":
        with suppress(OSError):  # a container's seccomp profile may forbid it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
