"""No half account, link or login: wherever a request is cut off, everything of it is there or nothing.

A process that is killed leaves what its database rolls back (`adapters/database/test_engine.py`); so a request is cut off here before
each of its statements in turn, and at its commit, until it is let through.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from structlog.testing import capture_logs

from idp.adapters.database.engine import Database, connection, database, unit_of_work
from idp.adapters.database.prepared import Prepared
from idp.adapters.database.tables import metadata, people
from idp_tests.attacks.stages import Stage, stage
from idp_tests.provider import ISSUER, Provider
from idp_tests.scripted_bankid import ANNA, BO

pytestmark = pytest.mark.each_database

MEANWHILE = frozenset({"incidents", "supported_programs"})
"""An error page's own note."""
Send = Callable[[], int]


class PowerCutError(Exception):
    """The process is gone."""


def _stored(provider: Provider) -> dict[str, list[Any]]:
    with unit_of_work(provider.app):
        return {
            table.name: sorted(map(repr, connection().execute(select(table)).all()))
            for table in metadata.sorted_tables
            if table.name not in MEANWHILE
        }


@contextmanager
def _cut_off(provider: Provider, monkeypatch: pytest.MonkeyPatch, after: int) -> Iterator[list[int]]:
    """Let so many statements through and not the next; what is given counts those that came, an error page's own too."""
    came = [0]

    def count(*_: Any, **__: Any) -> None:
        came[0] += 1
        if came[0] == after + 1:
            raise PowerCutError

    def run(statement: Prepared, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        count()
        return honest_run(statement, values)

    honest_run = Prepared.run
    with provider.app.app_context():
        engine = database.engine
    with monkeypatch.context() as patch:
        patch.setattr(Prepared, "run", run)
        event.listen(engine, "before_cursor_execute", count)
        try:
            yield came
        finally:
            event.remove(engine, "before_cursor_execute", count)


def _form(form: Stage) -> Send:
    return lambda: int(form.send().status_code)


def _registering(provider: Provider) -> Send:
    browser = provider.browser().authorize().identify(BO).link("10012346", "7569")
    return _form(stage(browser, "/register", name="Bo", phone="070-174 06 05", email="bo@example.se"))


def _linking(provider: Provider) -> Send:
    """A person with an account whose company was taken away: the try, the link, and the notice to a colleague."""
    provider.browser().first_login(user=BO)
    browser = provider.browser().first_login(user=ANNA)
    with unit_of_work(provider.app):
        person_id = connection().execute(select(people.c.id).order_by(people.c.id.desc()).limit(1)).scalar_one()
        assert provider.parts.store.links.end(person_id, "10012345", provider.clock(), reason="test")
    return _form(stage(browser.authorize(), "/link", customer_number="10012345", last_four="0680"))


def _identifying(provider: Provider) -> Send:
    """The completed order becomes a session, and the session of somebody else ends."""
    provider.browser().first_login(user=BO)
    browser = provider.browser().first_login(user=ANNA).authorize(prompt="login").start()
    provider.clock.advance(seconds=3)
    provider.bankid.approve(BO)
    provider.collect()
    return lambda: int(browser.client.get(browser.base, headers=browser.headers, base_url=ISSUER).status_code)


def _consenting(provider: Provider) -> Send:
    browser = provider.browser().authorize("partner", scope="openid email").identify(ANNA)
    return _form(stage(browser, "/consent", answer="allow"))


ACTS: Mapping[str, tuple[Callable[[Provider], Send], frozenset[str]]] = {
    "registering": (_registering, frozenset({"people", "identities", "links", "outbox", "audit", "interactions"})),
    "linking": (_linking, frozenset({"links", "budgets", "outbox", "audit", "interactions"})),
    "identifying": (_identifying, frozenset({"sessions", "authentications", "bankid_orders", "audit", "interactions"})),
    "consenting": (_consenting, frozenset({"consents", "audit", "interactions"})),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_a_request_that_is_cut_off_leaves_nothing_and_one_that_is_not_leaves_all(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    prepare, written = ACTS[act]
    send = prepare(provider)
    before = _stored(provider)
    statements = 0
    while True:
        with (
            _cut_off(provider, monkeypatch, statements) as came,
            capture_logs(),
        ):  # a traceback costs more than a request
            status = send()
        if came[0] <= statements:
            break
        assert status in {500, 503}
        assert _stored(provider) == before, f"cut off before statement {statements + 1}"
        statements += 1
    assert statements >= 5
    assert status == 303
    changed = {name for name, rows in _stored(provider).items() if rows != before[name]}
    assert written <= changed


@pytest.mark.parametrize("act", list(ACTS))
def test_a_commit_that_fails_leaves_nothing(provider: Provider, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    prepare, _ = ACTS[act]
    send = prepare(provider)
    before = _stored(provider)

    def fail(_: Database) -> None:
        raise PowerCutError

    with monkeypatch.context() as patch, capture_logs():
        patch.setattr(Database, "commit", fail)
        assert send() in {500, 503}
    assert _stored(provider) == before
