"""The logout plans with a client dropped as a file, from the browser to what arrives at the client.

Back-channel calls are delivered by the real job to a small server of the client; front-channel ones are frames in the page.
"""

import html
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import delete

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import outbox
from idp.assembly.jobs import make_delivery
from idp.core.oidc.logout.logout_token import LOGOUT_EVENT
from idp_tests.protocol.plan import BASIC, POST, Visitor
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import change
from idp_tests.scripted_bankid import BO

BYE = "https://basic.example/bye"
QUESTION, GOODBYE = "Vill du logga ut?", "Du är utloggad"


class Ear(ThreadingHTTPServer):
    """The client's back-channel address: remembers what was posted and answers as told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.heard: list[tuple[str, dict[str, str], str]] = []

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/logout?logout=backchannel"


class _Handler(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.heard.append((self.path, headers, body))
        self.send_response(self.server.status)
        if self.server.status in {302, 307}:
            self.send_header("Location", self.server.uri)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def deliver(op: Provider) -> int:
    """Let the outbox job do what is due, as `idp serve` does; returns how many messages it tried."""

    delivery = make_delivery(op.parts, "test.1")
    with op.parts.database.unit_of_work():
        due = delivery.outbox.lease_due("test.1", op.clock(), op.clock(), 50)
    for message in due:
        delivery.work_on(message)
    return len(due)


def forget_messages(op: Provider) -> None:
    with op.app.app_context(), unit_of_work():
        connection().execute(delete(outbox))


@pytest.fixture
def visitor(op: Provider) -> Visitor:
    """Somebody who is logged in at the plan's client; what tests before left to be told is out of the way."""
    forget_messages(op)
    person = Visitor(op)
    person.hint = person.ask().log_in().tokens()["id_token"]
    return person


def log_out(visitor: Visitor, **parameters: str) -> Visitor:
    visitor.get(f"/logout?{urlencode(parameters)}")
    return visitor


def is_over(visitor: Visitor) -> bool:
    """Whether silence finds no session any more."""
    return visitor.ask(prompt="none").reply.get("error") == "login_required"


# --- RP-initiated -------------------------------------------------------------------------------------------------------


def test_a_client_logs_its_person_out(visitor: Visitor) -> None:
    """oidcc-rp-initiated-logout; state comes back byte for byte."""
    state = "x y&z=å"
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE, state=state)
    assert visitor.left_to is not None
    address, _, query = visitor.left_to.partition("?")
    assert (address, parse_qsl(query)) == (BYE, [("state", state)])
    assert is_over(visitor)


def test_a_client_may_post_its_request(visitor: Visitor) -> None:
    """oidcc-rp-initiated-logout by POST (RP-Initiated Logout 2)."""
    visitor.post("/logout", id_token_hint=visitor.hint, post_logout_redirect_uri=BYE, state="x")
    assert visitor.left_to == f"{BYE}?state=x"


@pytest.mark.parametrize("tail", ["/other", "?foo=bar", "#x", "/"])
def test_an_address_that_is_not_registered_is_never_gone_to(visitor: Visitor, tail: str) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri, -query-added-to-post-logout-redirect-uri."""
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE + tail, state="x")
    assert visitor.is_displayed
    assert not is_over(visitor)


def test_a_hint_that_is_not_ours_is_an_error(visitor: Visitor) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint, -bad-id-token-hint; an access token is no hint either."""
    head, body, signature = visitor.hint.split(".")
    code = visitor.ask().tokens()
    changed = (f"{head}.{body[:-2]}AA.{signature}", f"{head}.{body}.{signature[::-1]}", f"{head}.{body}.")
    for hint in (*changed, "x", "x.y.z", "not a token", code["access_token"]):
        log_out(visitor, id_token_hint=hint, post_logout_redirect_uri=BYE, state="x")
        assert visitor.is_displayed
    assert not is_over(visitor)


