"""Health: alive is whoever answers, ready is who has what every request needs."""

from datetime import timedelta

from idp.adapters.database.canaries import DatabaseCanaries
from idp.adapters.database.engine import connection
from idp.core.oidc.keys.canary import Canary
from idp_tests.provider import Provider


def readiness(provider: Provider) -> tuple[int, list[str]]:
    """The status, and what does not hold."""
    response = provider.app.test_client().get("/readyz")
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
