"""The clients in memory: found by id, listed in order, replaced as a whole."""

from collections.abc import Sequence

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.registry import ClientRegistry
from idp_tests.authorization_requests import an_rp


def test_clients_are_found_by_their_very_id() -> None:
    registry = ClientRegistry({"rp": an_rp()})
    assert registry.find("rp") == an_rp()
    assert registry.find("RP") is None
    assert registry.find("") is None


def test_all_are_listed_in_order() -> None:
    registry = ClientRegistry({name: an_rp(client_id=name) for name in ("c", "a", "b")})
    assert [client.client_id for client in registry.all()] == ["a", "b", "c"]


def test_a_new_set_replaces_the_old_one_as_a_whole() -> None:
    registry = ClientRegistry({"old": an_rp(client_id="old")})
    registry.replace({"new": an_rp(client_id="new")})
    assert registry.find("old") is None
    assert registry.find("new") is not None


def test_a_set_cannot_be_changed_from_outside() -> None:
    clients = {"rp": an_rp()}
    registry = ClientRegistry(clients)
    clients.clear()
    assert registry.find("rp") is not None


class RegisteredOnce:
    """Clients that registered themselves, two of them."""

    known = (an_rp(client_id="file", client_name="An impostor"), an_rp(client_id="registered"))

    def client(self, client_id: str) -> Client | None:
        return next((client for client in self.known if client.client_id == client_id), None)

    def clients(self) -> Sequence[Client]:
        return self.known


def test_a_file_wins_over_a_client_that_registered_itself() -> None:
    registry = ClientRegistry({"file": an_rp(client_id="file")}, RegisteredOnce())
    assert registry.find("file") == an_rp(client_id="file")
    assert registry.find("registered") == an_rp(client_id="registered")
    assert registry.find("nobody") is None
    assert registry.all() == [an_rp(client_id="file"), an_rp(client_id="registered")]
