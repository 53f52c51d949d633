from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.registry import ClientRegistry
from idp.web.frame import Service
from idp.web.own_services import OwnServices
from idp_tests.builders import a_client

PAGE = "https://a.example/"


def services(*clients: Client) -> list[Service]:
    registry = ClientRegistry({client.client_id: client for client in clients})
    return list(OwnServices(clients=registry, issuer="https://id.example")("sv"))


def own(client_id: str, **members: object) -> Client:
    given = {"client_id": client_id, "client_name": client_id, "first_party": True, "client_uri": PAGE} | members
    return a_client(**given)


def test_web_sites_come_before_apps() -> None:
    found = services(own("an-app", application_type="native"), own("web"))
    assert found == [Service("web", PAGE), Service("an-app", PAGE)]


def test_where_a_login_starts_is_the_address_of_a_service_without_a_page() -> None:
    start = "https://a.example/login"
    found = services(own("web", client_uri=None, initiate_login_uri=start))
    assert found == [Service("web", f"{start}?iss=https%3A%2F%2Fid.example")]


def test_partners_disabled_clients_and_clients_without_an_address_are_none_of_them() -> None:
    nowhere = own("nowhere", client_uri=None, initiate_login_uri=None)
    assert services(own("partner", first_party=False), own("old", disabled=True), nowhere) == []
