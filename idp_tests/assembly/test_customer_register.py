"""The customer register's parts, made from a provider."""

from pathlib import Path

import pytest

from idp.core.customer_register.plan import plan
from idp.core.customer_register.ports import RegisterFile
from idp_tests.provider import Provider, restarted


def opened(provider: Provider, path: Path) -> RegisterFile:
    today = provider.clock().date()
    return provider.parts.customer_register.open_file(path, today, encoding=None, sheet=None)


def test_a_file_is_read_by_the_pattern_of_the_settings(provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("Kundnr;Orgnr;Namn\nPZ-1001;556016-0680;A AB\n", encoding="utf-8")
    with restarted(provider, linking={"customer_number_pattern": "PZ[0-9]{4}"}) as other:
        read = opened(other, path)
        assert plan(read.rows(lambda *_: None), []).refused == ()
    refused = opened(provider, path)
    assert len(plan(refused.rows(lambda *_: None), []).refused) == 1


@pytest.mark.usefixtures("provider")
def test_an_import_has_the_stored_register(provider: Provider) -> None:
    with provider.parts.database.unit_of_work():
        snapshot = provider.parts.customer_register.import_register.register.read()
    assert len(snapshot.customers) == 3
