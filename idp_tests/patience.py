"""Patience: how long a test waits for what has to happen, and the one way of waiting for it.

What works never takes so long; the time is for a machine that does many other things. No test asserts how long anything took.
"""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 120.0
"""Seconds until what has not happened is given up; less than a test may take in all, so that the failure says what it is."""

_Found = TypeVar("_Found")


def soon(look: Callable[[], _Found | None], what: str, *, within: float = PATIENCE, every: float = 0.02) -> _Found:
    """Look until there is something; fail with `what` when nothing comes."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"it never happened: {what}")
        time.sleep(every)
