"""Coroutines that wait for nothing, run at once and without an event loop."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from idp.jobs.patient_write import PatientWrite

_Result = TypeVar("_Result")


def at_once(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """What the coroutine returns; it may not wait."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        returned: _Result = ended.value
        return returned
    coroutine.close()
    raise AssertionError("it waits")


async def hand_back(_until: datetime) -> bool:
    """Lets no order stay: each is asked about once and given back."""
    return False


@dataclass(frozen=True)
class WriteHere:
    """A patient write in the thread of the test."""

    patient: PatientWrite

    async def __call__(self, write: Callable[[], _Result]) -> _Result:
        return self.patient(write)
