"""What a request may cost: statements and rows on the paths that everybody takes all day, counted, not timed.

A path that grows a statement is a path that an attacker can make us pay for.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from idp.adapters.database.engine import database
from idp.adapters.database.prepared import Prepared
from idp.adapters.database.tables import metadata
from idp.core.oidc.claims.claim_names import PERSONAL_NUMBER_CLAIM, USER_SIGNATURE_CLAIM
from idp.core.oidc.claims.scopes import NATURAL_PERSON_NUMBER
from idp_tests.browser import Browser
from idp_tests.client_side import ProofKey
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import CLIENT_SIDES, RelyingParty, become_fapi2, change, press_continue, userinfo_proof


class Meter:
    """Counts statements and written rows of one request."""

    def __init__(self, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
        self.provider = provider
        self.statements: list[str] = []
        with provider.app.app_context():
            self.engine = database.engine
        run = Prepared.run

        def run_and_note(statement: Prepared, values: Mapping[str, Any]) -> list[dict[str, Any]]:
            self.statements.append(str(statement))
            return run(statement, values)

        monkeypatch.setattr(Prepared, "run", run_and_note)

    @contextmanager
    def counting(self) -> Iterator[None]:
        event.listen(self.engine, "before_cursor_execute", self._note)
        self.statements.clear()
        try:
            yield
        finally:
            event.remove(self.engine, "before_cursor_execute", self._note)

    def rows(self) -> int:
        names = [table.name for table in metadata.sorted_tables]
        return sum(int(self.provider.scalar(f"SELECT count(*) FROM {name}")) for name in names)

    def costs(self, send: Callable[[], Any], *, statements: int, rows: int) -> Any:
        """At most so many statements, transactions' own words not counted, and so many new rows."""
        before = self.rows()
        with self.counting():
            response = send()
        seen = list(self.statements)
        assert response.status_code in {200, 201, 303}, response.get_data(as_text=True)
        assert len(seen) <= statements, seen
        assert self.rows() - before <= rows, seen
        return response

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements.append(statement)


