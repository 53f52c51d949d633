"""What all of the protocol needs from the outside: messages to others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Outbox(Protocol):
    """Messages to others, written in the transaction of their cause and delivered by a job with retries."""

    def put(self, kind: str, key: str, payload: Mapping[str, Any], now: datetime) -> None:
        """`key` makes delivery exactly once; `payload` is stored encrypted."""
