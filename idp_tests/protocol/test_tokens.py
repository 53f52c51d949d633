"""Codes, tokens and UserInfo: what the certification plans do not ask, by HTTP."""

import json
from typing import Any

import pytest

from idp_tests.provider import Provider
from idp_tests.relying_party import RelyingParty, basic, change, error_of, press_continue


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
