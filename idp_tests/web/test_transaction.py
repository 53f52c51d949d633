import pytest
from flask import Flask

from idp.web import transaction
from idp_tests.recorder import Recorder


@pytest.mark.parametrize(
    ("status", "what"),
    [(200, "commit"), (303, "commit"), (400, "commit"), (499, "commit"), (500, "roll_back"), (503, "roll_back")],
)
def test_what_we_chose_to_answer_is_stored_and_what_a_crash_did_is_not(status: int, what: str) -> None:
    ports, app = Recorder(), Flask(__name__)
    app.get("/")(lambda: ("", status))
    transaction.install(app, ports.port("transaction"))
    assert app.test_client().get("/").status_code == status
    assert ports.names == [f"transaction.{what}"]
