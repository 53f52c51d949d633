"""Basic OP: codes, tokens and UserInfo, as the certification plan asks (OpenID Connect Core)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import RelyingParty, basic, change, error_of, press_continue

BOTH_GRANTS = frozenset({"authorization_code", "refresh_token"})


def test_oidcc_idtoken_signature(provider: Provider) -> None:
    """RS256 is the default of a client that registers nothing, and its key is published."""
    assert provider.parts.clients.find("partner").id_token_signed_response_alg == "RS256"  # type: ignore[union-attr]
    change(provider, "minasidor", id_token_signed_response_alg="RS256")
    token = provider.browser().first_login().redeem().get_json()["id_token"]
    claims = RelyingParty(provider).read(token)
    assert (claims.header["alg"], claims.members["nonce"]) == ("RS256", "a nonce")


def test_oidcc_idtoken_unsigned(provider: Provider) -> None:
    """No algorithm that signs nothing is offered for ID Tokens."""
    metadata = provider.browser().client.get("/.well-known/openid-configuration", base_url=ISSUER).get_json()
    assert "none" not in str(metadata["id_token_signing_alg_values_supported"])
    assert {"RS256", "ES256"} <= set(metadata["id_token_signing_alg_values_supported"])


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(provider: Provider) -> None:
    browser = provider.browser().first_login(nonce="")
    assert "nonce" not in RelyingParty(provider).read(browser.redeem().get_json()["id_token"]).members


def test_oidcc_userinfo_get_post_header_and_post_body(provider: Provider) -> None:
    """The subject is the ID Token's, whichever way the access token comes."""
    tokens = provider.browser().first_login().redeem().get_json()
    rp = RelyingParty(provider)
    sub = rp.read(tokens["id_token"]).members["sub"]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    answers = (
        rp.http.get("/userinfo", headers=bearer, base_url=ISSUER),
        rp.post("/userinfo", {}, bearer),
        rp.post("/userinfo", {"access_token": tokens["access_token"]}),
    )
    assert [answer.get_json() for answer in answers] == [{"sub": sub}] * 3


def test_oidcc_scopes(provider: Provider) -> None:
    """profile, email, phone and all of them; a scope that we do not have is ignored."""
    names = {"name", "given_name", "family_name", "birthdate", "updated_at"}
    opened = {
        "openid profile": names,
        "openid email": {"email", "email_verified"},
        "openid phone": {"phone_number", "phone_number_verified"},
        "openid address": set(),
        "openid profile email phone": names | {"email", "email_verified", "phone_number", "phone_number_verified"},
    }
    browser = provider.browser().first_login()
    rp = RelyingParty(provider)
    for scope, claims in opened.items():
        tokens = browser.authorize(scope=scope).redeem().get_json()
        userinfo = rp.userinfo(tokens["access_token"]).get_json()
        assert set(userinfo) == claims | {"sub"}, scope


def test_oidcc_claims_essential(provider: Provider) -> None:
    """A claim asked for by name comes from UserInfo without its scope."""
    browser = provider.browser().first_login(claims='{"userinfo": {"name": {"essential": true}}}')
    token = browser.redeem().get_json()["access_token"]
    assert RelyingParty(provider).userinfo(token).get_json()["name"] == "Anna Svensson"


def test_oidcc_codereuse(provider: Provider) -> None:
    """The second use is refused at once."""
    browser = provider.browser().first_login()
    assert browser.redeem().status_code == 200
    assert error_of(browser.redeem()) == "invalid_grant"


def test_oidcc_codereuse_30seconds(provider: Provider) -> None:
    """A use 30 s later is refused too, and ends what the first use gave (RFC 6749 4.1.2)."""
    browser = provider.browser().first_login()
    token = browser.redeem().get_json()["access_token"]
    provider.clock.advance(seconds=30)
    rp = RelyingParty(provider)
    assert rp.userinfo(token).status_code == 200
    assert error_of(browser.redeem()) == "invalid_grant"
    assert rp.userinfo(token).status_code == 401


def test_oidcc_server_client_secret_post_and_basic(provider: Provider) -> None:
    partner = RelyingParty(provider, "partner")
    browser = provider.browser().first_login()
    for headers, form in ((basic(), {}), ({}, partner.credentials)):
        browser.authorize("partner", prompt="login").identify()
        if browser.step == "consent":
            browser.submit("/consent", answer="allow")
        response = partner.post("/token", {**browser.code_form(), **form}, headers)
        claims = partner.read(response.get_json()["id_token"]).members
        assert (claims["iss"], claims["aud"]) == (ISSUER, "partner")


def test_oidcc_refresh_token(provider: Provider) -> None:
    """A refresh gives an access token, and an ID Token of the same login (OpenID Connect Core 12.2)."""
    change(provider, "minasidor", grant_types=BOTH_GRANTS, refresh_lifetime=timedelta(hours=1))
    first = provider.browser().first_login().redeem().get_json()
    rp = RelyingParty(provider)
    provider.clock.advance(minutes=5)
    second = rp.refresh(first["refresh_token"]).get_json()
    before, after = rp.read(first["id_token"]).members, rp.read(second["id_token"]).members
    assert second["access_token"] != first["access_token"]
    for name in ("iss", "sub", "aud", "auth_time", "acr", "amr"):
        assert after[name] == before[name]
    assert after["iat"] == before["iat"] + 300
    assert rp.userinfo(second["access_token"]).status_code == 200


