"""What holds for every answer that a browser gets, whoever asked for what; the tests' browsers check it at each step."""

import re
from urllib.parse import parse_qsl, urlsplit

from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from idp_tests.client_side import ISSUER

_FORM = re.compile(r'<input type="hidden" name="(code|error|iss)" value="([^"]*)"')


def check_page_headers(headers: Headers) -> None:
    """No frame around it, no script from elsewhere, no copy on disk (OpenID Connect Core 3.1.2.1; RFC 9700 4.16)."""
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}


def check_answer(response: TestResponse) -> None:
    """A page has the headers of a page, a redirect repeats no form, and an authorization response names the issuer once."""
    if response.mimetype == "text/html":
        check_page_headers(response.headers)
        _check_issuer(_FORM.findall(response.get_data(as_text=True)))
    location = response.headers.get("Location")
    if location is not None:
        assert response.status_code in {303, 308}, "307 would send what was typed to the next address (RFC 9700 4.12)"
        assert response.status_code == 303 or response.request.method in {"GET", "HEAD"}
        assert response.headers["Cache-Control"] == "no-store"
        _check_issuer(parse_qsl(urlsplit(location).query, keep_blank_values=True))


def _check_issuer(members: list[tuple[str, str]]) -> None:
    """A client that talks to several providers knows by it whose answer it got (RFC 9207 2)."""
    if {"code", "error"} & {name for name, _ in members}:
        assert [value for name, value in members if name == "iss"] == [ISSUER]
