"""Redirect URIs: the same text or none; the open redirects of twenty other providers, tried on ours."""

from typing import Any

import pytest

from idp.core.oidc.clients.client import Client, SecurityProfile
from idp.core.oidc.clients.redirect_uri import find_problem, is_registered, origin, sector
from idp.core.oidc.errors import Displayed, Redirected
from idp_tests.authorization_requests import World, an_rp
from idp_tests.cases import each
from idp_tests.vectors import NEARLY_LOOPBACK, NEARLY_REGISTERED, REGISTERED


def is_displayed(client: Client, **sent: str) -> bool:
    """Whether the person reads of the problem, and nobody is sent anywhere."""
    try:
        World.of(client).ask(**sent)
    except Displayed:
        return True
    except Redirected:
        return False
    return False


@each("profile", [SecurityProfile.THIRD_PARTY, SecurityProfile.WEB_CONFIDENTIAL])
def test_only_the_very_same_address_is_trusted(profile: SecurityProfile) -> None:
    client = an_rp(profile, redirect_uris=frozenset({REGISTERED}))
    trusted = [
        uri for uri in NEARLY_REGISTERED if is_registered(client, uri) or not is_displayed(client, redirect_uri=uri)
    ]
    assert trusted == []
    assert is_registered(client, REGISTERED)


@each(
    "mistake",
    [
        {"response_type": "token"},
        {"response_mode": "fragment"},
        {"scope": "x"},
        {"code_challenge_method": "plain"},
        {"prompt": "none login"},
        {"max_age": "x"},
        {"request_uri": "https://evil.example"},
        {"registration": "{}"},
        {"claims": "{"},
        {"id_token_hint": "x"},
        {"request": "x"},
        {"state": "s" * 9999},
    ],
)
def test_another_mistake_never_opens_an_address(mistake: dict[str, str]) -> None:
    client = an_rp(redirect_uris=frozenset({REGISTERED}))
    assert [uri for uri in NEARLY_REGISTERED[::9] if not is_displayed(client, redirect_uri=uri, **mistake)] == []


def test_one_of_several_registered_addresses_is_asked_for_by_name() -> None:
    world = World.of(an_rp(redirect_uris=frozenset({"https://rp.example/a", "https://rp.example/b"})))
    assert world.ask(redirect_uri="https://rp.example/b").redirect_uri == "https://rp.example/b"
    with pytest.raises(Displayed):
        world.ask(without=["redirect_uri"])


def native(*uris: str) -> Client:
    return an_rp(application_type="native", redirect_uris=frozenset(uris))


@each(
    "registered, asked",
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8000/cb", "http://127.0.0.1:9/cb"),
        ("http://127.0.0.1:8000/cb", "http://127.0.0.1/cb"),
        ("http://[::1]/cb?x=1", "http://[::1]:51004/cb?x=1"),
        ("http://127.0.0.1", "http://127.0.0.1:1234"),
        ("se.example.app:/cb", "se.example.app:/cb"),
        ("https://app.example/cb", "https://app.example/cb"),
    ],
)
def test_a_native_client_may_change_the_port_of_its_loopback_address(registered: Any, asked: Any) -> None:
    assert is_registered(native(registered), asked)


@each("asked", NEARLY_LOOPBACK, name=ascii)
def test_nothing_but_the_port_may_differ(asked: Any) -> None:
    assert not is_registered(native("http://127.0.0.1/cb"), asked)


def test_the_port_of_an_https_address_never_differs() -> None:
    assert not is_registered(native("https://app.example/cb"), "https://app.example:8443/cb")


def test_a_web_client_may_not_change_any_port() -> None:
    client = an_rp(redirect_uris=frozenset({"http://127.0.0.1:8000/cb"}))
    assert is_registered(client, "http://127.0.0.1:8000/cb")
    assert not is_registered(client, "http://127.0.0.1:8001/cb")


@each(
    "uri, native, sandbox, allowed",
    [
        ("https://rp.example/cb", False, False, True),
        ("https://rp.example/cb?x=1", False, False, True),
        ("https://rp.example:8443/cb", False, False, True),
        ("https://rp.example", False, False, True),
        ("http://rp.example/cb", False, True, False),
        ("http://localhost:8001/cb", False, False, False),
        ("http://localhost:8001/cb", False, True, True),
        ("http://127.0.0.1:8001/cb", False, False, False),
        ("http://127.0.0.1/cb", True, False, True),
        ("http://[::1]/cb", True, False, True),
        ("http://localhost/cb", True, False, False),
        ("http://localhost:8002/cb", True, True, True),
        ("se.example.app:/cb", True, False, True),
        ("se.example.app:/cb", False, False, False),
        ("se.example.app://cb", True, False, False),
        ("myapp:/cb", True, False, False),
        ("javascript:alert(1)", True, True, False),
        ("data:text/html,x", True, True, False),
        ("https://rp.example/cb#f", False, False, False),
        ("https://rp.example/*", False, False, False),
        ("https://*.rp.example/cb", False, False, False),
        ("https://user@rp.example/cb", False, False, False),
        ("http://localhost:80@evil.example/cb", False, True, False),
        ("https://rp.example/a/../cb", False, False, False),
        ("https://rp.example/./cb", False, False, False),
        ("https://rp.example/cb?code=1", False, False, False),
        ("https://rp.example/cb?a=1&state=", False, False, False),
        ("https://rp.example/cb?iss=x", False, False, False),
        ("https:///cb", False, False, False),
        ("https://", False, False, False),
        ("https://rp.example:port/cb", False, False, False),
        ("https://[::1/cb", False, False, False),
        ("https://rp.example/åäö", False, False, False),
        ("https://rp.example/a b", False, False, False),
        ('https://rp.example/"', False, False, False),
        ("https://rp.example\\cb", False, False, False),
        ("", False, False, False),
        ("/cb", False, False, False),
        ("https://rp.example/" + "x" * 2048, False, False, False),
    ],
)
def test_what_may_be_registered(uri: Any, native: Any, sandbox: Any, allowed: Any) -> None:
    assert (find_problem(uri, native=native, sandbox=sandbox) is None) is allowed


def test_origin_and_sector() -> None:
    assert origin("https://rp.example:8443/cb") == "https://rp.example:8443"
    assert origin("se.example.app:/cb") is None
    assert sector(None, ["https://a.example/1", "https://a.example/2"], "rp") == "a.example"
    assert sector(None, ["https://a.example/1", "https://b.example/2"], "rp") is None
    assert sector("https://s.example/uris.json", ["https://a.example", "https://b.example"], "rp") == "s.example"


@pytest.mark.parametrize(
    "uris",
    [
        ["http://127.0.0.1/cb", "http://[::1]/cb"],
        ["http://127.0.0.1/cb"],
        ["se.example.app:/cb"],
        ["https://a.example/cb", "http://127.0.0.1/cb"],
    ],
)
def test_an_app_is_a_sector_of_its_own(uris: list[str]) -> None:
    """On the loopback address all apps would be one sector, and could compare their people."""
    assert sector(None, uris, "rp") == "rp"