@pytest.mark.parametrize("sent", [{"post_logout_redirect_uri": BYE, "state": "x"}, {}, {"state": "x"}])
def test_without_a_hint_the_person_is_asked_and_stays_with_us(visitor: Visitor, sent: dict[str, str]) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint, -no-params, -only-state."""
    log_out(visitor, **sent)
    assert (visitor.left_to, QUESTION in visitor.page) == (None, True)
    visitor.submit("/logout/answer", answer="logout")
    assert (visitor.left_to, GOODBYE in visitor.page) == (None, True)
    assert is_over(visitor)


def test_without_an_address_the_person_stays_with_us(visitor: Visitor) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri."""
    log_out(visitor, id_token_hint=visitor.hint, state="x")
    assert (visitor.left_to, GOODBYE in visitor.page) == (None, True)
    assert is_over(visitor)


def test_without_a_state_none_comes_back(visitor: Visitor) -> None:
    """oidcc-rp-initiated-logout-no-state."""
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE)
    assert visitor.left_to == BYE


@pytest.mark.parametrize(
    ("grant_types", "after"), [({"authorization_code"}, 401), ({"authorization_code", "refresh_token"}, 200)]
)
def test_tokens_end_with_their_session_but_for_offline_ones(
    op: Provider, visitor: Visitor, grant_types: set[str], after: int
) -> None:
    """Back-Channel Logout 2.7: a grant that may be refreshed without the person outlives the browser's session."""
    change(op, "basic", grant_types=frozenset(grant_types))
    tokens = visitor.ask().tokens()
    assert visitor.rp.userinfo(tokens["access_token"]).status_code == 200
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE)
    assert visitor.rp.userinfo(tokens["access_token"]).status_code == after


# --- back-channel -------------------------------------------------------------------------------------------------------


def test_the_client_hears_of_the_logout(op: Provider, visitor: Visitor, ear: Ear) -> None:
    """oidcc-backchannel-rp-initiated-logout (Back-Channel Logout 2.4 and 2.5)."""
    change(op, "basic", backchannel_logout_uri=ear.uri)
    told = visitor.rp.read(visitor.hint).members
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE)
    assert deliver(op) == 1
    [(path, headers, body)] = ear.heard
    assert path == "/logout?logout=backchannel"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert "cookie" not in headers
    [(name, token)] = parse_qsl(body)
    assert name == "logout_token"
    read = visitor.rp.read(token)
    assert read.header["typ"] == "logout+jwt"
    assert read.header["alg"] == visitor.rp.read(visitor.hint).header["alg"]
    claims = dict(read.members)
    assert claims["events"] == {LOGOUT_EVENT: {}}
    assert [claims[name] for name in ("iss", "aud", "sub", "sid")] == [ISSUER, "basic", told["sub"], told["sid"]]
    now = int(op.clock().timestamp())
    assert claims["iat"] == now < claims["exp"] <= now + 120
    assert claims["jti"]
    assert set(claims) == {"iss", "aud", "sub", "sid", "events", "iat", "exp", "jti"}


def test_a_call_that_worked_is_never_repeated(op: Provider, visitor: Visitor, ear: Ear) -> None:
    change(op, "basic", backchannel_logout_uri=ear.uri)
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE)
    assert deliver(op) == 1
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE)
    op.clock.advance(hours=2)
    assert (deliver(op), len(ear.heard)) == (0, 1)


@pytest.mark.parametrize("status", [400, 500, 302, 307])
def test_a_call_that_failed_is_made_again_with_a_fresh_token(
    op: Provider, visitor: Visitor, ear: Ear, status: int
) -> None:
    """2.8: 200 or 204 is success; a redirect is followed nowhere."""
    change(op, "basic", backchannel_logout_uri=ear.uri)
    ear.status = status
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE)
    assert deliver(op) == 1
    assert len(ear.heard) == 1
    assert deliver(op) == 0
    op.clock.advance(minutes=5)
    ear.status = 204
    assert deliver(op) == 1
    first, second = (dict(visitor.rp.read(parse_qsl(body)[0][1]).members) for _, _, body in ear.heard)
    assert (second["sid"], second["iat"] - first["iat"]) == (first["sid"], 300)
    assert second["jti"] != first["jti"]


