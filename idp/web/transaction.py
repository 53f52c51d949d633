"""One transaction per request: committed when we chose an answer, rolled back when we crashed.

A refused replay (400) must still store "grant revoked"; a crash (500) must store nothing.
"""

from typing import Protocol

from flask import Flask, Response


class Transaction(Protocol):
    """What the present request has written."""

    def commit(self) -> None: ...
    def roll_back(self) -> None: ...


def install(app: Flask, transaction: Transaction) -> None:
    """Commit below 500. A failing commit is a crash and reaches the error handler."""

    @app.after_request
    def settle(response: Response) -> Response:
        if response.status_code < 500:
            transaction.commit()
        else:
            transaction.roll_back()
        return response
