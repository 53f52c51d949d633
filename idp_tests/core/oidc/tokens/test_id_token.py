import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from authlib.oidc.core import CodeIDToken
from joserfc.errors import ClaimError

from idp.core.oidc.clients.client import Client, SubjectType
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.keyring import Keyring, NoSigningKey
from idp.core.oidc.tokens import id_token
from idp.core.oidc.tokens.id_token import half_hash, issue_id_token
from idp_tests.builders import NOW, REFERENCE_TOKENS
from idp_tests.cases import each
from idp_tests.client_side import ISSUER
from idp_tests.tokens import KEYRING, TOKEN_ISSUER, InMemory, portal, read


def claims_for(client: Client | None = None, memory: InMemory | None = None, **grant: Any) -> Any:
    return read(token_for(client, memory, **grant))


def token_for(client: Client | None = None, memory: InMemory | None = None, **grant: Any) -> str:
    memory, client = memory or InMemory(), client or portal()
    live = memory.grants.find_live(memory.grant(client, **grant).id, NOW)
    assert live is not None
    scope = frozenset(live.grant.scope)
    return issue_id_token(live, client, TOKEN_ISSUER, NOW, scope=scope, access_token="at_x", nonce=live.grant.nonce)


def test_an_id_token_says_who_for_whom_and_until_when() -> None:
    members = claims_for().members
    expected = {
        "iss": "https://id.example",
        "sub": "sub-1",
        "aud": "minasidor",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=5)).timestamp()),
        "nonce": "n",
    }
    assert {name: members[name] for name in expected} == expected


def test_the_audience_is_one_text() -> None:
    """A list with one entry confuses readers, our own logout among them."""
    assert claims_for().members["aud"] == "minasidor"


def test_without_a_nonce_in_the_request_there_is_none_in_the_token() -> None:
    assert "nonce" not in claims_for(nonce=None).members


def test_the_nonce_comes_back_exactly() -> None:
    assert claims_for(nonce='a b+%20"å').members["nonce"] == 'a b+%20"å'


@each("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_the_clients_algorithm_signs_with_the_active_key(alg: str) -> None:
    header = claims_for(portal(id_token_signed_response_alg=alg)).header
    assert header == {"alg": alg, "kid": KEYRING.signer(alg, NOW).kid, "typ": "JWT"}


@each("alg, digest", [("RS256", "sha256"), ("ES256", "sha256"), ("EdDSA", "sha512")])
def test_the_access_token_is_bound_by_half_its_hash(alg: str, digest: str) -> None:
    whole = hashlib.new(digest, b"at_x").digest()
    half = base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()
    assert claims_for(portal(id_token_signed_response_alg=alg)).members["at_hash"] == half


def test_an_unknown_algorithm_has_no_half_hash() -> None:
    with pytest.raises(ValueError, match="XX256"):
        half_hash("at_x", "XX256")


def test_the_example_of_the_specification_comes_out_right() -> None:
    """OpenID Connect Core A.3."""
    token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    assert half_hash(token, "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_a_datum_about_the_person_never_passes_for_a_protocol_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = ("iss", "sub", "aud", "exp", "iat", "nonce", "at_hash", "auth_time", "acr", "amr", "sid")
    given = {**dict.fromkeys(protocol, "evil"), "email": "e"}
    monkeypatch.setattr(id_token, "id_token_claims", lambda *_: given)
    members = claims_for().members
    assert members["email"] == "e"
    assert "evil" not in members.values()


def test_a_pairwise_client_learns_a_subject_of_its_own() -> None:
    members = claims_for(portal(subject_type=SubjectType.PAIRWISE, sector_identifier="x.example")).members
    assert members["sub"] != "sub-1"
    assert "sub-1" not in str(members)


def test_an_id_token_says_nothing_about_the_person_that_was_not_asked() -> None:
    text = str(claims_for(scope=("openid",)).members)
    for secret in ("191212121212", "Anna", "anna@example.se", "+4670", "10012345"):
        assert secret not in text


def test_a_retired_key_does_not_sign() -> None:
    from dataclasses import replace

    retired = Keyring(keys=tuple(replace(key, retires_at=NOW) for key in KEYRING.keys))
    memory = InMemory()
    live = memory.grants.find_live(memory.grant().id, NOW)
    assert live is not None
    with pytest.raises(NoSigningKey):
        issue_id_token(
            live, portal(), replace(TOKEN_ISSUER, keyring=retired), NOW,
            scope=frozenset({"openid"}), access_token="at_x", nonce=None,
        )  # fmt: skip


def test_an_id_token_is_no_reference() -> None:
    assert REFERENCE_TOKENS.read_access_token(token_for()) is None


def test_authlibs_reader_takes_every_id_token_and_notices_another_access_token() -> None:
    """An independent judge of the claims (OpenID Connect Core 3.1.3.7), by every algorithm."""
    for alg in SIGNING_ALGS:
        claims = claims_for(portal(id_token_signed_response_alg=alg))
        params = {"nonce": "n", "client_id": "minasidor", "access_token": "at_x", "max_age": 60}
        options = {"iss": {"value": ISSUER}, "aud": {"value": "minasidor"}}
        CodeIDToken(claims.members, claims.header, options, params).validate(now=NOW.timestamp())
        for name, wrong in (("access_token", "at_y"), ("nonce", "other"), ("client_id", "other")):
            with pytest.raises(ClaimError):
                CodeIDToken(claims.members, claims.header, None, {**params, name: wrong}).validate(NOW.timestamp())
