from datetime import datetime, timedelta

import pytest

from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.tokens.revocation import RevokeToken
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.tokens import TOKEN_ISSUER, InMemory, app, portal


def revoke(memory: InMemory, token: str, client: Client | None = None, now: datetime = NOW) -> None:
    revoke_token = RevokeToken(grants=memory.grants, audit=memory.audit, token_issuer=lambda: TOKEN_ISSUER)
    revoke_token(token, client or portal(), now)


def is_dead(memory: InMemory) -> bool:
    return all(row.revoked_at for row in memory.grants.rows.values())


@each("name", ["access_token", "refresh_token"])
@each("client", [portal(), app()])
def test_any_token_of_a_grant_ends_the_whole_grant(name: str, client: Client) -> None:
    memory = InMemory()
    answer = memory.exchange(client)
    revoke(memory, answer[name], client)
    with pytest.raises(Refused):
        memory.userinfo(answer["access_token"])
    with pytest.raises(Refused):
        memory.refresh(client, answer["refresh_token"])
    assert memory.audit.names == ["grant.revoked"]


def test_a_signed_access_token_can_be_revoked() -> None:
    memory = InMemory()
    client = memory.use(portal(resources=frozenset({"https://api.example"})))
    revoke(memory, memory.exchange(client, resource="https://api.example")["access_token"])
    assert is_dead(memory)


def test_an_old_generation_ends_the_family_too() -> None:
    memory = InMemory()
    old = memory.exchange(app())["refresh_token"]
    memory.refresh(app(), old)
    revoke(memory, old, app())
    assert is_dead(memory)


def test_revoking_twice_is_no_error() -> None:
    memory = InMemory()
    token = memory.exchange()["refresh_token"]
    revoke(memory, token)
    revoke(memory, token)
    assert memory.audit.names == ["grant.revoked"]


def test_of_two_revocations_at_once_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = InMemory()
    token = memory.exchange()["refresh_token"]
    monkeypatch.setattr(type(memory.grants), "revoke", lambda *_arguments, **_named: False)
    revoke(memory, token)
    assert memory.audit.names == []


@each("text", ["", "x", "at_x", "rt_x", "a.b.c", "å"])
def test_an_unknown_token_is_no_error(text: str) -> None:
    revoke(InMemory(), text)


def test_codes_and_id_tokens_are_no_tokens_to_revoke() -> None:
    memory = InMemory()
    code = memory.code()
    revoke(memory, code)
    revoke(memory, memory.exchange(code=code)["id_token"])
    assert not is_dead(memory)


def test_an_expired_access_token_ends_nothing() -> None:
    memory = InMemory()
    token = memory.exchange()["access_token"]
    revoke(memory, token, now=NOW + timedelta(minutes=10))
    assert not is_dead(memory)


def test_another_clients_token_is_refused_and_stays_good() -> None:
    memory = InMemory()
    answer = memory.exchange(portal())
    for name in ("access_token", "refresh_token"):
        with pytest.raises(Refused) as caught:
            revoke(memory, answer[name], app())
        assert caught.value.status == 400
    assert not is_dead(memory)
    assert memory.audit.names == []
