"""What a client asks for at the end session endpoint, and what nobody is sent anywhere by."""

from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.errors import Displayed
from idp.core.oidc.keys import jose
from idp.core.oidc.logout.logout_request import KEPT_FOR, LogoutRequest, LogoutRequests
from idp.core.oidc.logout.logout_token import logout_token
from idp.core.oidc.parameters import RawParameters
from idp_tests.authorization_requests import PushedInMemory
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.tokens import CLIENT_KEYS, KEYRING, TOKEN_ISSUER, InMemory, changed_id_token, portal, read

BYE = "https://minasidor.example/bye"


def requests(memory: InMemory) -> LogoutRequests:
    return LogoutRequests(clients=memory.clients, kept_requests=PushedInMemory(), token_issuer=lambda: TOKEN_ISSUER)


def ask(memory: InMemory, **parameters: str) -> LogoutRequest:
    return requests(memory)(RawParameters.of(parameters.items()))


def displayed(memory: InMemory, **parameters: str) -> Displayed:
    with pytest.raises(Displayed) as caught:
        ask(memory, **parameters)
    return caught.value


def hint(memory: InMemory, **grant: Any) -> str:
    return str(memory.exchange(grant=grant)["id_token"])


def test_a_return_address_has_the_state_that_was_sent() -> None:
    memory = InMemory()
    request = ask(memory, id_token_hint=hint(memory), post_logout_redirect_uri=BYE, state="s t&")
    assert request.return_address == f"{BYE}?state=s+t%26"


def test_without_state_the_address_is_left_as_it_is() -> None:
    memory = InMemory()
    assert ask(memory, id_token_hint=hint(memory), post_logout_redirect_uri=BYE).return_address == BYE


def test_state_joins_a_query_that_is_registered() -> None:
    memory = InMemory()
    address = BYE + "?a=b"
    memory.use(portal(post_logout_redirect_uris=frozenset({address})))
    request = ask(memory, id_token_hint=hint(memory), post_logout_redirect_uri=address, state="s")
    assert request.return_address == f"{address}&state=s"


def test_without_a_return_address_there_is_none() -> None:
    memory = InMemory()
    assert ask(memory, id_token_hint=hint(memory), state="s").return_address is None


def test_an_address_without_a_client_leads_nowhere() -> None:
    request = ask(InMemory(), post_logout_redirect_uri="https://evil.example/", state="s")
    assert (request.client, request.return_address) == (None, None)


@each(
    "address",
    [
        BYE + "/",
        BYE + "?x=1",
        BYE.upper(),
        "https://evil.example/",
        "javascript:alert(1)",
        "https://minasidor.example/cb",
    ],
)
def test_an_unregistered_address_is_an_error_page(address: str) -> None:
    memory = InMemory()
    error = displayed(memory, id_token_hint=hint(memory), post_logout_redirect_uri=address)
    assert (error.client_id, address in str(error)) == ("minasidor", False)
    assert displayed(memory, client_id="minasidor", post_logout_redirect_uri=address).status == 400


def test_a_hint_that_we_did_not_sign_is_an_error_page() -> None:
    memory = InMemory()
    own = hint(memory)
    head, body, signature = own.split(".")
    members = dict(read(own).members)
    kid = KEYRING.signer("ES256", NOW).kid
    bad = [
        "x",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        jose.sign("JWT", members, CLIENT_KEYS["ES256"], "ES256", kid),
        changed_id_token(own, iss="https://other.example"),
        changed_id_token(own, iss=None),
        changed_id_token(own, aud="unknown"),
        changed_id_token(own, aud=["minasidor", "partner"]),
        changed_id_token(own, aud=None),
        changed_id_token(own, sub=None),
        changed_id_token(own, typ="at+jwt"),
        changed_id_token(own, typ="logout+jwt"),
    ]
    for text in bad:
        assert displayed(memory, id_token_hint=text, post_logout_redirect_uri=BYE).code == "invalid_request"


def test_our_other_tokens_are_no_hints() -> None:
    memory = InMemory()
    client = memory.use(portal(resources=frozenset({"https://api.example"})))
    access_token = memory.exchange(client, resource="https://api.example")["access_token"]
    assert displayed(memory, id_token_hint=access_token).status == 400
    assert (
        displayed(
            memory, id_token_hint=logout_token(client, sub="sub-1", sid="s", token_issuer=TOKEN_ISSUER, now=NOW)
        ).status
        == 400
    )


def test_an_audience_with_one_entry_counts() -> None:
    memory = InMemory()
    request = ask(memory, id_token_hint=changed_id_token(hint(memory), aud=["minasidor"]), post_logout_redirect_uri=BYE)
    assert request.return_address == BYE


def test_client_id_must_be_the_hints() -> None:
    memory = InMemory()
    assert ask(memory, id_token_hint=hint(memory), client_id="minasidor").client
    assert displayed(memory, id_token_hint=hint(memory), client_id="partner").status == 400


@each("client_id", ["nobody", "å", "x" * 1000])
def test_an_unknown_client_is_an_error_page(client_id: str) -> None:
    assert client_id not in str(displayed(InMemory(), client_id=client_id))


def test_a_disabled_client_is_an_error_page() -> None:
    memory = InMemory()
    own = hint(memory)
    memory.use(portal(disabled=True))
    assert displayed(memory, id_token_hint=own).status == 400


@each("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"])
def test_no_parameter_may_stand_twice(name: str) -> None:
    with pytest.raises(Displayed):
        requests(InMemory())(RawParameters.of([(name, "x"), (name, "x")]))


def test_a_request_is_kept_for_ten_minutes_under_a_reference_that_is_nowhere() -> None:
    kept, raw = requests(InMemory()), RawParameters.of([("client_id", "minasidor"), ("state", "s")])
    reference = kept.keep(raw, NOW)
    assert kept.find_kept(reference, NOW + KEPT_FOR - timedelta(seconds=1)) == raw
    assert reference not in repr(vars(kept.kept_requests))
    with pytest.raises(Displayed) as caught:
        kept.find_kept(reference, NOW + KEPT_FOR)
    assert caught.value.page == "error.expired"
