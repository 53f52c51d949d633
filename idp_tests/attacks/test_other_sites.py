"""R-30 and R-31: what pages of other sites may read, and that what is cached cannot be poisoned."""

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import ISSUER

PUBLISHED = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks.json")

ORIGINS = (
    "https://evil.example", "null", "https://minasidor.example.evil.example", "https://evilminasidor.example",
    "https://minasidor.example:8443", "http://minasidor.example", "https://MINASIDOR.example", "https://minasidor.example/",
    "https://minasidor.example.", "https://a.minasidor.example", "file://", "chrome-extension://abc", "app://x", "*", "",
    "https://id.example.evil.example", "https://minasidor.example https://evil.example", "http://localhost", "http://127.0.0.1:1234",
    "https://minasidor.example\\evil", "data:", "undefined", "https://[::1]",
)  # fmt: skip


@each("origin", ORIGINS, name=ascii)
@each("path", ["/token", "/userinfo", "/revoke", "/par"])
def test_a_page_of_another_site_reads_nothing(target: Target, path: str, origin: str) -> None:
    """R-31: neither with a preflight nor without one; never with cookies."""
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop"}
    asked = target.http.options(path, headers=preflight, base_url=ISSUER)
    called = target.post(path, {"client_id": "mittprezero"}, {"Origin": origin})
    for response in (asked, called):
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Origin" in response.headers["Vary"]


@each("path", ["/authorize", "/logout", "/signin/x", "/introspect", "/livez", "/nowhere"])
def test_an_endpoint_that_scripts_have_no_business_at_answers_no_preflight(target: Target, path: str) -> None:
    for origin in ("https://minasidor.example", "https://evil.example"):
        response = target.http.options(
            path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}, base_url=ISSUER
        )
        assert "Access-Control-Allow-Origin" not in response.headers


@each("path", PUBLISHED)
def test_what_is_public_is_readable_everywhere_and_never_with_cookies(target: Target, path: str) -> None:
    response = target.get(path, Origin="https://evil.example")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


@each("path", PUBLISHED)
@each("query", ["?x=1", "?callback=evil", "?Host=evil", "?%0d%0aSet-Cookie:x=y", "?" + "a" * 5_000])
def test_a_cached_answer_cannot_be_poisoned(target: Target, path: str, query: str) -> None:
    honest, spoilt = target.get(path), target.http.get(f"{path}{query}", base_url=ISSUER)
    assert spoilt.get_data() == honest.get_data()
    assert dict(spoilt.headers).keys() == dict(honest.headers).keys()


def test_the_key_set_holds_no_private_member(target: Target) -> None:
    for key in target.get("/jwks.json").get_json()["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k", "oth"} & key.keys()
