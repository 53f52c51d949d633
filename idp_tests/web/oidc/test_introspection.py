from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import RelyingParty, change, error_of

API = "https://api.example"


def test_an_api_asks_about_a_token(provider: Provider) -> None:
    token = provider.browser().first_login(scope="openid email").redeem().get_json()["access_token"]
    rp = RelyingParty(provider)
    response = rp.call("/introspect", token=token, token_type_hint="refresh_token")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    body = response.get_json()
    assert (body["active"], body["client_id"], body["scope"]) == (True, "minasidor", "openid email")


def test_what_is_not_for_the_asker_is_inactive_and_nothing_else(provider: Provider) -> None:
    token = provider.browser().first_login().redeem().get_json()["access_token"]
    partner = RelyingParty(provider, "partner")
    for text in (token, "x", "at_x", "a.b.c"):
        response = partner.call("/introspect", token=text)
        assert response.get_data(as_text=True).split() == ['{"active":false}']


def test_an_api_checks_tokens_for_its_audience(provider: Provider) -> None:
    change(provider, "minasidor", resources=frozenset({API}))
    change(provider, "partner", introspection_audiences=frozenset({API}))
    token = provider.browser().first_login(resource=API).redeem(resource=API).get_json()["access_token"]
    body = RelyingParty(provider, "partner").call("/introspect", token=token).get_json()
    assert (body["active"], body["aud"], body["client_id"]) == (True, API, "minasidor")


def test_the_answer_is_signed_when_asked_for(provider: Provider) -> None:
    rp = RelyingParty(provider)
    media_type = "application/token-introspection+jwt"
    for accept, signed in ((media_type, True), (f"{media_type};q=0.9, */*", True), ("*/*", False), ("", False)):
        response = rp.call("/introspect", {"Accept": accept}, token="x")
        assert response.mimetype == (media_type if signed else "application/json")
        if signed:
            claims = rp.read(response.get_data(as_text=True))
            assert claims.header["typ"] == "token-introspection+jwt"
            assert claims.members["token_introspection"] == {"active": False}
            assert (claims.members["iss"], claims.members["aud"]) == (ISSUER, "minasidor")


def test_nobody_asks_without_proof(provider: Provider) -> None:
    app = RelyingParty(provider, "mittprezero")
    response = app.call("/introspect", token="x")
    assert (response.status_code, error_of(response)) == (401, "invalid_client")
    assert error_of(app.post("/introspect", {"token": "x"})) == "invalid_client"


def test_the_token_is_needed(provider: Provider) -> None:
    assert error_of(RelyingParty(provider).call("/introspect")) == "invalid_request"


def test_an_answer_is_not_for_other_sites_scripts(provider: Provider) -> None:
    response = RelyingParty(provider).call("/introspect", {"Origin": "https://minasidor.example"}, token="x")
    assert "Access-Control-Allow-Origin" not in response.headers