def test_a_refresh_token_belongs_to_its_client(provider: Provider) -> None:
    """oidcc-refresh-token's second half: another client is refused, and the token still works for its own."""
    change(provider, "minasidor", grant_types=BOTH_GRANTS, refresh_lifetime=timedelta(hours=1))
    token = provider.browser().first_login().redeem().get_json()["refresh_token"]
    assert error_of(RelyingParty(provider, "partner").refresh(token)) == "invalid_grant"
    assert RelyingParty(provider).refresh(token).status_code == 200


@pytest.mark.each_database
def test_a_public_family_rotates_forgives_and_dies(provider: Provider) -> None:
    """RFC 9700 4.14: rotation, one idempotent retry, reuse ends the family; on the real rows."""
    app = RelyingParty(provider, "mittprezero")
    browser = press_continue(provider.browser().first_login("mittprezero"))
    first = browser.redeem("mittprezero").get_json()["refresh_token"]
    second = app.refresh(first).get_json()["refresh_token"]
    assert second != first
    assert app.refresh(first).get_json()["refresh_token"] == second
    provider.clock.advance(seconds=61)
    assert error_of(app.refresh(first)) == "invalid_grant"
    assert error_of(app.refresh(second)) == "invalid_grant"
    assert provider.scalar("select count(*) from audit where event = 'refresh_token.reused'") == 1


def test_a_code_is_good_for_an_hour_old_login(provider: Provider) -> None:
    """Single sign-on: the code's age counts from its own making, and auth_time stays true."""
    browser = provider.browser().first_login()
    rp = RelyingParty(provider)
    first = rp.read(browser.redeem().get_json()["id_token"]).members
    provider.clock.advance(minutes=25)
    second = rp.read(browser.authorize().redeem().get_json()["id_token"]).members
    assert second["auth_time"] == first["auth_time"] < second["iat"] - 1400


def test_a_code_runs_out_after_a_minute(provider: Provider) -> None:
    browser = provider.browser().first_login()
    provider.clock.advance(seconds=60)
    assert error_of(browser.redeem()) == "invalid_grant"


def test_nothing_token_like_is_stored(provider: Provider) -> None:
    """Neither codes nor tokens stand in any table, whole or hashed."""
    import hashlib

    browser = provider.browser().first_login()
    code = browser.answer["code"]
    tokens = browser.redeem().get_json()
    row = str(provider.scalar("select count(*) from grants"))
    assert row == "1"
    columns = {
        name: provider.scalar(f"select {name} from grants")
        for name in ("id", "code_challenge", "nonce", "redirect_uri", "generation")
    }
    for text in (code, tokens["access_token"], tokens["id_token"]):
        digest = hashlib.sha256(text.encode()).hexdigest()
        assert not any(text in str(value) or digest in str(value) for value in columns.values())


def test_a_resource_of_the_authorization_request_counts_for_the_whole_grant(provider: Provider) -> None:
    """One is used without being named again; of several one must be chosen (RFC 8707 2.1, 2.2)."""
    apis = ("https://api.example", "https://other-api.example")
    change(provider, "minasidor", resources=frozenset(apis))
    rp = RelyingParty(provider)
    browser = provider.browser().first_login(resource=apis[0])
    assert rp.read(browser.redeem().get_json()["access_token"]).members["aud"] == apis[0]
    several: Any = {"resource": apis}
    browser.authorize(**several)
    assert error_of(browser.redeem()) == "invalid_target"
    browser.authorize(**several)
    assert rp.read(browser.redeem(resource=apis[1]).get_json()["access_token"]).members["aud"] == apis[1]


def test_who_identified_the_person_is_told_to_others_only_where_they_ask(provider: Provider) -> None:
    """authnProvider: in every ID Token of our own clients, of others by the `claims` parameter (OIDC Core 5.5)."""
    name = "https://id.oidc.se/claim/authnProvider"
    rp = RelyingParty(provider, "partner")

    def of_partner(**parameters: str) -> dict[str, Any]:
        browser = provider.browser().authorize("partner", **parameters).identify()
        if browser.left_to is None:
            browser.submit("/consent", answer="allow")
        return dict(rp.read(rp.post("/token", browser.code_form(), basic()).get_json()["id_token"]).members)

    ours = provider.browser().first_login().redeem().get_json()["id_token"]
    assert rp.read(ours).members[name] == "https://www.bankid.com"
    assert name not in of_partner()
    assert of_partner(claims=json.dumps({"id_token": {name: None}}))[name] == "https://www.bankid.com"


def test_an_address_that_somebody_typed_is_not_told_to_others(provider: Provider) -> None:
    """A library that passes over email_verified would take the typist for the owner (OIDC Core 5.7)."""
    provider.browser().first_login()
    rp = RelyingParty(provider, "partner")
    browser = provider.browser().authorize("partner", scope="openid email phone").identify()
    tokens = rp.post("/token", browser.submit("/consent", answer="allow").code_form(), basic()).get_json()
    assert rp.userinfo(tokens["access_token"]).get_json().keys() == {"sub"}
