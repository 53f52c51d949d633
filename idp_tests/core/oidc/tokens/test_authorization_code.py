from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.keys.keyring import Keyring, NoSigningKey
from idp_tests.builders import NOW, REFERENCE_TOKENS
from idp_tests.client_side import VERIFIER, ProofKey, s256
from idp_tests.tokens import CHALLENGE, KEYRING, REDIRECT_URI, TOKEN_ISSUER, InMemory, app, partner, portal

JKT = ProofKey().jkt


def refusal(memory: InMemory, client: Client | None = None, **changes: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        memory.exchange(client, **changes)
    return caught.value


def test_a_code_is_redeemed_once() -> None:
    memory = InMemory()
    code = memory.code()
    assert memory.exchange(code=code)["access_token"]
    assert refusal(memory, code=code).code == "invalid_grant"


def test_a_code_is_not_used_up_while_no_key_signs() -> None:
    memory = InMemory()
    code = memory.code()
    retired = Keyring(keys=tuple(replace(key, retires_at=NOW) for key in KEYRING.keys))
    memory.token_issuer = replace(TOKEN_ISSUER, keyring=retired)
    with pytest.raises(NoSigningKey):
        memory.exchange(code=code)
    memory.token_issuer = TOKEN_ISSUER
    assert memory.exchange(code=code)["id_token"]


def test_a_replayed_code_ends_every_token_of_its_grant() -> None:
    memory = InMemory()
    code = memory.code()
    first = memory.exchange(code=code)
    refusal(memory, code=code)
    with pytest.raises(Refused):
        memory.userinfo(first["access_token"])
    with pytest.raises(Refused):
        memory.refresh(portal(), first["refresh_token"])
    assert memory.audit.names == ["code.replayed"]


def test_a_replay_by_another_client_ends_nothing() -> None:
    memory = InMemory()
    code = memory.code()
    first = memory.exchange(code=code)
    assert refusal(memory, partner(), code=code).code == "invalid_grant"
    assert memory.userinfo(first["access_token"]).claims["sub"] == "sub-1"
    assert memory.audit.names == []


def test_a_code_of_another_client_is_refused_and_stays_good_for_its_own() -> None:
    memory = InMemory()
    code = memory.code(portal())
    assert refusal(memory, partner(), code=code).code == "invalid_grant"
    assert memory.exchange(portal(), code=code)


@pytest.mark.parametrize(("seconds", "works"), [(0, True), (59, True), (60, False), (3600, False)])
def test_a_code_lives_for_a_minute(seconds: int, works: bool) -> None:
    memory = InMemory()
    if works:
        assert memory.exchange(now=NOW + timedelta(seconds=seconds))
    else:
        assert refusal(memory, now=NOW + timedelta(seconds=seconds)).code == "invalid_grant"


def test_a_code_is_good_however_old_the_login_is() -> None:
    """A code whose age counts from auth_time is dead as soon as single sign-on is used."""
    memory = InMemory()
    event = memory.grants.authentications["a1"]
    assert event.at < NOW - timedelta(minutes=4)
    assert memory.exchange()["id_token"]


@pytest.mark.parametrize(
    "redirect_uri",
    [REDIRECT_URI + "/", REDIRECT_URI + "?", REDIRECT_URI.upper(), "https://minasidor.example/other", "å"],
)
def test_another_redirect_uri_is_refused(redirect_uri: str) -> None:
    assert refusal(InMemory(), redirect_uri=redirect_uri).code == "invalid_grant"


@pytest.mark.parametrize("verifier", ["w" * 43, CHALLENGE, VERIFIER + "v", "V" * 43])
def test_another_verifier_is_refused(verifier: str) -> None:
    assert refusal(InMemory(), code_verifier=verifier).code == "invalid_grant"


MALFORMED = ["v" * 42, "v" * 129, "v" * 42 + "+", "v" * 42 + "å", "v" * 43 + "\n", " " * 43]


@pytest.mark.parametrize("verifier", MALFORMED)
def test_a_malformed_verifier_opens_no_code_even_when_its_hash_fits(verifier: str) -> None:
    grant = {"code_challenge": s256(verifier)}
    assert refusal(InMemory(), grant=grant, code_verifier=verifier).code == "invalid_grant"


@pytest.mark.parametrize("verifier", ["", "w" * 43, *MALFORMED])
def test_a_code_tried_with_a_wrong_proof_or_none_is_spent(verifier: str) -> None:
    """A missing verifier is a wrong proof, and no error of form (RFC 7636 4.6)."""
    memory = InMemory()
    code = memory.code()
    assert refusal(memory, code=code, code_verifier=verifier).code == "invalid_grant"
    assert refusal(memory, code=code).code == "invalid_grant"


def test_the_challenge_itself_is_no_verifier() -> None:
    """S256 only: with `plain` the challenge would open the code."""
    memory = InMemory()
    grant = {"code_challenge": VERIFIER}
    assert refusal(memory, grant=grant, code_verifier=VERIFIER).code == "invalid_grant"


@pytest.mark.parametrize("missing", ["code", "redirect_uri"])
def test_what_is_missing_is_said(missing: str) -> None:
    memory = InMemory()
    code = memory.code()
    sent: dict[str, Any] = {"code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER, missing: ""}
    with pytest.raises(Refused) as caught:
        memory.ask(portal(), grant_type="authorization_code", **sent)
    assert (caught.value.code, missing in caught.value.description) == ("invalid_request", True)
    assert memory.exchange(code=code)


def test_where_pkce_is_waived_a_code_without_challenge_needs_no_verifier() -> None:
    memory, client = InMemory(), partner(require_pkce=False)
    assert memory.exchange(client, grant={"code_challenge": ""}, code_verifier="")


def test_where_pkce_is_waived_a_challenge_that_was_sent_still_counts() -> None:
    memory, client = InMemory(), partner(require_pkce=False)
    assert refusal(memory, client, code_verifier="").code == "invalid_grant"


def test_a_verifier_without_a_challenge_is_a_downgrade() -> None:
    memory, client = InMemory(), partner(require_pkce=False)
    assert refusal(memory, client, grant={"code_challenge": ""}).code == "invalid_grant"


def test_where_a_nonce_may_replace_pkce_a_code_without_either_is_refused() -> None:
    memory, client = InMemory(), partner(nonce_may_replace_pkce=True)
    assert memory.exchange(client, grant={"code_challenge": ""}, code_verifier="")
    assert (
        refusal(memory, client, grant={"code_challenge": "", "nonce": None}, code_verifier="").code == "invalid_grant"
    )
    assert refusal(memory, client, grant={"code_challenge": ""}).code == "invalid_grant", "a downgrade"


def test_a_waiver_that_was_taken_back_counts_for_codes_under_way() -> None:
    assert refusal(InMemory(), portal(), grant={"code_challenge": ""}, code_verifier="").code == "invalid_grant"


@pytest.mark.parametrize("code", ["x", "ac_", "ac_x", "at_x", "ac_" + "A" * 44, "å", "x" * 10_000])
def test_garbage_is_no_code(code: str) -> None:
    assert refusal(InMemory(), code=code).code == "invalid_grant"


def test_a_code_of_no_grant_is_refused() -> None:
    assert refusal(InMemory(), code=REFERENCE_TOKENS.code_for("0" * 32)).code == "invalid_grant"


def test_no_other_token_is_a_code() -> None:
    memory = InMemory()
    tokens = memory.exchange()
    for name in ("access_token", "refresh_token", "id_token"):
        assert refusal(memory, code=tokens[name]).code == "invalid_grant"


def test_the_code_of_a_revoked_grant_is_refused() -> None:
    memory = InMemory()
    grant = memory.grant()
    memory.grants.revoke(grant.id, NOW, reason="test")
    assert refusal(memory, code=REFERENCE_TOKENS.code_for(grant.id)).code == "invalid_grant"


def test_the_code_of_a_blocked_person_is_refused() -> None:
    memory = InMemory()
    memory.block_person()
    assert refusal(memory).code == "invalid_grant"


def test_every_reason_reads_the_same() -> None:
    memory = InMemory()
    used = memory.code()
    memory.exchange(code=used)
    errors = [
        refusal(memory, code=used),
        refusal(memory, code="x"),
        refusal(memory, partner(), code=memory.code()),
        refusal(memory, redirect_uri="https://minasidor.example/other"),
        refusal(memory, code_verifier="w" * 43),
        refusal(memory, code_verifier=""),
        refusal(memory, now=NOW + timedelta(minutes=2)),
        refusal(memory, grant={"dpop_jkt": JKT}),
    ]
    assert len({(error.code, error.description, error.status) for error in errors}) == 1


def test_of_fifty_at_once_one_wins() -> None:
    memory = InMemory()
    code = memory.code(app())

    def attempt(_: int) -> bool:
        try:
            return bool(memory.exchange(app(), code=code))
        except Refused:
            return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(50))) == 1


# --- bound to a key --------------------------------------------------------------------------------------------------


def test_a_code_bound_to_a_key_needs_that_key() -> None:
    memory = InMemory()
    bound = {"dpop_jkt": JKT}
    assert refusal(memory, grant=bound).code == "invalid_grant"
    assert refusal(memory, grant=bound, jkt=ProofKey().jkt).code == "invalid_grant"
    assert memory.exchange(grant=bound, jkt=JKT)["token_type"] == "DPoP"


def test_a_key_first_proved_at_the_token_endpoint_binds_the_grant() -> None:
    memory = InMemory()
    grant = memory.grant(app())
    memory.exchange(app(), code=REFERENCE_TOKENS.code_for(grant.id), jkt=JKT)
    assert memory.grants.rows[grant.id].dpop_jkt == JKT
