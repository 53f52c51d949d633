from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.keys.reference_tokens import RefreshReference
from idp.core.oidc.tokens.refresh_token import GRACE, MOST_RETRIES
from idp_tests.builders import NOW, REFERENCE_TOKENS
from idp_tests.cases import each
from idp_tests.client_side import ProofKey
from idp_tests.tokens import InMemory, app, partner, portal

JKT, OTHER_JKT = ProofKey().jkt, ProofKey().jkt


def seconds(amount: float) -> datetime:
    return NOW + timedelta(seconds=amount)


def refusal(memory: InMemory, client: Client, refresh_token: str, **changes: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        memory.refresh(client, refresh_token, **changes)
    return caught.value


def first(memory: InMemory, client: Client, **changes: Any) -> str:
    return str(memory.exchange(client, **changes)["refresh_token"])


# --- a public client's family ----------------------------------------------------------------------------------------


def test_a_public_clients_refresh_token_is_replaced_at_every_use() -> None:
    memory = InMemory()
    tokens = [first(memory, app())]
    for use in range(5):
        tokens.append(memory.refresh(app(), tokens[-1], now=seconds(100 * use))["refresh_token"])
    assert len(set(tokens)) == 6


def test_a_lost_answer_is_repeated_with_the_same_successor_and_a_fresh_access_token() -> None:
    memory = InMemory()
    old = first(memory, app())
    answer, again = memory.refresh(app(), old), memory.refresh(app(), old, now=seconds(30))
    assert again["refresh_token"] == answer["refresh_token"]
    assert again["access_token"] != answer["access_token"]
    assert memory.refresh(app(), answer["refresh_token"], now=seconds(31))
    assert memory.audit.names == []


def test_the_grace_ends_after_a_minute() -> None:
    memory = InMemory()
    old = first(memory, app())
    memory.refresh(app(), old)
    assert memory.refresh(app(), old, now=NOW + GRACE - timedelta(seconds=1))
    assert refusal(memory, app(), old, now=NOW + GRACE).code == "invalid_grant"


def test_the_grace_ends_after_three_retries() -> None:
    memory = InMemory()
    old = first(memory, app())
    memory.refresh(app(), old)
    for _ in range(MOST_RETRIES):
        memory.refresh(app(), old)
    assert refusal(memory, app(), old).code == "invalid_grant"


def test_reuse_after_the_grace_ends_the_whole_family() -> None:
    memory = InMemory()
    old = first(memory, app())
    answer = memory.refresh(app(), old)
    refusal(memory, app(), old, now=seconds(61))
    assert refusal(memory, app(), answer["refresh_token"], now=seconds(62)).code == "invalid_grant"
    with pytest.raises(Refused):
        memory.userinfo(answer["access_token"], now=seconds(62))
    assert memory.audit.names == ["refresh_token.reused"]


def test_a_request_that_hung_while_its_retry_went_through_ends_nothing() -> None:
    """A database that stood still lets go of requests long after the client has given them up."""
    memory = InMemory()
    old = first(memory, app())
    newer = memory.refresh(app(), old, now=seconds(10))["refresh_token"]
    newest = memory.refresh(app(), newer, now=seconds(20))["refresh_token"]
    assert refusal(memory, app(), old, now=seconds(5)).code == "invalid_grant"
    assert memory.audit.names == []
    assert memory.refresh(app(), newest, now=seconds(30))


def test_of_two_reuses_at_once_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = InMemory()
    old = first(memory, app())
    memory.refresh(app(), old)
    monkeypatch.setattr(type(memory.grants), "revoke_reused", lambda *_arguments: None)
    refusal(memory, app(), old, now=seconds(61))
    assert memory.audit.names == []


def test_only_the_immediate_predecessor_has_grace() -> None:
    memory = InMemory()
    oldest = first(memory, app())
    older = memory.refresh(app(), oldest)["refresh_token"]
    newest = memory.refresh(app(), older)["refresh_token"]
    assert refusal(memory, app(), oldest).code == "invalid_grant"
    assert refusal(memory, app(), newest).code == "invalid_grant"


def test_rotation_leaves_the_access_token_before_it_alone() -> None:
    """A flag shared by access and refresh token would kill calls in flight at each refresh."""
    memory = InMemory()
    tokens = memory.exchange(app())
    memory.refresh(app(), tokens["refresh_token"])
    assert memory.userinfo(tokens["access_token"]).claims["sub"] == "sub-1"


def test_reuse_in_another_clients_hands_ends_nothing() -> None:
    memory = InMemory()
    other = memory.use(app(client_id="other"))
    old = first(memory, app())
    newest = memory.refresh(app(), old)["refresh_token"]
    assert refusal(memory, other, old, now=seconds(3600)).code == "invalid_grant"
    assert memory.refresh(app(), newest, now=seconds(3601))


def test_a_generation_from_the_future_is_refused_and_ends_nothing() -> None:
    """After a restored backup the newest tokens are ahead of their rows."""
    memory = InMemory()
    grant = memory.grant(app())
    current = first(memory, app(), code=REFERENCE_TOKENS.code_for(grant.id))
    ahead = REFERENCE_TOKENS.refresh_token_for(RefreshReference(grant_id=grant.id, generation=5, rotates=True))
    assert refusal(memory, app(), ahead).code == "invalid_grant"
    assert memory.refresh(app(), current)


def test_of_fifty_at_once_there_is_one_successor() -> None:
    memory = InMemory()
    old = first(memory, app())

    def attempt(_: int) -> str | None:
        try:
            return str(memory.refresh(app(), old)["refresh_token"])
        except Refused:
            return None

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(attempt, range(50)))
    given = [answer for answer in answers if answer is not None]
    assert len(set(given)) == 1
    assert len(given) <= 1 + MOST_RETRIES


