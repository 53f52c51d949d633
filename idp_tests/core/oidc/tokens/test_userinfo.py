from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.bearer import PresentedToken, Scheme
from idp.core.oidc.clients.client import SubjectType
from idp.core.oidc.errors import Refused
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.client_side import ISSUER, ProofKey
from idp_tests.tokens import KEYRING, TOKEN_ISSUER, InMemory, app, partner, portal, read

JKT = ProofKey().jkt


def refusal(memory: InMemory, access_token: str, **changes: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        memory.userinfo(access_token, **changes)
    return caught.value


def test_userinfo_gives_what_the_scope_opens() -> None:
    memory = InMemory()
    token = memory.exchange(grant={"scope": ("openid", "email")})["access_token"]
    info = memory.userinfo(token)
    assert info.claims == {"sub": "sub-1", "email": "anna@example.se", "email_verified": False}
    assert (info.client.client_id, info.signed) == ("minasidor", None)


def test_userinfo_and_id_token_name_the_same_subject() -> None:
    memory = InMemory()
    client = memory.use(partner(subject_type=SubjectType.PAIRWISE, sector_identifier="partner.example"))
    answer = memory.exchange(client)
    assert memory.userinfo(answer["access_token"]).claims["sub"] == read(answer["id_token"]).members["sub"] != "sub-1"


@each("alg", SIGNING_ALGS)
def test_a_client_may_have_it_signed(alg: str) -> None:
    memory = InMemory()
    client = memory.use(portal(userinfo_signed_response_alg=alg))
    signed = memory.userinfo(memory.exchange(client, grant={"scope": ("openid", "email")})["access_token"]).signed
    assert signed is not None
    claims = read(signed)
    assert claims.header["kid"] == KEYRING.signer(alg, NOW).kid
    assert claims.members == {
        "sub": "sub-1",
        "email": "anna@example.se",
        "email_verified": False,
        "iss": ISSUER,
        "aud": "minasidor",
        "iat": int(NOW.timestamp()),
    }


def test_all_customers_come_with_one_read_of_the_grant() -> None:
    memory = InMemory()
    token = memory.exchange(grant={"scope": ("openid", "customer")})["access_token"]
    memory.grants.reads = 0
    assert len(memory.userinfo(token).claims["customers"]) == 2
    assert memory.grants.reads == 1


def test_without_customers_one_read_is_enough() -> None:
    memory = InMemory()
    token = memory.exchange(grant={"scope": ("openid", "email")})["access_token"]
    memory.grants.reads = 0
    memory.userinfo(token)
    assert memory.grants.reads == 1


@each("text", ["", "x", "at_", "at_" + "A" * 90, "a.b.c", "å"])
def test_garbage_is_refused(text: str) -> None:
    error = refusal(InMemory(), text)
    assert (error.code, error.status) == ("invalid_token", 401)


def test_only_access_tokens_open_userinfo() -> None:
    memory = InMemory()
    grant = memory.grant()
    code = TOKEN_ISSUER.reference_tokens.code_for(grant.id)
    answer = memory.exchange(code=code)
    for text in (code, answer["refresh_token"], answer["id_token"]):
        assert refusal(memory, text).code == "invalid_token"


def test_an_expired_token_is_refused() -> None:
    memory = InMemory()
    token = memory.exchange()["access_token"]
    assert memory.userinfo(token, now=NOW + timedelta(seconds=599)).claims
    assert refusal(memory, token, now=NOW + timedelta(seconds=600)).code == "invalid_token"


def test_revoking_blocking_and_disabling_count_at_once() -> None:
    for undo in ("revoke", "block", "disable", "remove"):
        memory = InMemory()
        grant = memory.grant()
        token = memory.exchange(code=TOKEN_ISSUER.reference_tokens.code_for(grant.id))["access_token"]
        match undo:
            case "revoke":
                memory.grants.revoke(grant.id, NOW, reason="test")
            case "block":
                memory.block_person()
            case "disable":
                memory.use(portal(disabled=True))
            case _:
                memory.clients.replace({})
        assert refusal(memory, token).code == "invalid_token"


def test_a_token_for_an_api_does_not_open_userinfo() -> None:
    memory = InMemory()
    client = memory.use(portal(resources=frozenset({"https://api.example"})))
    token = memory.exchange(client, resource="https://api.example")["access_token"]
    assert refusal(memory, token).code == "invalid_token"


def test_the_scope_openid_is_needed() -> None:
    memory = InMemory()
    token = memory.exchange(grant={"scope": ("email",)})["access_token"]
    error = refusal(memory, token)
    assert (error.code, error.status) == ("insufficient_scope", 403)
    assert 'error="insufficient_scope"' in error.headers["WWW-Authenticate"]


def test_every_reason_reads_the_same() -> None:
    memory = InMemory()
    token = memory.exchange()["access_token"]
    errors = [refusal(memory, "x"), refusal(memory, token, now=NOW + timedelta(hours=1))]
    memory.block_person()
    errors.append(refusal(memory, token))
    assert len({(error.code, error.description, error.status, str(error.headers)) for error in errors}) == 1


# --- bound to a key --------------------------------------------------------------------------------------------------


def test_a_bound_token_needs_its_key_and_its_scheme() -> None:
    memory = InMemory()
    token = memory.exchange(app(), jkt=JKT)["access_token"]
    assert memory.userinfo(token, jkt=JKT, scheme=Scheme.DPOP).claims["sub"] == "sub-1"
    for changes in (
        {"scheme": Scheme.BEARER},
        {"scheme": Scheme.BEARER, "jkt": JKT},
        {"scheme": Scheme.DPOP},
        {"scheme": Scheme.DPOP, "jkt": ProofKey().jkt},
    ):
        error = refusal(memory, token, **changes)
        assert error.code == "invalid_token"
        assert error.headers["WWW-Authenticate"].startswith("DPoP ")


def test_an_unbound_token_does_not_take_the_dpop_scheme() -> None:
    memory = InMemory()
    token = memory.exchange()["access_token"]
    assert refusal(memory, token, jkt=JKT, scheme=Scheme.DPOP).code == "invalid_token"


def test_garbage_never_reaches_the_replay_memory() -> None:
    def prove() -> str | None:
        raise AssertionError("a proof was looked at for a token that is not ours")

    memory = InMemory()
    for text in ("x", memory.exchange()["access_token"]):
        with pytest.raises(Refused):
            memory.read_userinfo(PresentedToken(scheme=Scheme.DPOP, value=text), prove, NOW)
