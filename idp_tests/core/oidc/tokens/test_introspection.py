from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.client import Client, SubjectType
from idp.core.oidc.errors import Refused
from idp.core.oidc.tokens.introspection import Introspect
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.client_side import ISSUER, ProofKey
from idp_tests.tokens import TOKEN_ISSUER, InMemory, app, partner, portal, read

API, OTHER_API = "https://api.example", "https://other-api.example"
JKT = ProofKey().jkt
INACTIVE = {"active": False}


def api(*audiences: str) -> Client:
    return partner(client_id="api", introspection_audiences=frozenset(audiences or {API}))


def introspection(memory: InMemory) -> Introspect:
    return Introspect(clients=memory.clients, grants=memory.grants, token_issuer=lambda: TOKEN_ISSUER)


def ask(memory: InMemory, token: str, asking: Client | None = None, now: datetime = NOW) -> Mapping[str, Any]:
    return introspection(memory)(token, asking or portal(), now)


def token_for_api(memory: InMemory, **changes: Any) -> str:
    client = memory.use(portal(resources=frozenset({API, OTHER_API}), **changes))
    return str(memory.exchange(client, resource=API, grant={"scope": ("openid", "customer")})["access_token"])


def test_a_client_learns_about_its_own_access_token() -> None:
    memory = InMemory()
    answer = memory.exchange(grant={"scope": ("openid", "email")})
    event = memory.grants.authentications["a1"]
    assert ask(memory, answer["access_token"]) == {
        "active": True,
        "iss": ISSUER,
        "sub": "sub-1",
        "aud": ISSUER,
        "client_id": "minasidor",
        "scope": "openid email",
        "token_type": "Bearer",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=10)).timestamp()),
        "auth_time": int(event.at.timestamp()),
        "acr": event.acr,
        "amr": ["swk", "mfa"],
    }


def test_an_api_learns_about_tokens_for_itself() -> None:
    memory = InMemory()
    answer = ask(memory, token_for_api(memory), api())
    assert (answer["active"], answer["aud"], answer["customer_number"]) == (True, API, "10012345")


def test_an_api_learns_nothing_about_tokens_for_others() -> None:
    memory = InMemory()
    assert ask(memory, token_for_api(memory), api(OTHER_API)) == INACTIVE
    assert ask(memory, memory.exchange()["access_token"], api()) == INACTIVE


def test_a_client_learns_nothing_about_another_clients_tokens() -> None:
    memory = InMemory()
    answer = memory.exchange(portal())
    for name in ("access_token", "refresh_token"):
        assert ask(memory, answer[name], partner()) == INACTIVE


def test_the_subject_is_the_one_that_the_tokens_owner_knows() -> None:
    memory = InMemory()
    owner = memory.use(partner(subject_type=SubjectType.PAIRWISE, sector_identifier="partner.example"))
    answer = memory.exchange(owner)
    assert ask(memory, answer["access_token"], owner)["sub"] == read(answer["id_token"]).members["sub"]


def test_a_bound_token_says_to_which_key() -> None:
    memory = InMemory()
    answer = ask(memory, memory.exchange(jkt=JKT)["access_token"])
    assert (answer["cnf"], answer["token_type"]) == ({"jkt": JKT}, "DPoP")


def test_a_narrower_token_says_its_own_scope() -> None:
    memory = InMemory()
    token = memory.exchange(grant={"scope": ("openid", "email")})["refresh_token"]
    narrow = memory.refresh(portal(), token, scope="openid")["access_token"]
    assert ask(memory, narrow)["scope"] == "openid"


def test_several_audiences_are_a_list() -> None:
    from dataclasses import replace

    memory = InMemory()
    reference = TOKEN_ISSUER.reference_tokens.read_access_token(memory.exchange()["access_token"])
    assert reference is not None
    both = TOKEN_ISSUER.reference_tokens.access_token_for(replace(reference, resources=(API, OTHER_API)))
    assert ask(memory, both)["aud"] == [API, OTHER_API]


def test_a_client_learns_about_its_own_refresh_token() -> None:
    memory = InMemory()
    answer = ask(memory, memory.exchange()["refresh_token"])
    assert (answer["active"], answer["exp"]) == (True, int((NOW + timedelta(hours=24)).timestamp()))
    assert "token_type" not in answer


def test_a_refresh_token_that_was_replaced_is_inactive() -> None:
    memory = InMemory()
    confidential = portal(client_id="mittprezero")
    old = memory.exchange(app())["refresh_token"]
    new = memory.refresh(app(), old)["refresh_token"]
    assert ask(memory, old, confidential) == INACTIVE
    assert ask(memory, new, confidential)["active"] is True


def test_a_refresh_token_whose_family_is_over_is_inactive() -> None:
    memory = InMemory()
    token = memory.exchange()["refresh_token"]
    assert ask(memory, token, now=NOW + timedelta(hours=24)) == INACTIVE


@each("text", ["", "x", "at_x", "rt_x", "a.b.c", "å"])
def test_garbage_is_inactive(text: str) -> None:
    assert ask(InMemory(), text) == INACTIVE


def test_codes_and_id_tokens_are_inactive() -> None:
    memory = InMemory()
    assert ask(memory, memory.code()) == INACTIVE
    assert ask(memory, memory.exchange()["id_token"]) == INACTIVE


def test_what_is_over_is_inactive_and_nothing_else() -> None:
    for over in ("expired", "revoked", "blocked"):
        memory = InMemory()
        grant = memory.grant()
        token = memory.exchange(code=TOKEN_ISSUER.reference_tokens.code_for(grant.id))["access_token"]
        now = NOW
        match over:
            case "expired":
                now = NOW + timedelta(minutes=10)
            case "revoked":
                memory.grants.revoke(grant.id, NOW, reason="test")
            case _:
                memory.block_person()
        assert ask(memory, token, now=now) == INACTIVE


def test_a_token_of_a_disabled_client_is_inactive_for_the_api() -> None:
    memory = InMemory()
    token = token_for_api(memory)
    assert ask(memory, token, api())["active"] is True
    memory.use(portal(disabled=True))
    assert ask(memory, token, api()) == INACTIVE


def test_a_public_client_may_not_ask() -> None:
    memory = InMemory()
    with pytest.raises(Refused) as caught:
        ask(memory, memory.exchange(app())["access_token"], app())
    assert (caught.value.code, caught.value.status) == ("invalid_client", 401)


def test_nothing_about_the_person_is_told_but_the_subject() -> None:
    memory = InMemory()
    answer = memory.exchange(grant={"scope": ("openid", "profile", "email", "phone")})
    text = str(ask(memory, answer["access_token"]))
    assert not any(secret in text for secret in ("Anna", "anna@", "+4670", "191212121212"))


def test_a_signed_answer_is_for_the_one_who_asked() -> None:
    memory = InMemory()
    asking = api()
    claims = read(introspection(memory).signed(ask(memory, token_for_api(memory), asking), asking, NOW))
    assert claims.header["typ"] == "token-introspection+jwt"
    members = dict(claims.members)
    assert members.pop("token_introspection")["active"] is True
    assert members == {"iss": ISSUER, "aud": "api", "iat": int(NOW.timestamp())}


def test_a_signed_answer_about_nothing_says_nothing() -> None:
    claims = read(introspection(InMemory()).signed(INACTIVE, portal(introspection_signed_response_alg="PS256"), NOW))
    assert claims.header["alg"] == "PS256"
    assert claims.members["token_introspection"] == INACTIVE
    assert set(claims.members) == {"token_introspection", "iss", "aud", "iat"}
