"""The application: several of them serve one provider, and secrets are rotated while they do."""

import os

import pytest

from idp.adapters.keys.directory import read_secrets, secret_path, write_secrets
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.browser import Browser
from idp_tests.cases import each
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import BO


def rotate(provider: Provider, *names: str) -> None:
    """Add a version to secrets, so that running nodes notice it whatever the clock of the file system."""
    directory = provider.settings.keys.directory
    for name in names:
        path = secret_path(directory, name)
        before = read_secrets(path)
        write_secrets(path, [SecretKey(version=before[0].version + 1, value=os.urandom(32)), *before])
    changed = (directory / "secrets").stat().st_mtime_ns + 1_000_000
    os.utime(directory / "secrets", ns=(changed, changed))


def move(browser: Browser, to: Provider) -> Browser:
    """Let a balancer send the browser's next request to another node."""
    browser.client.application = to.app
    return browser


@pytest.fixture
def fresh_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.keys.files.LOOK_SECONDS", 0, raising=False)


@each("begins_at_the_new_node", [True, False])
def test_a_form_counts_at_every_node_while_the_token_secret_is_rotated(
    provider: Provider, *, begins_at_the_new_node: bool
) -> None:
    rotate(provider, "tokens")
    with restarted(provider) as new:
        nodes = [new, provider] if begins_at_the_new_node else [provider, new]
        browser = move(provider.browser(), nodes[0]).authorize()
        assert move(browser, nodes[1]).submit("/bankid/start", launch="qr").status == 200


@pytest.mark.usefixtures("fresh_looks")
def test_a_running_node_reads_what_another_one_encrypts_with_a_newer_secret(provider: Provider) -> None:
    rotate(provider, "fields", "pepper")
    with restarted(provider) as new:
        new.browser().first_login(user=BO)
    assert "code" in provider.browser().authorize().identify(BO).answer
