"""BankID's client for tests that call it and wait, in an event loop that lasts as long as the client."""

import asyncio
from datetime import datetime

from idp.adapters.bankid.client import BankIdClient
from idp.core.identification.bankid.api import Answered, Ended, Pending, StartedOrder
from idp.core.identification.bankid.order_request import OrderRequest


class BlockingClient:
    """Each method of the client, done when it returns."""

    def __init__(self, client: BankIdClient) -> None:
        self.client = client
        self._loop = asyncio.Runner()

    def auth(self, request: OrderRequest) -> StartedOrder:
        return self._loop.run(self.client.auth(request))

    def collect(self, order_ref: str) -> Pending | Answered:
        return self._loop.run(self.client.collect(order_ref))

    def read(self, body: bytes, order_ref: str) -> Ended:
        return self.client.read(body, order_ref)

    def cancel(self, order_ref: str) -> None:
        self._loop.run(self.client.cancel(order_ref))

    def ping(self) -> datetime | None:
        return self._loop.run(self.client.ping())

    def close(self) -> None:
        self._loop.run(self.client.close())
        self._loop.close()
