"""One beat of a loop over leased work."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from idp.jobs.leased_work import LeasedWork, Queue, Work


def one_beat(
    queue: Queue[Work],
    do: Callable[[Work], None],
    *,
    unit_of_work: Callable[[], AbstractContextManager[object]],
    clock: Callable[[], datetime],
    worker: str,
    lease: timedelta,
) -> bool:
    """Lease what is due, do it, and wait until it is done; True when there was something."""
    loop = LeasedWork(
        name="test",
        queue=queue,
        do=do,
        unit_of_work=unit_of_work,
        outages=(),
        clock=clock,
        worker=worker,
        lease=lease,
        threads=4,
        idle_seconds=0,
    )
    with ThreadPoolExecutor(4) as pool:
        return loop.beat(pool)
