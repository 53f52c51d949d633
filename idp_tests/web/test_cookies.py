from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from flask import Request
from structlog.testing import capture_logs
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from idp.web.cookies import Cookie, Cookies, digest, new_secret
from idp_tests.cases import each

SECURE, ON_LOOPBACK = Cookies(secure=True), Cookies(secure=False)


def sent(header: str) -> Request:
    return Request(EnvironBuilder(headers=Headers({"Cookie": header})).get_environ())


def written(cookies: Cookies, cookie: Cookie, value: str = "v") -> str:
    response = Response()
    cookies.write(response, cookie, value)
    return response.headers["Set-Cookie"]


@each("cookie", list(Cookie))
def test_every_cookie_is_ours_alone_unseen_by_scripts_and_not_sent_from_other_sites(cookie: Cookie) -> None:
    header = written(SECURE, cookie)
    assert header.startswith(f"__Host-{cookie}=v;")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in header.split("; ")
    assert "Domain" not in header


def test_on_loopback_without_tls_the_prefix_and_secure_are_left_out() -> None:
    header = written(ON_LOOPBACK, Cookie.BROWSER)
    assert header.startswith("idp-browser=v;")
    assert "Secure" not in header.split("; ")


@pytest.mark.parametrize(
    ("cookie", "lives"),
    [(Cookie.SESSION, None), (Cookie.BROWSER, timedelta(days=1)), (Cookie.LANGUAGE, timedelta(days=365))],
)
def test_a_session_ends_with_the_browser_and_others_by_themselves(cookie: Cookie, lives: timedelta | None) -> None:
    [morsel] = SimpleCookie(written(SECURE, cookie)).values()
    assert morsel["max-age"] == ("" if lives is None else str(int(lives.total_seconds())))


def test_what_is_written_is_read_and_what_is_erased_is_gone() -> None:
    assert SECURE.read(sent("__Host-browser=secret"), Cookie.BROWSER) == "secret"
    assert SECURE.read(sent("__Host-other=secret"), Cookie.BROWSER) is None
    response = Response()
    SECURE.erase(response, Cookie.BROWSER)
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert response.headers["Set-Cookie"].startswith("__Host-browser=;")


@each(
    "header",
    {
        "twice": "__Host-browser=one; __Host-browser=two",
        "empty": "__Host-browser=",
        "longer than any of ours": f"__Host-browser={'x' * 129}",
        "without the prefix": "browser=secret",
    },
)
def test_a_cookie_that_may_shadow_ours_counts_as_absent(header: str) -> None:
    assert SECURE.read(sent(header), Cookie.BROWSER) is None


def test_who_shadows_a_cookie_is_told_of_without_its_value() -> None:
    with capture_logs() as lines:
        SECURE.read(sent("__Host-session=secret; __Host-session=planted"), Cookie.SESSION)
        SECURE.read(sent("__Host-session=secret"), Cookie.SESSION)
    assert lines == [{"event": "cookie sent twice", "cookie": "session", "log_level": "warning"}]


def test_each_group_of_single_sign_on_has_a_session_cookie_of_another_name() -> None:
    names = {SECURE.name(Cookie.SESSION, group) for group in ("prezero", "partner", "")}
    assert len(names) == 3
    assert SECURE.read(sent(f"{SECURE.name(Cookie.SESSION, 'prezero')}=s"), Cookie.SESSION, "partner") is None


def test_a_secret_has_256_bits_and_only_its_hash_is_kept() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) == 43
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