def test_every_client_of_the_session_hears_with_its_own_names(op: Provider, ear: Ear) -> None:
    """Two clients of one single sign-on group: each gets its own `sid` and, being pairwise, its own `sub`."""
    for client_id in ("basic", "post"):
        change(op, client_id, backchannel_logout_uri=ear.uri, sso_group="together")
    first = Visitor(op, BASIC)
    hint = first.ask().log_in().tokens()["id_token"]
    second = Visitor(op, POST)
    second.client = first.client
    second.ask(prompt="none").tokens()
    forget_messages(op)
    log_out(first, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert deliver(op) == 2
    told = [dict(first.rp.read(parse_qsl(body)[0][1]).members) for _, _, body in ear.heard]
    assert {claims["aud"] for claims in told} == {"basic", "post"}
    assert len({claims["sid"] for claims in told}) == len({claims["sub"] for claims in told}) == 2


def test_a_client_that_never_saw_the_session_hears_nothing(op: Provider, visitor: Visitor, ear: Ear) -> None:
    change(op, "post", backchannel_logout_uri=ear.uri)
    change(op, "basic", backchannel_logout_uri=None)
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE)
    assert (deliver(op), ear.heard) == (0, [])


# --- front-channel ------------------------------------------------------------------------------------------------------


def test_a_frame_tells_the_client_before_the_browser_goes_back(op: Provider, visitor: Visitor) -> None:
    """oidcc-frontchannel-rp-initiated-logout (Front-Channel Logout 2 and 3)."""
    change(op, "basic", frontchannel_logout_uri="https://basic.example/out?a=b")
    sid = visitor.rp.read(visitor.hint).members["sid"]
    log_out(visitor, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE, state="x")
    assert (visitor.status, visitor.left_to) == (200, None)
    [source] = re.findall(r'<iframe[^>]* src="([^"]+)"', visitor.page)
    frame = urlsplit(html.unescape(source))
    assert f"{frame.scheme}://{frame.netloc}{frame.path}" == "https://basic.example/out"
    assert parse_qsl(frame.query) == [("a", "b"), ("iss", ISSUER), ("sid", sid)]
    policy = visitor.response.headers["Content-Security-Policy"]
    assert "frame-src https://basic.example;" in policy
    assert f'id="continue" href="{BYE}?state=x" data-go="1"' in visitor.page
    assert "continue.js" in visitor.page
    assert is_over(visitor)


def test_nobody_else_is_framed(op: Provider, visitor: Visitor) -> None:
    """Only clients of this session that asked for it; without any the page may load no frame at all."""
    change(op, "post", frontchannel_logout_uri="https://post.example/out")
    log_out(visitor, id_token_hint=visitor.hint)
    assert GOODBYE in visitor.page
    assert "<iframe" not in visitor.page
    assert "frame-src 'none'" in visitor.response.headers["Content-Security-Policy"]


# --- who may end what ---------------------------------------------------------------------------------------------------


def test_another_persons_hint_ends_nothing_by_itself(op: Provider, visitor: Visitor) -> None:
    other = Visitor(op)
    other.ask().log_in(BO).tokens()
    log_out(other, id_token_hint=visitor.hint, post_logout_redirect_uri=BYE)
    assert (other.left_to, QUESTION in other.page) == (None, True)
    assert not is_over(other)
    assert not is_over(visitor)


def test_no_page_of_the_logout_repeats_the_hint(visitor: Visitor) -> None:
    """A hint names a person; an error page or a goodbye has no use for it."""
    log_out(visitor, id_token_hint=visitor.hint + "x", post_logout_redirect_uri=BYE)
    assert visitor.hint not in visitor.page
    assert json.dumps(visitor.hint) not in visitor.page
