from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.core.oidc.clients.client import Client, SecurityProfile
from idp.core.oidc.errors import Refused
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.tokens.access_token import choose_scope, find_access_token, issue_access_token
from idp.core.oidc.tokens.grant import LiveGrant
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.client_side import ISSUER, ProofKey
from idp_tests.tokens import CLIENT_KEYS, KEYRING, TOKEN_ISSUER, InMemory, portal, read

API = "https://api.example"
JKT = ProofKey().jkt


def live(**grant: Any) -> LiveGrant:
    memory = InMemory()
    found = memory.grants.find_live(memory.grant(**grant).id, NOW)
    assert found is not None
    return found


def issue(
    given: LiveGrant,
    *resources: str,
    client: Client | None = None,
    jkt: str | None = None,
    scope: tuple[str, ...] | None = None,
) -> str:
    return issue_access_token(
        given, client or portal(), TOKEN_ISSUER, NOW, scope=scope or given.grant.scope, resources=resources, jkt=jkt
    ).value


def test_an_opaque_token_leads_to_its_grant() -> None:
    given = live()
    reference = find_access_token(issue(given), TOKEN_ISSUER, NOW)
    assert reference is not None
    assert (reference.grant_id, reference.jkt, reference.resources) == (given.grant.id, None, ())


def test_a_signed_token_leads_to_its_grant_too() -> None:
    given = live()
    reference = find_access_token(issue(given, API, jkt=JKT), TOKEN_ISSUER, NOW)
    assert reference is not None
    assert (reference.grant_id, reference.jkt, reference.resources) == (given.grant.id, JKT, (API,))


def test_an_access_token_lives_for_the_clients_time() -> None:
    client = portal(access_token_lifetime=timedelta(minutes=3))
    for token in (issue(live(), client=client), issue(live(), API, client=client)):
        last = NOW + timedelta(minutes=3)
        assert find_access_token(token, TOKEN_ISSUER, last - timedelta(seconds=1)) is not None
        assert find_access_token(token, TOKEN_ISSUER, last) is None


def test_the_default_life_is_ten_minutes() -> None:
    assert (
        issue_access_token(live(), portal(), TOKEN_ISSUER, NOW, scope=("openid",), resources=(), jkt=None).expires_in
        == 600
    )


def test_a_signed_token_has_what_an_api_needs() -> None:
    given = live(scope=("openid", "customer"))
    claims = read(issue(given, API, jkt=JKT))
    assert claims.header == {"alg": "ES256", "kid": KEYRING.signer("ES256", NOW).kid, "typ": "at+jwt"}
    jti = claims.members["jti"]
    assert dict(claims.members) == {
        "iss": ISSUER,
        "sub": "sub-1",
        "aud": API,
        "client_id": "minasidor",
        "scope": "openid customer",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=10)).timestamp()),
        "jti": jti,
        "auth_time": int(given.authentication.at.timestamp()),
        "acr": given.authentication.acr,
        "amr": ["swk", "mfa"],
        "cnf": {"jkt": JKT},
        "customer_number": "10012345",
    }
    assert find_access_token(jti, TOKEN_ISSUER, NOW) is None


def test_the_customer_goes_along_only_with_its_scope() -> None:
    assert "customer_number" not in read(issue(live(), API)).members


def test_the_swedish_profile_has_opaque_tokens_only() -> None:
    assert issue(live(), API, client=portal(security_profile=SecurityProfile.SWEDEN)).startswith("at_")


@each("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_every_algorithm_signs_access_tokens(alg: str) -> None:
    token = issue(live(), API, client=portal(id_token_signed_response_alg=alg))
    assert read(token).header["kid"] == KEYRING.signer(alg, NOW).kid
    assert find_access_token(token, TOKEN_ISSUER, NOW) is not None


@each("typ", [None, "JWT", "logout+jwt", "x"])
def test_a_token_of_another_type_is_no_access_token(typ: str | None) -> None:
    claims = read(issue(live(), API)).members
    signer = KEYRING.signer("ES256", NOW)
    assert find_access_token(jose.sign(typ, claims, signer.key, "ES256", signer.kid), TOKEN_ISSUER, NOW) is None


def test_another_issuer_or_key_makes_no_access_token() -> None:
    claims = dict(read(issue(live(), API)).members)
    signer = KEYRING.signer("ES256", NOW)
    foreign = jose.sign("at+jwt", {**claims, "iss": "https://other.example"}, signer.key, "ES256", signer.kid)
    forged = jose.sign("at+jwt", claims, CLIENT_KEYS["ES256"], "ES256", signer.kid)
    without = jose.sign("at+jwt", {**claims, "jti": "x"}, signer.key, "ES256", signer.kid)
    assert [find_access_token(token, TOKEN_ISSUER, NOW) for token in (foreign, forged, without)] == [None] * 3


@each("text", ["", "x", "at_", "a.b.c", "..", "å", "x" * 100_000])
def test_garbage_is_no_access_token(text: str) -> None:
    assert find_access_token(text, TOKEN_ISSUER, NOW) is None


def test_scopes_are_given_in_the_order_of_the_grant() -> None:
    granted = ("openid", "email", "phone")
    assert choose_scope(None, granted) == granted
    assert choose_scope("phone openid", granted) == ("openid", "phone")
    assert choose_scope("phone email openid", granted) == granted
    for wider in ("profile", "openid  email", "OPENID", "openid profile"):
        with pytest.raises(Refused):
            choose_scope(wider, granted)


def test_making_tokens_imports_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing an RSA key costs a hundred signatures."""
    given, client = live(), portal(id_token_signed_response_alg="RS256")
    for kind in (RSAKey, ECKey, OKPKey):
        monkeypatch.setattr(kind, "import_key", None)
    assert issue(given, API, client=client)


def test_opaque_tokens_are_unguessable_and_differ() -> None:
    given = live()
    tokens = {issue(given) for _ in range(1000)}
    assert len(tokens) == 1000
    assert min(map(len, tokens)) > 60


def test_a_token_is_not_shown() -> None:
    issued = issue_access_token(live(), portal(), TOKEN_ISSUER, NOW, scope=("openid",), resources=(), jkt=None)
    assert issued.value not in repr(issued)
    assert replace(issued, token_type="x").value == issued.value


def test_authlibs_reader_takes_every_signed_access_token() -> None:
    """An independent judge of the claims (RFC 9068 2.2), by every algorithm."""
    essential = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")
    options: Any = {name: {"essential": True} for name in essential} | {"aud": {"essential": True, "value": API}}
    for alg in SIGNING_ALGS:
        claims = read(issue(live(), API, client=portal(id_token_signed_response_alg=alg)))
        JWTAccessTokenClaims(claims.members, claims.header, options).validate(now=NOW.timestamp())