@pytest.fixture
def meter(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Meter:
    return Meter(provider, monkeypatch)


def test_authorize_with_a_live_session_costs_two_statements_and_writes_one_row(
    provider: Provider, meter: Meter
) -> None:
    """The grant itself is the record of what was answered; no audit row repeats it."""
    browser = provider.browser().first_login()
    query = browser_question(browser)
    meter.costs(
        lambda: ask(browser, query),
        statements=2,
        rows=1,
    )


def browser_question(browser: Browser, **changes: str) -> dict[str, str]:
    members = {"scope": "openid profile", **changes}
    return CLIENT_SIDES["minasidor"].authorization_request(browser.verifier, **members)


def ask(browser: Browser, query: Mapping[str, str]) -> Any:
    """The browser's next question; its answer becomes the browser's."""
    response = browser.client.get("/authorize", query_string=query, headers=browser.headers, base_url=ISSUER)
    if response.status_code == 303:
        browser.left_to = response.headers["Location"]
    return response


def test_silence_without_a_session_costs_nothing(provider: Provider, meter: Meter) -> None:
    browser = provider.browser()
    query = {**browser_question(browser), "prompt": "none"}
    meter.costs(
        lambda: ask(browser, query),
        statements=0,
        rows=0,
    )


def test_opening_a_sign_in_costs_one_statement(provider: Provider, meter: Meter) -> None:
    browser = provider.browser()
    query = browser_question(browser)
    meter.costs(
        lambda: ask(browser, query),
        statements=1,
        rows=1,
    )


@pytest.mark.parametrize("client_id", ["minasidor", "mittprezero"])
def test_an_exchange_costs_three_statements(provider: Provider, meter: Meter, client_id: str) -> None:
    """With a client assertion, whose `jti` is one row, and without."""
    browser = provider.browser().first_login(client_id)
    if client_id == "mittprezero":
        press_continue(browser)
    rp = RelyingParty(provider, client_id)
    form = {**rp.credentials, **browser.code_form()}
    meter.costs(lambda: rp.post("/token", form), statements=3, rows=1)


def test_a_refresh_costs_three_statements(provider: Provider, meter: Meter) -> None:
    browser = press_continue(provider.browser().first_login("mittprezero", scope="openid offline_access"))
    rp = RelyingParty(provider, "mittprezero")
    first = rp.post("/token", {**rp.credentials, **browser.code_form()}).get_json()["refresh_token"]
    second = meter.costs(lambda: rp.refresh(first), statements=3, rows=0).get_json()["refresh_token"]
    assert second != first
    again = meter.costs(lambda: rp.refresh(first), statements=3, rows=0).get_json()["refresh_token"]
    assert again == second


@pytest.mark.parametrize("scope", ["openid", "openid profile email phone customer"])
def test_userinfo_costs_two_statements(provider: Provider, meter: Meter, scope: str) -> None:
    """Also when it tells every company."""
    token = provider.browser().first_login(scope=scope).redeem().get_json()["access_token"]
    rp = RelyingParty(provider)
    meter.costs(lambda: rp.userinfo(token), statements=2, rows=0)


@pytest.mark.parametrize("scope", ["openid", "openid profile email phone customer"])
def test_userinfo_with_a_bound_token_costs_two_statements(provider: Provider, meter: Meter, scope: str) -> None:
    """One of them remembers the proof; every company still comes with the other."""
    device, rp = ProofKey(), RelyingParty(provider)
    browser = provider.browser().first_login(scope=scope)
    proof = {"DPoP": device.proof(provider.clock())}
    token = rp.call("/token", proof, **browser.code_form()).get_json()["access_token"]
    fresh = userinfo_proof(device, provider, token)
    answer = meter.costs(lambda: rp.userinfo(token, "DPoP", DPoP=fresh), statements=2, rows=1).get_json()
    assert ("customers" in answer) is ("customer" in scope)


def test_introspection_costs_two_statements(provider: Provider, meter: Meter) -> None:
    """One of them remembers the caller's assertion."""
    token = provider.browser().first_login().redeem().get_json()["access_token"]
    rp = RelyingParty(provider)
    form = {**rp.credentials, "token": token}
    answer = meter.costs(lambda: rp.post("/introspect", form), statements=2, rows=1).get_json()
    assert answer["active"] is True


def test_the_status_of_an_order_costs_two_statements(provider: Provider, meter: Meter) -> None:
    """Asked every second by every page that waits: the interaction and its order; every fifth second it is noted."""
    browser = provider.browser().authorize().start()
    browser.look()
    for seconds, statements in ((1, 2), (1, 2), (3, 3)):
        provider.clock.advance(seconds=seconds)
        meter.costs(
            lambda: browser.client.get(f"{browser.base}/bankid/status", headers=browser.headers, base_url=ISSUER),
            statements=statements,
            rows=0,
        )


@pytest.mark.each_database
@pytest.mark.parametrize("after", [timedelta(0), timedelta(minutes=5)], ids=["at once", "after a while"])
def test_the_dearest_client_costs_no_more(provider: Provider, meter: Meter, after: timedelta) -> None:
    """Everything at once: a third party with consent, a pushed request, assertions, proofs, evidence and customers."""
    browser = provider.browser().first_login()
    become_fapi2(provider)
    change(
        provider,
        "minasidor",
        first_party=False,
        evidence_claims_allowed=True,
        personal_number_allowed=True,
        scopes=frozenset({"openid", "profile", "customer", "offline_access", NATURAL_PERSON_NUMBER}),
        refresh_lifetime=timedelta(days=30),
    )
    device, rp = ProofKey(), RelyingParty(provider)
    wishes = {"userinfo": dict.fromkeys(("customers", USER_SIGNATURE_CLAIM, PERSONAL_NUMBER_CLAIM))}
    wanted = {"scope": "openid profile customer offline_access", "claims": json.dumps(wishes)}

    def proof(path: str) -> dict[str, str]:
        return {"DPoP": device.proof(provider.clock(), htu=f"{ISSUER}{path}")}

    def push() -> dict[str, str]:
        form = {**rp.credentials, **browser_question(browser, **wanted)}
        pushed = meter.costs(lambda: rp.post("/par", form, proof("/par")), statements=3, rows=3)
        return {"client_id": "minasidor", "request_uri": pushed.get_json()["request_uri"]}

    browser.authorize(**push()).submit("/consent", answer="allow")
    provider.clock.advance(seconds=after.total_seconds())
    query = push()
    meter.costs(lambda: ask(browser, query), statements=3, rows=1)
    form = {**rp.credentials, **browser.code_form(redirect_uri="https://minasidor.example/cb")}
    headers = proof("/token")
    tokens = meter.costs(lambda: rp.post("/token", form, headers), statements=4, rows=2).get_json()
    form = {**rp.credentials, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    headers = proof("/token")
    token = meter.costs(lambda: rp.post("/token", form, headers), statements=3, rows=2).get_json()["access_token"]
    fresh = userinfo_proof(device, provider, token)
    told = meter.costs(lambda: rp.userinfo(token, "DPoP", DPoP=fresh), statements=2, rows=1).get_json()
    assert {"customers", USER_SIGNATURE_CLAIM, PERSONAL_NUMBER_CLAIM} <= told.keys()
    form = {**rp.credentials, "token": token}
    assert meter.costs(lambda: rp.post("/introspect", form), statements=2, rows=1).get_json()["active"]


def test_a_revocation_costs_four_statements(provider: Provider, meter: Meter) -> None:
    """The caller's assertion is remembered, the grant's client is read, the grant is revoked, and one row tells of it."""
    token = provider.browser().first_login().redeem().get_json()["access_token"]
    rp = RelyingParty(provider)
    form = {**rp.credentials, "token": token}
    meter.costs(lambda: rp.post("/revoke", form), statements=4, rows=2)


def test_garbage_costs_no_statement(provider: Provider, meter: Meter) -> None:
    """What is no token of ours is known by its tag, before the database is asked; the refusal's own note apart."""
    rp = RelyingParty(provider)
    with meter.counting():
        for garbage in ("at_" + "A" * 80, "x", "a.b.c", ""):
            assert rp.userinfo(garbage).status_code in {400, 401}
        rp.post("/token", {"client_id": "mittprezero", "grant_type": "refresh_token", "refresh_token": "rt_AAAA"})
    assert [one for one in meter.statements if "incidents" not in one] == []
