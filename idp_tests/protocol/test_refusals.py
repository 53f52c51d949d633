"""What a refusal tells: in production a code that we can look up and nothing else; in test mode what is wrong and how to mend it."""

import html
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider, restarted
from idp_tests.relying_party import PARTNER_SECRET, RelyingParty, basic, error_of

ELSEWHERE = "https://partner.example/elsewhere"
AUTHORIZE = {"client_id": "partner", "redirect_uri": "https://partner.example/cb", "response_type": "code"}


@pytest.fixture
def talking(provider: Provider) -> Iterator[Provider]:
    """The provider in test mode."""
    with restarted(provider, talks_to_developers=True) as again:
        yield again


def token_request(provider: Provider, headers: dict[str, str] | None = None, **form: str) -> TestResponse:
    form = {"grant_type": "authorization_code", "code": "ac_x", "redirect_uri": ELSEWHERE, **form}
    return RelyingParty(provider).post("/token", form, headers)


def open_page(provider: Provider, path: str, **query: str) -> TestResponse:
    return provider.app.test_client().get(path, query_string=query, base_url=ISSUER)


REFUSED: dict[str, Callable[[Provider], TestResponse]] = {
    "/token": lambda op: token_request(op, basic("partner", "wrong")),
    "/par": lambda op: RelyingParty(op).post("/par", AUTHORIZE, basic()),
    "/introspect": lambda op: RelyingParty(op).post("/introspect", {"token": "x"}),
    "/revoke": lambda op: RelyingParty(op).post("/revoke", {"token": "x"}),
    "/userinfo": lambda op: RelyingParty(op).userinfo("at_x"),
    "/authorize to the client": lambda op: open_page(op, "/authorize", **AUTHORIZE),
    "/authorize on a page": lambda op: open_page(op, "/authorize", **AUTHORIZE | {"redirect_uri": ELSEWHERE}),
    "/logout": lambda op: open_page(op, "/logout", client_id="partner", post_logout_redirect_uri=ELSEWHERE),
}


@each("ask", REFUSED)
def test_every_refusal_has_a_code_that_leads_to_its_reason(provider: Provider, ask: Callable[[Provider], Any]) -> None:
    response = ask(provider)
    code = response.headers["Error-Code"]
    with provider.app.app_context():
        facts = provider.parts.store.incidents.find(code)
    assert facts is not None
    assert facts["error"]
    if response.mimetype == "application/json":
        assert error_of(response) == facts["error"]
    elif response.status_code == 303:
        told = parse_qs(urlsplit(response.headers["Location"]).query)
        assert told["error_description"] == [f"{facts['description']} (error code {code})"]
    else:
        assert code in response.get_data(as_text=True)


def test_an_answer_that_is_nobodys_mistake_has_no_code(provider: Provider) -> None:
    pkce = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    response = open_page(provider, "/authorize", **AUTHORIZE, **pkce, scope="openid", prompt="none")
    assert parse_qs(urlsplit(response.headers["Location"]).query)["error"] == ["login_required"]
    assert "Error-Code" not in response.headers
    assert provider.scalar("SELECT count(*) FROM incidents") == 0


def test_in_production_who_cannot_prove_itself_learns_nothing(provider: Provider) -> None:
    """An unknown client, a wrong secret and a method that is not registered: the same bytes but for the code."""
    answers = [
        token_request(provider, client_id=client_id, client_secret=secret)
        for client_id, secret in (
            ("partner", "wrong"),
            ("nobody", PARTNER_SECRET),
            ("minasidor", "x"),
            ("mittprezero", "x"),
        )
    ]
    told = {
        (answer.status_code, answer.get_data(as_text=True).replace(answer.headers["Error-Code"], "CODE"))
        for answer in answers
    }
    assert len(told) == 1
    assert {len(answer.headers["Error-Code"]) for answer in answers} == {8}


