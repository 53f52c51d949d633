from typing import Any

from idp.assembly.clients import make_registry, own_pages, read_file, read_files, remember
from idp_tests.builders import a_client
from idp_tests.provider import Provider
from idp_tests.recorder import Recorder


def test_every_file_of_the_settings_places_is_a_client_by_its_name(provider: Provider) -> None:
    found = read_files(provider.settings)
    assert found.keys() == {"minasidor", "mittprezero", "partner"}
    assert read_file(provider.directory / "clients/partner.toml", provider.settings) == found["partner"]


def test_a_file_wins_over_a_client_that_registered_itself(provider: Provider) -> None:
    registered: Any = Recorder({"registered.find": a_client(client_name="stranger")}).port("registered")
    file = a_client()
    registry = make_registry({"minasidor": file}, registered, a_client(client_id="own-pages"))
    assert registry.find("minasidor") is file


def test_a_registered_client_is_read_by_our_own_issuer_and_clock(provider: Provider) -> None:
    ports = Recorder({"registered.find": None})
    registered: Any = ports.port("registered")
    assert remember(registered, provider.settings, provider.clock).find("nobody") is None
    assert ports.names == ["registered.find"]


def test_our_own_pages_are_a_client_that_no_file_replaces_no_list_shows_and_no_key_redeems_for(
    provider: Provider,
) -> None:
    own = own_pages(provider.settings)
    registry = make_registry({"own-pages": a_client(client_id="own-pages", client_name="Another")}, None, own)
    assert registry.find("own-pages") is own
    assert own not in registry.all()
    assert own.jwks == {"keys": []}
    assert own.client_secret_hashes == ()
    assert own.redirect_uris == {"https://id.example/account/back"}
