"""One transaction per request: committed when we chose an answer, rolled back when we crashed.

A refused replay (400) must still store "grant revoked"; a crash (500) must store nothing.
"""

from flask import Flask, Response

from idp.web.services import services


def install(app: Flask) -> None:
    """Commit below 500. A failing commit is a crash of its own and reaches the error handler."""

    @app.after_request
    def settle(response: Response) -> Response:
        if response.status_code < 500:
            services().unit_of_work.commit()
        else:
            services().unit_of_work.roll_back()
        return response
