"""The application for another server than ours."""

import shutil

import pytest

from idp.adapters.database.installation import SchemaProblem
from idp.assembly.secrets import SecretsProblem
from idp.cli.wsgi import application
from idp_tests.cli.installation import Installation


def test_another_server_gets_the_application_of_the_settings_that_the_environment_names(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDP_CONFIG", str(installed.settings))
    answer = application().test_client().get("/.well-known/openid-configuration")
    assert answer.status_code == 200


def test_another_server_does_not_start_without_the_schema(fresh: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh.done("keys", "init")
    monkeypatch.setenv("IDP_CONFIG", str(fresh.settings))
    with pytest.raises(SchemaProblem, match="idp db upgrade"):
        application()


def test_another_server_does_not_start_with_other_secrets_than_the_database_was_filled_with(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDP_CONFIG", str(installed.settings))
    application()
    shutil.rmtree(installed.directory / "keys")
    installed.change('url = "sqlite:///idp.db"', 'url = "sqlite:///other.db"')
    installed.done("keys", "init")
    installed.change('url = "sqlite:///other.db"', 'url = "sqlite:///idp.db"')
    with pytest.raises(SecretsProblem):
        application()
