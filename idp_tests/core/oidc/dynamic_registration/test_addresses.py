"""Addresses of a client that registers itself: https on a host of the public web that is the client's."""

from typing import Any

import pytest

from idp.core.oidc.dynamic_registration.addresses import check_addresses, hosts_of
from idp.core.oidc.dynamic_registration.members import MetadataRefused
from idp_tests.registrations import MEMBERS
from idp_tests.vectors import LOCAL_FILE

HOSTILE_HOSTS = [
    "169.254.169.254", "127.0.0.1", "10.0.0.1", "192.168.1.1", "0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1",
    "127.1", "[::1]", "[::ffff:127.0.0.1]", "[fd00::1]", "localhost", "localhost.localdomain.local", "printer.local",
    "db.internal", "router.lan", "nas.home", "app.corp", "intranet", "metadata.google.internal", "1.0.0.127.in-addr.arpa",
    "x.localhost", "hidden.onion", "rp.invalid", "rp.example.", ".rp.example", "rp..example", "-rp.example", "rp.exa_mple",
    "%6c%6fcalhost", "rp.example:99999", "user@rp.example", "user:pw@rp.example", "rp.example\\@evil.example", "rp.1",
    "rp.0x7f", "a" * 64 + ".example", "rp.example%00.evil.example", "xn--.example.1",
]  # fmt: skip
REFUSED: list[tuple[dict[str, Any], str]] = [
    # redirect addresses of a web application
    ({"redirect_uris": ["http://rp.example/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["http://127.0.0.1/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["http://localhost/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["com.example.app:/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
    ({"redirect_uris": ["data:text/html,x"]}, "redirect_uris"),
    ({"redirect_uris": [LOCAL_FILE]}, "redirect_uris"),
    ({"redirect_uris": ["HTTPS://rp.example/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["https:rp.example/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["//rp.example/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["https://"]}, "redirect_uris"),
    ({"redirect_uris": ["https://rp.example/cb#part"]}, "redirect_uris"),
    ({"redirect_uris": ["https://rp.example/cb#"]}, "redirect_uris"),
    ({"redirect_uris": ["https://*.rp.example/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["https://rp.example/*"]}, "redirect_uris"),
    ({"redirect_uris": ["https://rp.example/a/../b"]}, "redirect_uris"),
    ({"redirect_uris": ["https://rp.example/cb?code=x"]}, "redirect_uris"),
    ({"redirect_uris": ["https://rp.example/cb?state=x"]}, "redirect_uris"),
    ({"redirect_uris": ["https://rp.example/c b"]}, "redirect_uris"),
    ({"redirect_uris": ["https://räp.example/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["https://[::1/cb"]}, "redirect_uris"),
    ({"redirect_uris": ["https://rp.example/" + "a" * 2_048]}, "redirect_uris"),
    # redirect addresses of a native application
    ({"application_type": "native", "redirect_uris": ["http://rp.example/cb"]}, "redirect_uris"),
    ({"application_type": "native", "redirect_uris": ["http://localhost/cb"]}, "redirect_uris"),
    ({"application_type": "native", "redirect_uris": ["http://127.0.0.1.evil.example/cb"]}, "redirect_uris"),
    ({"application_type": "native", "redirect_uris": ["app:/cb"]}, "redirect_uris"),
    ({"application_type": "native", "redirect_uris": ["com.example.app://cb"]}, "redirect_uris"),
    ({"application_type": "native", "redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
    ({"application_type": "native", "redirect_uris": ["https://localhost/cb"]}, "redirect_uris"),
    # other addresses
    ({"post_logout_redirect_uris": ["http://rp.example/bye"]}, "post_logout_redirect_uris"),
    ({"post_logout_redirect_uris": ["https://10.0.0.1/bye"]}, "post_logout_redirect_uris"),
    ({"client_uri": "http://rp.example"}, "client_uri"),
    ({"client_uri": "javascript:alert(1)"}, "client_uri"),
    ({"client_uri": "https://bank.example"}, "client_uri"),
    ({"client_uri": "https://notrp.example"}, "client_uri"),
    ({"policy_uri": "https://cdn.example/policy"}, "policy_uri"),
    ({"tos_uri": "data:text/html;base64,AAAA"}, "tos_uri"),
    ({"policy_uri": "https://169.254.169.254/latest"}, "policy_uri"),
    ({"tos_uri": "ftp://rp.example/tos"}, "tos_uri"),
    ({"initiate_login_uri": "https://evil.example/login"}, "initiate_login_uri"),
    ({"backchannel_logout_uri": "https://api.rp.example/logout"}, "backchannel_logout_uri"),
    ({"backchannel_logout_uri": "http://rp.example/logout"}, "backchannel_logout_uri"),
    ({"backchannel_logout_uri": "https://169.254.169.254/"}, "backchannel_logout_uri"),
    (
        {
            "application_type": "native",
            "redirect_uris": ["com.rp.app:/cb"],
            "backchannel_logout_uri": "https://rp.example/l",
        },
        "backchannel_logout_uri",
    ),
    ({"frontchannel_logout_uri": "https://evil.example/logout"}, "frontchannel_logout_uri"),
]
"""What is refused, and the member that is named."""


def check(*, sandbox: bool = False, **changes: Any) -> None:
    check_addresses({**MEMBERS, "application_type": "web", **changes}, sandbox=sandbox)


def refusal(*, sandbox: bool = False, **changes: Any) -> MetadataRefused:
    with pytest.raises(MetadataRefused) as refused:
        check(sandbox=sandbox, **changes)
    return refused.value


def test_an_address_that_a_stranger_may_not_have_is_refused_by_name() -> None:
    wrong = []
    for changes, member in REFUSED:
        try:
            check(**changes)
        except MetadataRefused as refused:
            if refused.member == member:
                continue
        wrong.append(changes)
    assert wrong == []


def test_an_address_in_disguise_is_no_host_of_the_public_web() -> None:
    wrong = []
    for member in ("redirect_uris", "backchannel_logout_uri", "policy_uri"):
        for host in HOSTILE_HOSTS:
            address = f"https://{host}/x"
            changes: dict[str, Any] = {member: [address] if member == "redirect_uris" else address}
            if refusal(**changes).member != member:
                wrong.append((member, host))
    assert wrong == []


def test_pages_may_be_on_a_host_above_or_below_and_calls_on_the_very_same() -> None:
    check(client_uri="https://www.rp.example/", policy_uri="https://rp.example/p", tos_uri="https://a.b.rp.example/l")
    check(backchannel_logout_uri="https://rp.example/cb?logout=backchannel")
    assert refusal(backchannel_logout_uri="https://www.rp.example/").member == "backchannel_logout_uri"


def test_http_on_this_machine_is_for_the_sandbox() -> None:
    loopback: dict[str, Any] = {
        "redirect_uris": ["http://localhost:8001/cb"],
        "backchannel_logout_uri": "http://localhost:8001/out",
    }
    check(sandbox=True, **loopback)
    assert refusal(**loopback).member == "redirect_uris"
    assert refusal(sandbox=True, redirect_uris=["http://10.0.0.1/cb"]).member == "redirect_uris"


def test_only_web_addresses_have_a_host() -> None:
    uris = ["https://rp.example/cb", "http://127.0.0.1/cb", "com.rp.app:/cb"]
    assert hosts_of(uris) == {"rp.example"}
    assert hosts_of(uris, sandbox=True) == {"rp.example", "127.0.0.1"}
