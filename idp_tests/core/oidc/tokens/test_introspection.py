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
from idp_tests.tokens import TOKEN_ISSUER, Desk, app, partner, portal, read

API, OTHER_API = "https://api.example", "https://other-api.example"
JKT = ProofKey().jkt
INACTIVE = {"active": False}


def api(*audiences: str) -> Client:
    return partner(client_id="api", introspection_audiences=frozenset(audiences or {API}))


def introspection(desk: Desk) -> Introspect:
    return Introspect(clients=desk.clients, grants=desk.grants, token_issuer=lambda: TOKEN_ISSUER)


def ask(desk: Desk, token: str, asking: Client | None = None, now: datetime = NOW) -> Mapping[str, Any]:
    return introspection(desk)(token, asking or portal(), now)


def token_for_api(desk: Desk, **changes: Any) -> str:
    client = desk.use(portal(resources=frozenset({API, OTHER_API}), **changes))
    return str(desk.exchange(client, resource=API, grant={"scope": ("openid", "customer")})["access_token"])


def test_a_client_learns_about_its_own_access_token() -> None:
    desk = Desk()
    answer = desk.exchange(grant={"scope": ("openid", "email")})
    event = desk.grants.authentications["a1"]
    assert ask(desk, answer["access_token"]) == {
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
    desk = Desk()
    answer = ask(desk, token_for_api(desk), api())
    assert (answer["active"], answer["aud"], answer["customer_number"]) == (True, API, "10012345")


def test_an_api_learns_nothing_about_tokens_for_others() -> None:
    desk = Desk()
    assert ask(desk, token_for_api(desk), api(OTHER_API)) == INACTIVE
    assert ask(desk, desk.exchange()["access_token"], api()) == INACTIVE


def test_a_client_learns_nothing_about_another_clients_tokens() -> None:
    desk = Desk()
    answer = desk.exchange(portal())
    for name in ("access_token", "refresh_token"):
        assert ask(desk, answer[name], partner()) == INACTIVE


def test_the_subject_is_the_one_that_the_tokens_owner_knows() -> None:
    desk = Desk()
    owner = desk.use(partner(subject_type=SubjectType.PAIRWISE, sector_identifier="partner.example"))
    answer = desk.exchange(owner)
    assert ask(desk, answer["access_token"], owner)["sub"] == read(answer["id_token"]).members["sub"]


def test_a_bound_token_says_to_which_key() -> None:
    desk = Desk()
    answer = ask(desk, desk.exchange(jkt=JKT)["access_token"])
    assert (answer["cnf"], answer["token_type"]) == ({"jkt": JKT}, "DPoP")


def test_a_narrower_token_says_its_own_scope() -> None:
    desk = Desk()
    token = desk.exchange(grant={"scope": ("openid", "email")})["refresh_token"]
    narrow = desk.refresh(portal(), token, scope="openid")["access_token"]
    assert ask(desk, narrow)["scope"] == "openid"


def test_several_audiences_are_a_list() -> None:
    from dataclasses import replace

    desk = Desk()
    reference = TOKEN_ISSUER.reference_tokens.read_access_token(desk.exchange()["access_token"])
    assert reference is not None
    both = TOKEN_ISSUER.reference_tokens.access_token_for(replace(reference, resources=(API, OTHER_API)))
    assert ask(desk, both)["aud"] == [API, OTHER_API]


def test_a_client_learns_about_its_own_refresh_token() -> None:
    desk = Desk()
    answer = ask(desk, desk.exchange()["refresh_token"])
    assert (answer["active"], answer["exp"]) == (True, int((NOW + timedelta(hours=24)).timestamp()))
    assert "token_type" not in answer


def test_a_refresh_token_that_was_replaced_is_inactive() -> None:
    desk = Desk()
    confidential = portal(client_id="mittprezero")
    old = desk.exchange(app())["refresh_token"]
    new = desk.refresh(app(), old)["refresh_token"]
    assert ask(desk, old, confidential) == INACTIVE
    assert ask(desk, new, confidential)["active"] is True


def test_a_refresh_token_whose_family_is_over_is_inactive() -> None:
    desk = Desk()
    token = desk.exchange()["refresh_token"]
    assert ask(desk, token, now=NOW + timedelta(hours=24)) == INACTIVE


@each("text", ["", "x", "at_x", "rt_x", "a.b.c", "å"])
def test_garbage_is_inactive(text: str) -> None:
    assert ask(Desk(), text) == INACTIVE


def test_codes_and_id_tokens_are_inactive() -> None:
    desk = Desk()
    assert ask(desk, desk.code()) == INACTIVE
    assert ask(desk, desk.exchange()["id_token"]) == INACTIVE


def test_what_is_over_is_inactive_and_nothing_else() -> None:
    for over in ("expired", "revoked", "blocked"):
        desk = Desk()
        grant = desk.grant()
        token = desk.exchange(code=TOKEN_ISSUER.reference_tokens.code_for(grant.id))["access_token"]
        now = NOW
        match over:
            case "expired":
                now = NOW + timedelta(minutes=10)
            case "revoked":
                desk.grants.revoke(grant.id, NOW, reason="test")
            case _:
                desk.block_person()
        assert ask(desk, token, now=now) == INACTIVE


def test_a_token_of_a_disabled_client_is_inactive_for_the_api() -> None:
    desk = Desk()
    token = token_for_api(desk)
    assert ask(desk, token, api())["active"] is True
    desk.use(portal(disabled=True))
    assert ask(desk, token, api()) == INACTIVE


def test_a_public_client_may_not_ask() -> None:
    desk = Desk()
    with pytest.raises(Refused) as caught:
        ask(desk, desk.exchange(app())["access_token"], app())
    assert (caught.value.code, caught.value.status) == ("invalid_client", 401)


def test_nothing_about_the_person_is_told_but_the_subject() -> None:
    desk = Desk()
    answer = desk.exchange(grant={"scope": ("openid", "profile", "email", "phone")})
    text = str(ask(desk, answer["access_token"]))
    assert not any(secret in text for secret in ("Anna", "anna@", "+4670", "191212121212"))


def test_a_signed_answer_is_for_the_one_who_asked() -> None:
    desk = Desk()
    asking = api()
    claims = read(introspection(desk).signed(ask(desk, token_for_api(desk), asking), asking, NOW))
    assert claims.header["typ"] == "token-introspection+jwt"
    members = dict(claims.members)
    assert members.pop("token_introspection")["active"] is True
    assert members == {"iss": ISSUER, "aud": "api", "iat": int(NOW.timestamp())}


def test_a_signed_answer_about_nothing_says_nothing() -> None:
    claims = read(introspection(Desk()).signed(INACTIVE, portal(introspection_signed_response_alg="PS256"), NOW))
    assert claims.header["alg"] == "PS256"
    assert claims.members["token_introspection"] == INACTIVE
    assert set(claims.members) == {"token_introspection", "iss", "aud", "iat"}
