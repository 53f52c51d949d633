"""Logout calls: a fresh logout token for each client, as Back-Channel Logout 1.0 wants it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.adapters.messages.back_channel_logout import BackChannelCalls
from idp.core.messages import Message, Undelivered
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.registry import ClientRegistry
from idp.core.oidc.keys.keyring import Keyring, SigningKey, generate_key
from idp.core.oidc.logout.end_session import BACKCHANNEL_KIND
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.jobs.logout_calls import LogoutCalls
from idp_tests.builders import NOW, REFERENCE_TOKENS, a_client

KEY = generate_key("ES256")
SIGNING = SigningKey(kid=KEY.thumbprint(), alg="ES256", created_at=NOW, activates_at=NOW, key=KEY)


class RelyingParty(ThreadingHTTPServer):
    """Answers as it is told, and remembers what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.got: list[tuple[str, dict[str, str], dict[str, list[str]]]] = []

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/logout?from=idp"


class _Handler(BaseHTTPRequestHandler):
    server: RelyingParty

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.path, dict(self.headers.items()), parse_qs(body)))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def relying_party() -> Iterator[RelyingParty]:
    with RelyingParty() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def calls(client: Client | None, *, keys: tuple[SigningKey, ...] = (SIGNING,)) -> LogoutCalls:
    return LogoutCalls(
        clients=ClientRegistry({client.client_id: client} if client else {}),
        back_channel=BackChannelCalls(ca=None, public_only=False),
        token_issuer=lambda: TokenIssuer(
            issuer="https://id.example", keyring=Keyring(keys=keys), reference_tokens=REFERENCE_TOKENS
        ),
    )


def a_message() -> Message:
    payload = {"client_id": "minasidor", "sub": "sub-1", "sid": "sid-1"}
    return Message(id="m", kind=BACKCHANNEL_KIND, key="k", payload=payload, created_at=NOW, tries=0)


def the_token(relying_party: RelyingParty) -> jwt.Token:
    ((_, _, form),) = relying_party.got
    return jwt.decode(form["logout_token"][0], KeySet([KEY]), algorithms=["ES256"])


def test_the_client_gets_a_logout_token_that_it_can_verify(relying_party: RelyingParty) -> None:
    calls(a_client(backchannel_logout_uri=relying_party.uri)).deliver(a_message(), NOW)
    token = the_token(relying_party)
    assert token.header["typ"] == "logout+jwt"
    assert {name: token.claims[name] for name in ("iss", "aud", "sub", "sid")} == {
        "iss": "https://id.example",
        "aud": "minasidor",
        "sub": "sub-1",
        "sid": "sid-1",
    }
    assert token.claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in token.claims


def test_the_token_is_as_young_as_the_delivery_however_old_the_message_is(relying_party: RelyingParty) -> None:
    later = NOW + timedelta(hours=5)
    calls(a_client(backchannel_logout_uri=relying_party.uri)).deliver(a_message(), later)
    claims = the_token(relying_party).claims
    assert claims["iat"] == int(later.timestamp())
    assert claims["exp"] - claims["iat"] <= 120


def test_it_is_posted_as_a_form_to_exactly_the_registered_address(relying_party: RelyingParty) -> None:
    calls(a_client(backchannel_logout_uri=relying_party.uri)).deliver(a_message(), NOW)
    ((path, headers, form),) = relying_party.got
    assert path == "/logout?from=idp"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert list(form) == ["logout_token"]


@pytest.mark.parametrize("status", [200, 204])
def test_a_success_is_a_success(relying_party: RelyingParty, status: int) -> None:
    relying_party.status = status
    calls(a_client(backchannel_logout_uri=relying_party.uri)).deliver(a_message(), NOW)


@pytest.mark.parametrize("status", [302, 307, 400, 404, 500, 503])
def test_anything_else_is_tried_again(relying_party: RelyingParty, status: int) -> None:
    relying_party.status = status
    with pytest.raises(Undelivered) as problem:
        calls(a_client(backchannel_logout_uri=relying_party.uri)).deliver(a_message(), NOW)
    assert (problem.value.reason, problem.value.final) == (f"status_{status}", False)


def test_a_redirect_is_not_followed(relying_party: RelyingParty) -> None:
    relying_party.status, relying_party.headers = 307, {"Location": relying_party.uri}
    with pytest.raises(Undelivered):
        calls(a_client(backchannel_logout_uri=relying_party.uri)).deliver(a_message(), NOW)
    assert len(relying_party.got) == 1


@pytest.mark.parametrize("client", [None, a_client(), replace(a_client(), client_id="other")])
def test_a_client_that_is_gone_or_wants_no_calls_is_told_nothing_for_good(client: Client | None) -> None:
    with pytest.raises(Undelivered) as problem:
        calls(client).deliver(a_message(), NOW)
    assert problem.value.final


def test_without_a_signing_key_the_call_waits(relying_party: RelyingParty) -> None:
    with pytest.raises(Undelivered) as problem:
        calls(a_client(backchannel_logout_uri=relying_party.uri), keys=()).deliver(a_message(), NOW)
    assert (problem.value.reason, problem.value.final) == ("no_signing_key", False)
    assert json.dumps(relying_party.got) == "[]"