# --- tokens that stay ------------------------------------------------------------------------------------------------


@each("client", [portal(), partner(), partner(refresh_rotated=True)])
def test_a_confidential_clients_refresh_token_stays(client: Client) -> None:
    memory = InMemory()
    token = first(memory, client)
    for use in range(5):
        assert memory.refresh(client, token, now=seconds(1000 * use))["refresh_token"] == token


def test_a_refresh_token_bound_to_a_key_stays_and_needs_that_key() -> None:
    memory = InMemory()
    token = first(memory, app(), jkt=JKT)
    for use in range(3):
        answer = memory.refresh(app(), token, jkt=JKT, now=seconds(1000 * use))
        assert (answer["refresh_token"], answer["token_type"]) == (token, "DPoP")
    assert refusal(memory, app(), token).code == "invalid_grant"
    assert refusal(memory, app(), token, jkt=OTHER_JKT).code == "invalid_grant"
    assert memory.refresh(app(), token, jkt=JKT)


def test_a_confidential_client_may_change_its_key_but_not_drop_it() -> None:
    memory = InMemory()
    token = first(memory, portal(), jkt=JKT)
    assert memory.refresh(portal(), token, jkt=OTHER_JKT)["token_type"] == "DPoP"
    assert refusal(memory, portal(), token).code == "invalid_grant"


# --- life, scope and facts -------------------------------------------------------------------------------------------


@each("client", [app(), portal()])
def test_a_refresh_token_dies_with_its_family(client: Client) -> None:
    memory = InMemory()
    token = first(memory, client)
    day = timedelta(hours=24)
    assert refusal(memory, client, token, now=NOW + day).code == "invalid_grant"
    assert memory.refresh(client, token, now=NOW + day - timedelta(seconds=1))


@each("client", [app(), portal()])
def test_a_blocked_person_is_refused(client: Client) -> None:
    memory = InMemory()
    token = first(memory, client)
    memory.block_person()
    assert refusal(memory, client, token).code == "invalid_grant"


