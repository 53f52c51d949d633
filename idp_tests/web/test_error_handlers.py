import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from idp.adapters.database.engine import Database
from idp.app import create_app
from idp.assembly.provider import Provider as Assembled
from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider

GONE = OperationalError("COMMIT", {}, Exception("gone"))
BROKEN = ZeroDivisionError("canary-in-an-exception")


class _NeverCommits(Database):
    """A database whose commits fail."""

    problem: Exception

    def commit(self) -> None:
        raise self.problem


@dataclass(frozen=True, kw_only=True)
class _WithFailingCommits(Assembled):
    problem: Exception

    @cached_property
    def database(self) -> Database:
        database = _NeverCommits(self.settings.database)
        database.problem = self.problem
        return database


@contextmanager
def failing_commits(provider: Provider, problem: Exception) -> Iterator[FlaskClient]:
    parts = _WithFailingCommits(settings=provider.settings, clock=provider.clock, problem=problem)
    yield create_app(parts).test_client()
    parts.database.close()


@pytest.mark.each_database
@pytest.mark.parametrize(("path", "wants"), [("/userinfo", "json"), ("/authorize", "page")])
def test_a_database_out_of_reach_is_said_as_passing(provider: Provider, path: str, wants: str) -> None:
    with failing_commits(provider, GONE) as client:
        response = client.get(path, base_url=ISSUER)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    if wants == "json":
        assert response.get_json()["error"] == "temporarily_unavailable"
    else:
        assert "Tjänsten svarar inte just nu" in response.get_data(as_text=True)


def test_a_crash_shows_a_code_and_nothing_of_its_cause(provider: Provider) -> None:
    with failing_commits(provider, BROKEN) as client, structlog.testing.capture_logs() as logged:
        page = client.get("/authorize", base_url=ISSUER)
    text = page.get_data(as_text=True)
    assert page.status_code == 500
    assert "canary" not in text
    code = re.search(r'id="error-code"[^>]*>\s*([2-9A-Z]{8})', text)
    assert code is not None
    assert any(line.get("code") == code.group(1) for line in logged)


def test_the_code_on_an_error_page_leads_to_its_reason(provider: Provider) -> None:
    page = provider.app.test_client().get("/authorize?client_id=nobody", base_url=ISSUER).get_data(as_text=True)
    code = re.search(r'id="error-code"[^>]*>\s*([2-9A-Z]{8})', page)
    assert code is not None
    with provider.app.app_context():
        facts = provider.parts.store.incidents.find(code.group(1))
    assert facts is not None
    assert facts["page"] == "bad_request"


@each("path", ["/nowhere", "/signin/", "/signin/x/y/z"])
def test_an_unknown_address_is_said_to_be_unknown(provider: Provider, path: str) -> None:
    assert provider.app.test_client().get(path, base_url=ISSUER).status_code == 404


def test_an_unknown_address_is_a_page_for_people_and_json_for_programs(provider: Provider) -> None:
    client = provider.app.test_client()
    page = client.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"}, base_url=ISSUER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "error-code" in page.get_data(as_text=True)
    for accept in ("*/*", "application/json", ""):
        answer = client.get("/nowhere", headers={"Accept": accept}, base_url=ISSUER)
        assert (answer.status_code, answer.mimetype) == (404, "application/json")


@pytest.mark.each_database
def test_the_log_says_why_the_database_is_out_of_reach(provider: Provider) -> None:
    with failing_commits(provider, GONE) as client, structlog.testing.capture_logs() as logged:
        client.get("/userinfo", base_url=ISSUER)
    assert [line["reason"] for line in logged if line["event"] == "database out of reach"] == ["Exception: gone"]


@pytest.mark.each_database
def test_the_code_of_a_crash_is_known_to_support_and_what_crashed_is_rolled_back(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("canary-in-an-exception")

    browser = provider.browser().authorize()
    with monkeypatch.context() as broken:
        broken.setattr("idp.web.signin.bankid.log_in.find_present", crash)
        browser.get(f"{browser.base}/bankid")
    assert browser.status == 500
    code = re.search(r'id="error-code"[^>]*>\s*([2-9A-Z]{8})', browser.page)
    assert code is not None
    with provider.app.app_context():
        facts = provider.parts.store.incidents.find(code.group(1))
    assert facts is not None
    assert (facts["page"], facts["detail"]) == ("server", "ZeroDivisionError")


@each("path", ["/authorize", "/logout"])
def test_a_method_that_a_page_does_not_know_is_answered_with_those_it_does(provider: Provider, path: str) -> None:
    response = provider.app.test_client().put(path, base_url=ISSUER)
    assert (response.status_code, response.mimetype) == (405, "text/html")
    assert "GET" in response.headers["Allow"]


def test_a_head_request_answers_no_client_and_ends_no_session(provider: Provider) -> None:
    from urllib.parse import urlencode

    browser = provider.browser().first_login()
    hint = browser.redeem().get_json()["id_token"]
    grants = provider.scalar("SELECT count(*) FROM grants")
    for path in (
        "/authorize?" + urlencode({"client_id": "minasidor", "redirect_uri": "https://minasidor.example/cb"}),
        "/logout?" + urlencode({"id_token_hint": hint}),
        browser.base,
    ):
        assert browser.client.head(path, base_url=ISSUER).status_code == 405
    assert provider.scalar("SELECT count(*) FROM grants") == grants
    assert "code" in browser.authorize(prompt="none").answer


@each("host", ["..", "a..b", f"{'x' * 70}.example"])
@each("path", ["/authorize", "/logout", "/signin/x/link"])
def test_a_host_that_is_none_counts_as_little_as_any_other(provider: Provider, host: str, path: str) -> None:
    """Our own front refuses it (RFC 9112 3.2); behind another one nothing is made of it."""
    for method in ("GET", "POST", "PUT"):
        client = provider.app.test_client()
        named, unnamed = (client.open(path, method=method, headers={"Host": one}) for one in (host, "id.example"))
        assert named.status_code == unnamed.status_code < 500
        assert host not in named.get_data(as_text=True)
