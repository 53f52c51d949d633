"""Health: alive is a process that answers, ready is who has what every request needs."""

from datetime import timedelta

import pytest

from idp.adapters.database.canaries import DatabaseCanaries
from idp.adapters.database.engine import connection
from idp.core.oidc.keys.canary import Canary
from idp_tests.provider import Provider


@pytest.fixture(autouse=True)
def a_collector(provider: Provider) -> None:
    """One has just worked, somewhere."""
    seen(provider)


def seen(provider: Provider, worker: str = "node-1.a") -> None:
    with provider.parts.database.unit_of_work():
        provider.parts.store.heartbeats.note(worker, provider.clock())


def readiness(provider: Provider, query: str = "") -> tuple[int, list[str]]:
    """The status, and what does not hold."""
    response = provider.app.test_client().get(f"/readyz{query}")
    checks = (response.json or {})["checks"]
    return response.status_code, [name for name, holds in checks.items() if not holds]


def change_schema(provider: Provider, to: str) -> None:
    with provider.parts.database.unit_of_work():
        connection().exec_driver_sql(f"UPDATE alembic_version SET version_num = '{to}'")


def test_a_provider_that_has_everything_is_ready(provider: Provider) -> None:
    assert readiness(provider) == (200, [])


def test_a_database_of_a_program_that_is_too_new_is_served_by_nobody_who_does_not_know_it(provider: Provider) -> None:
    change_schema(provider, "9999")
    assert readiness(provider) == (503, ["schema"])
    assert provider.app.test_client().get("/livez").status_code == 200


def test_who_cannot_sign_is_not_ready(provider: Provider) -> None:
    provider.clock.now = min(key.activates_at for key in provider.parts.keys.keyring.keys) - timedelta(seconds=1)
    assert readiness(provider) == (503, ["keys"])


def test_who_is_about_to_end_says_so(provider: Provider) -> None:
    response = provider.app.test_client().get("/readyz", environ_base={"idp.draining": True})
    assert response.status_code == 503
    assert not (response.json or {})["checks"]["staying"]


def test_who_has_other_secrets_than_the_database_was_filled_with_is_not_ready(provider: Provider) -> None:
    with provider.parts.database.unit_of_work():
        DatabaseCanaries().note([Canary("pepper", 1, bytes(32))])
    assert readiness(provider) == (503, ["secrets"])


def test_nobody_who_is_asked_to_log_people_in_is_ready_when_no_collector_works_anywhere(provider: Provider) -> None:
    """Each start of BankID would wait for a collector in vain."""
    provider.clock.advance(seconds=31)
    assert readiness(provider) == (503, ["collector"])
    seen(provider, "node-2.b")
    assert readiness(provider) == (200, [])


def test_a_collector_that_is_late_keeps_nobody_out(provider: Provider) -> None:
    provider.clock.advance(seconds=29)
    assert readiness(provider) == (200, [])


def test_a_first_start_is_ready_when_the_first_collector_is(provider: Provider) -> None:
    with provider.parts.database.unit_of_work():
        connection().exec_driver_sql("DELETE FROM collector_heartbeats")
    assert readiness(provider) == (503, ["collector"])


def test_a_balancer_leaves_the_collector_out_so_that_people_who_are_logged_in_are_served_on(provider: Provider) -> None:
    provider.clock.advance(seconds=31)
    assert readiness(provider, "?exclude=collector") == (200, [])
    change_schema(provider, "9999")
    assert readiness(provider, "?exclude=collector") == (503, ["schema"])
