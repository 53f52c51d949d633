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
from idp_tests.tokens import Desk, app, partner, portal

JKT, OTHER_JKT = ProofKey().jkt, ProofKey().jkt


def seconds(amount: float) -> datetime:
    return NOW + timedelta(seconds=amount)


def refusal(desk: Desk, client: Client, refresh_token: str, **changes: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        desk.refresh(client, refresh_token, **changes)
    return caught.value


def first(desk: Desk, client: Client, **changes: Any) -> str:
    return str(desk.exchange(client, **changes)["refresh_token"])


# --- a public client's family ----------------------------------------------------------------------------------------


def test_a_public_clients_refresh_token_is_replaced_at_every_use() -> None:
    desk = Desk()
    tokens = [first(desk, app())]
    for use in range(5):
        tokens.append(desk.refresh(app(), tokens[-1], now=seconds(100 * use))["refresh_token"])
    assert len(set(tokens)) == 6


def test_a_lost_answer_is_repeated_with_the_same_successor_and_a_fresh_access_token() -> None:
    desk = Desk()
    old = first(desk, app())
    answer, again = desk.refresh(app(), old), desk.refresh(app(), old, now=seconds(30))
    assert again["refresh_token"] == answer["refresh_token"]
    assert again["access_token"] != answer["access_token"]
    assert desk.refresh(app(), answer["refresh_token"], now=seconds(31))
    assert desk.audit.names == []


def test_the_grace_ends_after_a_minute() -> None:
    desk = Desk()
    old = first(desk, app())
    desk.refresh(app(), old)
    assert desk.refresh(app(), old, now=NOW + GRACE - timedelta(seconds=1))
    assert refusal(desk, app(), old, now=NOW + GRACE).code == "invalid_grant"


def test_the_grace_ends_after_three_retries() -> None:
    desk = Desk()
    old = first(desk, app())
    desk.refresh(app(), old)
    for _ in range(MOST_RETRIES):
        desk.refresh(app(), old)
    assert refusal(desk, app(), old).code == "invalid_grant"


def test_reuse_after_the_grace_ends_the_whole_family() -> None:
    desk = Desk()
    old = first(desk, app())
    answer = desk.refresh(app(), old)
    refusal(desk, app(), old, now=seconds(61))
    assert refusal(desk, app(), answer["refresh_token"], now=seconds(62)).code == "invalid_grant"
    with pytest.raises(Refused):
        desk.userinfo(answer["access_token"], now=seconds(62))
    assert desk.audit.names == ["refresh_token.reused"]


def test_a_request_that_hung_while_its_retry_went_through_ends_nothing() -> None:
    """A database that stood still lets go of requests long after the client has given them up."""
    desk = Desk()
    old = first(desk, app())
    newer = desk.refresh(app(), old, now=seconds(10))["refresh_token"]
    newest = desk.refresh(app(), newer, now=seconds(20))["refresh_token"]
    assert refusal(desk, app(), old, now=seconds(5)).code == "invalid_grant"
    assert desk.audit.names == []
    assert desk.refresh(app(), newest, now=seconds(30))


def test_of_two_reuses_at_once_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    old = first(desk, app())
    desk.refresh(app(), old)
    monkeypatch.setattr(type(desk.grants), "revoke_reused", lambda *_arguments: None)
    refusal(desk, app(), old, now=seconds(61))
    assert desk.audit.names == []


def test_only_the_immediate_predecessor_has_grace() -> None:
    desk = Desk()
    oldest = first(desk, app())
    older = desk.refresh(app(), oldest)["refresh_token"]
    newest = desk.refresh(app(), older)["refresh_token"]
    assert refusal(desk, app(), oldest).code == "invalid_grant"
    assert refusal(desk, app(), newest).code == "invalid_grant"


def test_rotation_leaves_the_access_token_before_it_alone() -> None:
    """A flag shared by access and refresh token would kill calls in flight at each refresh."""
    desk = Desk()
    tokens = desk.exchange(app())
    desk.refresh(app(), tokens["refresh_token"])
    assert desk.userinfo(tokens["access_token"]).claims["sub"] == "sub-1"


def test_reuse_in_another_clients_hands_ends_nothing() -> None:
    desk = Desk()
    other = desk.use(app(client_id="other"))
    old = first(desk, app())
    newest = desk.refresh(app(), old)["refresh_token"]
    assert refusal(desk, other, old, now=seconds(3600)).code == "invalid_grant"
    assert desk.refresh(app(), newest, now=seconds(3601))


def test_a_generation_from_the_future_is_refused_and_ends_nothing() -> None:
    """After a restored backup the newest tokens are ahead of their rows."""
    desk = Desk()
    grant = desk.grant(app())
    current = first(desk, app(), code=REFERENCE_TOKENS.code_for(grant.id))
    ahead = REFERENCE_TOKENS.refresh_token_for(RefreshReference(grant_id=grant.id, generation=5, rotates=True))
    assert refusal(desk, app(), ahead).code == "invalid_grant"
    assert desk.refresh(app(), current)


def test_of_fifty_at_once_there_is_one_successor() -> None:
    desk = Desk()
    old = first(desk, app())

    def attempt(_: int) -> str | None:
        try:
            return str(desk.refresh(app(), old)["refresh_token"])
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
    desk = Desk()
    token = first(desk, client)
    for use in range(5):
        assert desk.refresh(client, token, now=seconds(1000 * use))["refresh_token"] == token


def test_a_refresh_token_bound_to_a_key_stays_and_needs_that_key() -> None:
    desk = Desk()
    token = first(desk, app(), jkt=JKT)
    for use in range(3):
        answer = desk.refresh(app(), token, jkt=JKT, now=seconds(1000 * use))
        assert (answer["refresh_token"], answer["token_type"]) == (token, "DPoP")
    assert refusal(desk, app(), token).code == "invalid_grant"
    assert refusal(desk, app(), token, jkt=OTHER_JKT).code == "invalid_grant"
    assert desk.refresh(app(), token, jkt=JKT)


def test_a_confidential_client_may_change_its_key_but_not_drop_it() -> None:
    desk = Desk()
    token = first(desk, portal(), jkt=JKT)
    assert desk.refresh(portal(), token, jkt=OTHER_JKT)["token_type"] == "DPoP"
    assert refusal(desk, portal(), token).code == "invalid_grant"


# --- life, scope and facts -------------------------------------------------------------------------------------------


@each("client", [app(), portal()])
def test_a_refresh_token_dies_with_its_family(client: Client) -> None:
    desk = Desk()
    token = first(desk, client)
    day = timedelta(hours=24)
    assert refusal(desk, client, token, now=NOW + day).code == "invalid_grant"
    assert desk.refresh(client, token, now=NOW + day - timedelta(seconds=1))


@each("client", [app(), portal()])
def test_a_blocked_person_is_refused(client: Client) -> None:
    desk = Desk()
    token = first(desk, client)
    desk.block_person()
    assert refusal(desk, client, token).code == "invalid_grant"


def test_a_person_who_is_gone_is_an_invalid_grant() -> None:
    """With another error word, apps try again for ever."""
    desk = Desk()
    token = first(desk, portal())
    desk.grants.people.clear()
    assert refusal(desk, portal(), token).code == "invalid_grant"


@each("client, other", [(app(), portal()), (portal(), app()), (portal(), partner())])
def test_another_clients_refresh_token_is_refused(client: Client, other: Client) -> None:
    desk = Desk()
    token = first(desk, client)
    assert refusal(desk, other, token).code == "invalid_grant"
    assert desk.refresh(client, token)


def test_a_grant_without_refresh_gives_none() -> None:
    assert "refresh_token" not in Desk().exchange(grant={"refresh_expires_at": None})
    assert "refresh_token" not in Desk().exchange(portal(grant_types=frozenset({"authorization_code"})))


def test_a_refresh_token_does_not_work_before_its_code_was_redeemed() -> None:
    desk = Desk()
    grant = desk.grant(portal())
    token = REFERENCE_TOKENS.refresh_token_for(RefreshReference(grant_id=grant.id, generation=0))
    assert refusal(desk, portal(), token).code == "invalid_grant"


def test_a_scope_only_narrows() -> None:
    desk = Desk()
    token = first(desk, portal(), grant={"scope": ("openid", "email", "phone")})
    narrow = desk.refresh(portal(), token, scope="phone openid")
    assert narrow["scope"] == "openid phone"
    assert "email" not in desk.userinfo(narrow["access_token"]).claims
    assert desk.refresh(portal(), token)["scope"] == "openid email phone"
    assert refusal(desk, portal(), token, scope="openid profile").code == "invalid_scope"
    assert refusal(desk, portal(), token, scope="openid unheard-of").code == "invalid_scope"


def test_a_wider_scope_uses_no_generation_when_the_client_may_never_have_it() -> None:
    desk = Desk()
    token = first(desk, app(scopes=frozenset({"openid"})))
    narrow = app(scopes=frozenset({"openid"}))
    assert refusal(desk, narrow, token, scope="openid email").code == "invalid_scope"
    assert next(iter(desk.grants.rows.values())).generation == 0


def test_without_openid_there_is_no_id_token() -> None:
    desk = Desk()
    token = first(desk, portal(), grant={"scope": ("openid", "email")})
    assert "id_token" not in desk.refresh(portal(), token, scope="email")


@each("text", ["x", "rt_", "rt_x", "rt_" + "A" * 51, "å"])
def test_garbage_is_no_refresh_token(text: str) -> None:
    assert refusal(Desk(), portal(), text).code == "invalid_grant"


def test_no_other_token_is_a_refresh_token() -> None:
    desk = Desk()
    grant = desk.grant()
    code = REFERENCE_TOKENS.code_for(grant.id)
    tokens = desk.exchange(code=code)
    for text in (code, tokens["access_token"], tokens["id_token"]):
        assert refusal(desk, portal(), text).code == "invalid_grant"


def test_the_authentication_is_told_as_it_was() -> None:
    from idp_tests.tokens import read

    desk = Desk()
    tokens = desk.exchange()
    event = desk.grants.authentications["a1"]
    later = NOW + timedelta(hours=2)
    claims = read(desk.refresh(portal(), tokens["refresh_token"], now=later)["id_token"]).members
    original = read(tokens["id_token"]).members
    assert claims["auth_time"] == original["auth_time"] == int(event.at.timestamp())
    for name in ("iss", "sub", "aud", "acr", "amr", "sid", "txn"):
        assert claims[name] == original[name]
    assert claims["iat"] == int(later.timestamp())
    assert "nonce" not in claims


def test_a_client_that_loses_the_grant_type_loses_its_refresh_tokens() -> None:
    desk = Desk()
    token = first(desk, portal())
    without = replace(portal(), grant_types=frozenset({"authorization_code"}))
    assert refusal(desk, without, token).code == "unauthorized_client"
