"""One provider per file for the plans: every test brings its own browser, so they share keys, clients and Anna."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp_tests.protocol.plan import BASIC, FapiVisitor, Visitor, drop_files, registry_of
from idp_tests.provider import SETTINGS, Provider, run_provider


@pytest.fixture(scope="module")
def shared_provider(
    provider_files: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provider]:
    """On SQLite, with the plan's clients dropped beside the others; Anna has an account and a company."""
    directory = tmp_path_factory.mktemp("plan") / "provider"
    shutil.copytree(provider_files, directory)
    drop_files(directory / "clients")
    shutil.copy(sqlite_template, directory / "idp.db")
    url = f"sqlite:///{directory / 'idp.db'}"
    (directory / "idp.toml").write_text(SETTINGS.format(database_url=url), encoding="utf-8")
    for provider in run_provider(directory):
        provider.browser().first_login()
        yield provider


@pytest.fixture
def op(shared_provider: Provider) -> Iterator[Provider]:
    """The shared provider; clients that a test changes are put back."""
    registry = registry_of(shared_provider)
    clients = {client.client_id: client for client in registry.all()}
    shared_provider.clock.advance(seconds=10)
    yield shared_provider
    registry.replace(clients)
    shared_provider.bankid.refuse_start = None


@pytest.fixture(params=["query", "form_post"])
def suite(request: pytest.FixtureRequest, op: Provider) -> Visitor:
    """The Basic plan's client, once as in the Basic plan and once as in the Form Post plan."""
    return Visitor(op, BASIC, None if request.param == "query" else "form_post")


@pytest.fixture
def fapi(op: Provider) -> FapiVisitor:
    """The FAPI 2.0 plan's first client."""
    return FapiVisitor(op)
