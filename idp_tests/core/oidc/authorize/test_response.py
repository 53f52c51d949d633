"""Answers to the client: the address unchanged, every parameter there, always with our name."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from idp.core.oidc.authorize.response import error_response, redirect_origin, success_response
from idp.core.oidc.errors import Redirected, ReplyTo, ResponseMode
from idp_tests.cases import each

ISSUER = "https://id.example"


def reply_to(
    uri: str = "https://rp.example/cb", state: str | None = "s", mode: ResponseMode = ResponseMode.QUERY
) -> ReplyTo:
    return ReplyTo(client_id="rp", redirect_uri=uri, response_mode=mode, state=state)


def test_success_has_code_state_and_iss() -> None:
    response = success_response(reply_to(), "the-code", ISSUER)
    assert response.parameters == (("code", "the-code"), ("state", "s"), ("iss", ISSUER))
    assert response.location == "https://rp.example/cb?code=the-code&state=s&iss=https%3A%2F%2Fid.example"


def test_an_error_has_description_state_and_iss_but_no_detail() -> None:
    error = Redirected(code="access_denied", description="No", detail="secret reason", reply_to=reply_to())
    response = error_response(error, ISSUER)
    assert dict(response.parameters) == {
        "error": "access_denied",
        "error_description": "No",
        "state": "s",
        "iss": ISSUER,
    }
    assert "secret" not in response.location


def test_without_state_none_is_sent() -> None:
    assert "state" not in dict(success_response(reply_to(state=None), "c", ISSUER).parameters)


@each(
    "uri, prefix",
    [
        ("https://rp.example/cb", "https://rp.example/cb?"),
        ("https://rp.example/cb?", "https://rp.example/cb?"),
        ("https://rp.example/cb?x=1", "https://rp.example/cb?x=1&"),
        ("https://rp.example/cb?x=1&", "https://rp.example/cb?x=1&"),
        ("https://rp.example/cb?x=%2f&y=+a", "https://rp.example/cb?x=%2f&y=+a&"),
        ("https://rp.example", "https://rp.example?"),
        ("https://RP.example:443/%7ecb//", "https://RP.example:443/%7ecb//?"),
        ("se.example.app:/cb", "se.example.app:/cb?"),
        ("http://[::1]:5050/cb", "http://[::1]:5050/cb?"),
    ],
)
def test_the_registered_address_comes_back_byte_for_byte(uri: Any, prefix: Any) -> None:
    assert success_response(reply_to(uri), "c", ISSUER).location.startswith(f"{prefix}code=c&")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100))
def test_any_state_arrives_as_it_was_sent(state: Any) -> None:
    location = success_response(reply_to(state=state), "c", ISSUER).location
    assert dict(parse_qsl(urlsplit(location).query, keep_blank_values=True, strict_parsing=True))["state"] == state
    assert location.isascii()
    assert not any(character in location for character in "\r\n\t \"'<>")


def test_a_form_has_the_values_unescaped() -> None:
    response = success_response(reply_to(state='a b&c"d', mode=ResponseMode.FORM_POST), "c", ISSUER)
    assert (response.reply_to.redirect_uri, response.parameters) == (
        "https://rp.example/cb",
        (("code", "c"), ("state", 'a b&c"d'), ("iss", ISSUER)),
    )


@each(
    "uri, origin",
    [
        ("https://rp.example/cb?x=1", "https://rp.example"),
        ("https://rp.example:8443/cb", "https://rp.example:8443"),
        ("http://127.0.0.1:5050/cb", "http://127.0.0.1:5050"),
        ("se.example.app:/cb", "se.example.app:"),
    ],
)
def test_the_origin_is_what_a_page_needs_to_let_its_form_end_there(uri: Any, origin: Any) -> None:
    assert redirect_origin(uri) == origin
    assert success_response(reply_to(uri), "c", ISSUER).origin == origin
