import re

import pytest
import structlog
from flask import Blueprint, Flask
from structlog.testing import capture_logs

from idp.web import request_log
from idp_tests.provider import ISSUER, Provider


def test_a_request_leaves_one_line_without_what_it_carried(provider: Provider) -> None:
    browser = provider.browser()
    with capture_logs() as logged:
        browser.authorize(state="canary")
    answered = [line for line in logged if line["event"] == "answered"]
    assert [(line["rule"], line["status"]) for line in answered] == [
        ("/authorize", 303),
        ("/signin/<interaction_id>", 303),
        ("/signin/<interaction_id>/bankid", 200),
    ]
    assert "canary" not in str(logged)
    assert browser.base.rpartition("/")[2] not in str(answered)


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/static/idp.css", "{base}/bankid/status", "{base}/bankid/qr.svg"]
)
def test_what_machines_and_scripts_ask_every_second_leaves_none(provider: Provider, path: str) -> None:
    browser = provider.browser().authorize().start()
    with capture_logs() as logged:
        response = browser.client.get(path.format(base=browser.base), base_url=ISSUER)
        response.close()
    assert response.status_code == 200
    assert [line for line in logged if line["event"] == "answered"] == []


def test_a_quiet_endpoint_that_fails_is_heard() -> None:
    app, routes = Flask(__name__), Blueprint("health", __name__)
    routes.get("/readyz")(ready)
    app.register_blueprint(routes)
    request_log.install(app)
    with capture_logs() as logged:
        app.test_client().get("/readyz")
    assert [line["status"] for line in logged] == [503]


def ready() -> tuple[str, int]:
    return "", 503


def test_every_quiet_endpoint_is_one_of_ours(provider: Provider) -> None:
    assert provider.app.view_functions.keys() >= request_log.QUIET


def test_every_line_of_a_request_bears_its_id_until_the_next(provider: Provider) -> None:
    ids = set()
    for _ in range(2):
        with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logged:
            provider.app.test_client().get("/authorize", base_url=ISSUER)
        [request_id] = {line["request_id"] for line in logged}
        assert re.fullmatch(r"[0-9a-f]{16}", request_id)
        ids.add(request_id)
    assert len(ids) == 2