def test_a_person_who_is_gone_is_an_invalid_grant() -> None:
    """With another error word, apps try again for ever."""
    memory = InMemory()
    token = first(memory, portal())
    memory.grants.people.clear()
    assert refusal(memory, portal(), token).code == "invalid_grant"


@each("client, other", [(app(), portal()), (portal(), app()), (portal(), partner())])
def test_another_clients_refresh_token_is_refused(client: Client, other: Client) -> None:
    memory = InMemory()
    token = first(memory, client)
    assert refusal(memory, other, token).code == "invalid_grant"
    assert memory.refresh(client, token)


def test_a_grant_without_refresh_gives_none() -> None:
    assert "refresh_token" not in InMemory().exchange(grant={"refresh_expires_at": None})
    assert "refresh_token" not in InMemory().exchange(portal(grant_types=frozenset({"authorization_code"})))


def test_a_refresh_token_does_not_work_before_its_code_was_redeemed() -> None:
    memory = InMemory()
    grant = memory.grant(portal())
    token = REFERENCE_TOKENS.refresh_token_for(RefreshReference(grant_id=grant.id, generation=0))
    assert refusal(memory, portal(), token).code == "invalid_grant"


def test_a_scope_only_narrows() -> None:
    memory = InMemory()
    token = first(memory, portal(), grant={"scope": ("openid", "email", "phone")})
    narrow = memory.refresh(portal(), token, scope="phone openid")
    assert narrow["scope"] == "openid phone"
    assert "email" not in memory.userinfo(narrow["access_token"]).claims
    assert memory.refresh(portal(), token)["scope"] == "openid email phone"
    assert refusal(memory, portal(), token, scope="openid profile").code == "invalid_scope"
    assert refusal(memory, portal(), token, scope="openid unheard-of").code == "invalid_scope"


def test_a_wider_scope_uses_no_generation_when_the_client_may_never_have_it() -> None:
    memory = InMemory()
    token = first(memory, app(scopes=frozenset({"openid"})))
    narrow = app(scopes=frozenset({"openid"}))
    assert refusal(memory, narrow, token, scope="openid email").code == "invalid_scope"
    assert next(iter(memory.grants.rows.values())).generation == 0


def test_without_openid_there_is_no_id_token() -> None:
    memory = InMemory()
    token = first(memory, portal(), grant={"scope": ("openid", "email")})
    assert "id_token" not in memory.refresh(portal(), token, scope="email")


@each("text", ["x", "rt_", "rt_x", "rt_" + "A" * 51, "å"])
def test_garbage_is_no_refresh_token(text: str) -> None:
    assert refusal(InMemory(), portal(), text).code == "invalid_grant"


def test_no_other_token_is_a_refresh_token() -> None:
    memory = InMemory()
    grant = memory.grant()
    code = REFERENCE_TOKENS.code_for(grant.id)
    tokens = memory.exchange(code=code)
    for text in (code, tokens["access_token"], tokens["id_token"]):
        assert refusal(memory, portal(), text).code == "invalid_grant"


def test_the_authentication_is_told_as_it_was() -> None:
    from idp_tests.tokens import read

    memory = InMemory()
    tokens = memory.exchange()
    event = memory.grants.authentications["a1"]
    later = NOW + timedelta(hours=2)
    claims = read(memory.refresh(portal(), tokens["refresh_token"], now=later)["id_token"]).members
    original = read(tokens["id_token"]).members
    assert claims["auth_time"] == original["auth_time"] == int(event.at.timestamp())
    for name in ("iss", "sub", "aud", "acr", "amr", "sid", "txn"):
        assert claims[name] == original[name]
    assert claims["iat"] == int(later.timestamp())
    assert "nonce" not in claims


def test_a_client_that_loses_the_grant_type_loses_its_refresh_tokens() -> None:
    memory = InMemory()
    token = first(memory, portal())
    without = replace(portal(), grant_types=frozenset({"authorization_code"}))
    assert refusal(memory, without, token).code == "unauthorized_client"
