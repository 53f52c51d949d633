from datetime import timedelta

import pytest

from idp.core.identification.bankid.api import BankIdKind
from idp.core.identification.bankid.order import Launch
from idp.core.signin.start import StartPolicy, Visitor, nonce_hash, read, successor, want_order, write
from idp_tests.builders import NOW, a_client, a_request, an_interaction, an_order

POLICY = StartPolicy(
    issuer="https://id.example",
    launch_url="https://app.bankid.com/",
    kinds=frozenset({BankIdKind.MOBILE}),
    pin_code=False,
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"
VISITOR = Visitor(address="192.0.2.1", user_agent=IPHONE, device_identifier="device")


def wanted(launch: Launch = Launch.QR, visitor: Visitor = VISITOR, **request: object):  # type: ignore[no-untyped-def]
    interaction = an_interaction(request=a_request(**request).to_json())
    return want_order(interaction, a_client(), launch, visitor, intention="Logga in", policy=POLICY, now=NOW)


def test_an_order_reads_back_as_it_was_written() -> None:
    request = read(wanted(Launch.SAME_DEVICE).request)
    assert read(write(request)) == request


def test_a_qr_order_has_no_way_back() -> None:
    order = wanted(Launch.QR)
    assert read(order.request).return_url is None
    assert order.return_nonce_hash is None


def test_a_same_device_order_comes_back_to_its_own_interaction_with_a_nonce() -> None:
    order = wanted(Launch.SAME_DEVICE)
    url = read(order.request).return_url
    assert url is not None
    assert url.startswith("https://id.example/signin/i1/bankid/back?n=")
    assert order.return_nonce_hash == nonce_hash(url.rpartition("=")[2])


def test_the_person_whom_the_client_named_is_the_only_one_who_can_complete() -> None:
    claims = {"id_token": {"https://id.oidc.se/claim/personalIdentityNumber": {"value": "191212121212"}}}
    assert read(wanted(claims=claims).request).requirement.personal_number == "191212121212"


@pytest.mark.parametrize("agent", ["", "  "])
def test_a_browser_without_a_name_is_not_described(agent: str) -> None:
    visitor = Visitor(address="192.0.2.1", user_agent=agent, device_identifier="device")
    assert read(wanted(visitor=visitor).request).web is None


def test_the_device_identifier_is_not_the_cookie() -> None:
    web = read(wanted().request).web
    assert web is not None
    assert web.device_identifier != "device"
    assert len(web.device_identifier) == 64


def test_a_successor_keeps_the_chains_beginning() -> None:
    order = an_order(request=wanted().request, restarts=2)
    following = successor(order, NOW + timedelta(seconds=30))
    assert (following.wanted_at, following.restarts, following.request) == (order.wanted_at, 3, order.request)
    assert following.id != order.id
