from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import RelyingParty

PORTAL, PARTNER, EVIL = "https://minasidor.example", "https://partner.example", "https://evil.example"


def allowed(response: object) -> str | None:
    headers = response.headers  # type: ignore[attr-defined]
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Origin" in headers.get("Vary", "")
    value: str | None = headers.get("Access-Control-Allow-Origin")
    return value


def test_a_preflight_is_answered_for_registered_origins_only(provider: Provider) -> None:
    http = RelyingParty(provider).http
    for path in ("/token", "/userinfo", "/revoke"):
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop,authorization"}
        yes = http.options(path, headers={"Origin": PORTAL, **asked}, base_url=ISSUER)
        assert (yes.status_code, allowed(yes)) == (204, PORTAL)
        assert "POST" in yes.headers["Access-Control-Allow-Methods"]
        assert {"Authorization", "Content-Type", "DPoP"} <= set(yes.headers["Access-Control-Allow-Headers"].split(", "))
        assert yes.headers["Access-Control-Max-Age"] == "3600"
        for origin in (EVIL, "null", PORTAL + ".evil.example", "http://minasidor.example", PORTAL + ":8443", ""):
            no = http.options(path, headers={"Origin": origin, **asked}, base_url=ISSUER)
            assert (no.status_code, allowed(no)) == (204, None)
            assert "Access-Control-Allow-Methods" not in no.headers


def test_only_the_calling_clients_own_pages_read_the_answer(provider: Provider) -> None:
    rp = RelyingParty(provider)
    for origin, readable in ((PORTAL, PORTAL), (PARTNER, None), (EVIL, None)):
        response = rp.call("/token", {"Origin": origin}, grant_type="authorization_code")
        assert allowed(response) == readable


def test_a_refusal_before_the_client_is_known_is_readable_by_registered_pages(provider: Provider) -> None:
    rp = RelyingParty(provider)
    response = rp.post("/token", {"grant_type": "x"}, {"Origin": PARTNER})
    assert allowed(response) == PARTNER
    assert "WWW-Authenticate" in response.headers["Access-Control-Expose-Headers"]
    assert allowed(rp.post("/token", {"grant_type": "x"}, {"Origin": EVIL})) is None


def test_userinfo_is_readable_by_the_tokens_client(provider: Provider) -> None:
    token = provider.browser().first_login().redeem().get_json()["access_token"]
    rp = RelyingParty(provider)
    assert allowed(rp.userinfo(token, Origin=PORTAL)) == PORTAL
    assert allowed(rp.userinfo(token, Origin=PARTNER)) is None
    assert allowed(rp.userinfo("wrong", Origin=PARTNER)) == PARTNER
