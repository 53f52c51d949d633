"""What reaches the authorization endpoint is read raw and within limits; the rest is a page, never a redirect or a crash."""

from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import CLIENT_SIDES

REQUEST = CLIENT_SIDES["minasidor"].authorization_request(nonce=None)
FORM = "application/x-www-form-urlencoded"


def get(provider: Provider, query: str | bytes) -> TestResponse:
    return provider.app.test_client().get("/authorize", query_string=query, base_url=ISSUER)


def post(provider: Provider, body: bytes, content_type: str = FORM) -> TestResponse:
    return provider.app.test_client().post("/authorize", data=body, content_type=content_type, base_url=ISSUER)


def assert_page(response: TestResponse, status: int = 400) -> None:
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert "Location" not in response.headers


@each(
    "query",
    [
        b"client_id=%ff",
        b"client_id=minasidor&state=%C3%28",
        b"client_id=minasidor&state=%00",
        b"client_id=minasidor&" + b"&".join(b"a%d=1" % n for n in range(51)),
        b"client_id=minasidor&state=" + b"x" * 8200,
        b"",
        b"&&&===",
        b"client_id=minasidor&client_id=minasidor",
    ],
)
def test_an_unreadable_query_is_a_page(provider: Provider, query: bytes) -> None:
    assert_page(get(provider, query.decode("latin-1")))


@each(
    "body, content_type",
    [
        (urlencode(REQUEST).encode(), "text/plain"),
        (urlencode(REQUEST).encode(), "application/json"),
        (urlencode(REQUEST).encode(), ""),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (b"state=%ff", FORM),
        (b"state=" + b"x" * 70_000, FORM),
    ],
)
def test_an_unreadable_body_is_a_page(provider: Provider, body: bytes, content_type: str) -> None:
    assert_page(post(provider, body, content_type))


def test_get_and_post_say_the_same(provider: Provider) -> None:
    """A POST goes on as a GET of ours, which carries the cookies that the browser withheld (SameSite=Lax)."""
    posted = post(provider, urlencode(REQUEST).encode())
    assert posted.status_code == 303
    address, _, query = posted.headers["Location"].partition("?")
    assert address == "/authorize"
    for response in (get(provider, urlencode(REQUEST)), get(provider, query)):
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/signin/")


def test_a_post_is_read_from_its_body_only(provider: Provider) -> None:
    response = provider.app.test_client().post(
        "/authorize", query_string=REQUEST, data=b"", content_type=FORM, base_url=ISSUER
    )
    assert_page(response)


@each(
    "changes",
    [
        {"redirect_uri": 'https://minasidor.example/cb"'},
        {"redirect_uri": "https://minasidor.example/åäö"},
        {"client_id": 'x"<script>'},
        {"client_id": "åäö"},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
def test_odd_letters_before_trust_are_a_page_without_echo(provider: Provider, changes: dict[str, str]) -> None:
    """Error descriptions built from input once made these an error 500."""
    response = get(provider, urlencode({**REQUEST, **changes}))
    assert_page(response)
    for value in changes.values():
        assert value not in response.get_data(as_text=True)


@pytest.mark.each_database
@each("changes", [{"response_type": 'code"'}, {"response_type": "åäö"}, {"scope": 'a"\\'}, {"prompt": "é"}])
def test_odd_letters_after_trust_go_back_as_an_error(provider: Provider, changes: dict[str, str]) -> None:
    response = get(provider, urlencode({**REQUEST, **changes}))
    assert response.status_code == 303
    location = response.headers["Location"]
    assert location.startswith("https://minasidor.example/cb?error=")
    assert "state=a%20state" in location
    assert "iss=https%3A%2F%2Fid.example" in location
    assert location.isascii()


def test_an_error_by_form_post_is_a_page_that_posts_itself(provider: Provider) -> None:
    response = get(provider, urlencode({**REQUEST, "response_mode": "form_post", "scope": "x", "state": 'a b&c"d<e>'}))
    assert response.status_code == 200
    page = response.get_data(as_text=True)
    assert 'value="invalid_scope"' in page
    assert "a b&amp;c&#34;d&lt;e&gt;" in page
    assert "https://minasidor.example" in response.headers["Content-Security-Policy"]


def test_host_and_scheme_of_the_request_change_nothing(provider: Provider) -> None:
    """Behind a proxy that ends TLS the request looks like http to us; that once made every call an error 500."""
    response = provider.app.test_client().get(
        "/authorize", query_string=REQUEST | {"scope": "x"}, base_url="http://10.0.0.5:8000"
    )
    assert "iss=https%3A%2F%2Fid.example" in response.headers["Location"]
