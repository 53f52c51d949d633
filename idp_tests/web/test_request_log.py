import json
import re
from typing import Any

import pytest
from flask import Blueprint, Flask

from idp import log
from idp.web import request_log
from idp.web.static_files import StaticFiles
from idp_tests.provider import ISSUER, Provider


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The request lines that were written."""
    written: list[dict[str, Any]] = []
    monkeypatch.setattr(log, "write_request_line", lambda members: written.append(json.loads(f"{{{members}}}")))
    return written


def test_a_request_leaves_one_line_without_what_it_carried(provider: Provider, lines: list[dict[str, Any]]) -> None:
    browser = provider.browser().authorize(state="canary")
    assert [(line["rule"], line["status"]) for line in lines] == [
        ("/authorize", 303),
        ("/signin/<interaction_id>", 303),
        ("/signin/<interaction_id>/bankid", 200),
    ]
    assert {line["event"] for line in lines} == {"answered"}
    assert all(line["ms"] >= 0 for line in lines)
    for kept in ("canary", browser.base.rpartition("/")[2]):
        assert kept not in str(lines)


def test_an_address_that_is_none_of_ours_is_not_repeated(provider: Provider, lines: list[dict[str, Any]]) -> None:
    provider.app.test_client().get("/canary", base_url=ISSUER)
    assert [(line["rule"], line["status"]) for line in lines] == [("(none)", 404)]


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz?exclude=collector", f"{StaticFiles().release}/idp.css", "{base}/bankid/status"]
)
def test_what_machines_and_scripts_ask_every_second_leaves_none(
    provider: Provider, lines: list[dict[str, Any]], path: str
) -> None:
    browser = provider.browser().authorize().start()
    lines.clear()
    response = browser.client.get(path.format(base=browser.base), base_url=ISSUER)
    response.close()
    assert response.status_code == 200
    assert lines == []


def test_a_quiet_endpoint_that_fails_is_heard(lines: list[dict[str, Any]]) -> None:
    app, routes = Flask(__name__), Blueprint("health", __name__)
    routes.get("/readyz", endpoint="ready")(lambda: ("", 503))
    app.register_blueprint(routes)
    request_log.install(app)
    app.test_client().get("/readyz")
    assert [line["status"] for line in lines] == [503]


def test_every_quiet_endpoint_is_one_of_ours(provider: Provider) -> None:
    assert provider.app.view_functions.keys() >= request_log.QUIET


def test_each_request_has_an_id_that_no_other_has(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    ids: list[str] = []
    monkeypatch.setattr(log, "begin_request", ids.append)
    for _ in range(2):
        provider.app.test_client().get("/authorize", base_url=ISSUER)
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in ids)
    assert len(set(ids)) == 2