def test_in_production_nothing_that_was_sent_is_told_or_kept(provider: Provider) -> None:
    answer = token_request(provider, basic(), resource="https://canary.example")
    assert "canary" not in answer.get_data(as_text=True)
    assert "canary" not in str(provider.scalar("SELECT facts FROM incidents"))


EXPLAINED: dict[str, tuple[Callable[[Provider], TestResponse], tuple[str, ...]]] = {
    "unknown client": (
        lambda op: token_request(op, client_id="nobody", client_secret="x"),
        ("sent: nobody", "there is no file nobody.toml"),
    ),
    "wrong secret": (
        lambda op: token_request(op, basic("partner", "wrong")),
        ("wrong secret", "a secret of 5 characters was read", "sha256sum"),
    ),
    "another method": (
        lambda op: token_request(op, client_id="minasidor", client_secret="x"),
        (
            "sent: client_secret_post",
            "registered: private_key_jwt",
            "token_endpoint_auth_methods = ['private_key_jwt', ",
        ),
    ),
    "resource": (
        lambda op: token_request(op, basic(), resource="https://api.example"),
        ("sent: https://api.example", "registered: nothing", "resources = ['https://api.example']"),
    ),
    "redirect URI in a pushed request": (
        lambda op: RelyingParty(op).post("/par", AUTHORIZE | {"redirect_uri": ELSEWHERE}, basic()),
        (
            f"sent: {ELSEWHERE}",
            "registered: https://partner.example/cb",
            "redirect_uris = ['https://partner.example/cb'",
        ),
    ),
    "introspection without a secret": (
        lambda op: RelyingParty(op).post("/introspect", {"token": "x", "client_id": "mittprezero"}),
        ("keeps no secret", "register the API as a client with a key or a secret"),
    ),
    "a token that is none": (lambda op: RelyingParty(op).userinfo("at_x"), ("no access token of ours, or expired",)),
}


@each("ask, said", EXPLAINED)
def test_in_test_mode_a_program_is_told_what_to_mend(
    talking: Provider, ask: Callable[[Provider], TestResponse], said: tuple[str, ...]
) -> None:
    description = ask(talking).get_json()["error_description"]
    for text in said:
        assert text in description


def test_in_test_mode_another_redirect_uri_than_the_requests_is_named(talking: Provider) -> None:
    browser = talking.browser().first_login()
    party = RelyingParty(talking)
    form = browser.code_form(redirect_uri="https://minasidor.example/other")
    description = party.post("/token", {**form, **party.credentials}).get_json()["error_description"]
    assert "sent: https://minasidor.example/other; expected: https://minasidor.example/cb" in description


PAGES: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "redirect URI": ("/authorize", AUTHORIZE | {"redirect_uri": ELSEWHERE}, ("redirect_uris = [", ELSEWHERE)),
    "unknown client": ("/authorize", AUTHORIZE | {"client_id": "nobody"}, ("there is no file nobody.toml",)),
    "logout address": (
        "/logout",
        {"client_id": "partner", "post_logout_redirect_uri": ELSEWHERE},
        ("registered: nothing", "post_logout_redirect_uris = ["),
    ),
}


@each("path, query, said", PAGES)
def test_in_test_mode_a_page_tells_the_same(
    talking: Provider, path: str, query: dict[str, str], said: tuple[str, ...]
) -> None:
    page = html.unescape(open_page(talking, path, **query).get_data(as_text=True))
    for text in said:
        assert text in page


def test_in_test_mode_a_redirect_tells_the_same_in_the_characters_it_may_have(talking: Provider) -> None:
    query = AUTHORIZE | {"scope": "openid", "resource": 'https://"api".example/å', "code_challenge_method": "S256"}
    query["code_challenge"] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    [told] = parse_qs(urlsplit(open_page(talking, "/authorize", **query).headers["Location"]).query)[
        "error_description"
    ]
    assert "sent: https://'api'.example/?" in told
    assert told.isascii()
