"""The application for another server than ours."""

import pytest

from idp.cli.wsgi import application
from idp_tests.cli.installation import Installation


def test_another_server_gets_the_application_of_the_settings_that_the_environment_names(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDP_CONFIG", str(installed.settings))
    answer = application().test_client().get("/.well-known/openid-configuration")
    assert answer.status_code == 200
