from datetime import datetime, timedelta

import pytest

from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.tokens.revocation import RevokeToken
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.tokens import TOKEN_ISSUER, Desk, app, portal


def revoke(desk: Desk, token: str, client: Client | None = None, now: datetime = NOW) -> None:
    revoke_token = RevokeToken(grants=desk.grants, audit=desk.audit, token_issuer=lambda: TOKEN_ISSUER)
    revoke_token(token, client or portal(), now)


def is_dead(desk: Desk) -> bool:
    return all(row.revoked_at for row in desk.grants.rows.values())


@each("name", ["access_token", "refresh_token"])
@each("client", [portal(), app()])
def test_any_token_of_a_grant_ends_the_whole_grant(name: str, client: Client) -> None:
    desk = Desk()
    answer = desk.exchange(client)
    revoke(desk, answer[name], client)
    with pytest.raises(Refused):
        desk.userinfo(answer["access_token"])
    with pytest.raises(Refused):
        desk.refresh(client, answer["refresh_token"])
    assert desk.audit.names == ["grant.revoked"]


def test_a_signed_access_token_can_be_revoked() -> None:
    desk = Desk()
    client = desk.use(portal(resources=frozenset({"https://api.example"})))
    revoke(desk, desk.exchange(client, resource="https://api.example")["access_token"])
    assert is_dead(desk)


def test_an_old_generation_ends_the_family_too() -> None:
    desk = Desk()
    old = desk.exchange(app())["refresh_token"]
    desk.refresh(app(), old)
    revoke(desk, old, app())
    assert is_dead(desk)


def test_revoking_twice_is_no_error() -> None:
    desk = Desk()
    token = desk.exchange()["refresh_token"]
    revoke(desk, token)
    revoke(desk, token)
    assert desk.audit.names == ["grant.revoked"]


def test_of_two_revocations_at_once_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    token = desk.exchange()["refresh_token"]
    monkeypatch.setattr(type(desk.grants), "revoke", lambda *_arguments, **_named: False)
    revoke(desk, token)
    assert desk.audit.names == []


@each("text", ["", "x", "at_x", "rt_x", "a.b.c", "å"])
def test_an_unknown_token_is_no_error(text: str) -> None:
    revoke(Desk(), text)


def test_codes_and_id_tokens_are_no_tokens_to_revoke() -> None:
    desk = Desk()
    code = desk.code()
    revoke(desk, code)
    revoke(desk, desk.exchange(code=code)["id_token"])
    assert not is_dead(desk)


def test_an_expired_access_token_ends_nothing() -> None:
    desk = Desk()
    token = desk.exchange()["access_token"]
    revoke(desk, token, now=NOW + timedelta(minutes=10))
    assert not is_dead(desk)


def test_another_clients_token_is_refused_and_stays_good() -> None:
    desk = Desk()
    answer = desk.exchange(portal())
    for name in ("access_token", "refresh_token"):
        with pytest.raises(Refused) as caught:
            revoke(desk, answer[name], app())
        assert caught.value.status == 400
    assert not is_dead(desk)
    assert desk.audit.names == []
