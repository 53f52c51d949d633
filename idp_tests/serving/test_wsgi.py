"""The application's side: an environment that cannot be forged, and answers with one length."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from idp.serving.http1 import Request
from idp.serving.wsgi import Answer, base_environment, call, environment
from idp_tests.cases import each

BASE = base_environment("127.0.0.1", 8000, "http")


def request(**given: Any) -> Request:
    usual = {
        "method": "GET",
        "authority": None,
        "path": "/",
        "query": "",
        "version": "HTTP/1.1",
        "fields": {"host": "id.example"},
        "persists": True,
    }
    return Request(**usual | given)


def answer(status: str, fields: list[tuple[str, str]], body: Iterable[bytes], method: str = "GET") -> Answer:
    def application(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(status, fields)
        return body

    return call(application, environment(request(method=method), "192.0.2.1", BASE))


def test_an_environment_says_who_asks_for_what() -> None:
    environ = environment(
        request(
            method="POST", path="/a%20b", query="c=%20", length=3, body=b"abc", fields={"content-type": "text/plain"}
        ),
        "192.0.2.1",
        BASE,
    )
    assert (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]) == ("POST", "/a b", "c=%20")
    assert (environ["REMOTE_ADDR"], environ["CONTENT_LENGTH"], environ["CONTENT_TYPE"]) == (
        "192.0.2.1",
        "3",
        "text/plain",
    )
    assert environ["wsgi.input"].read() == b"abc"
    assert environ["wsgi.errors"] is sys.stderr


def test_a_field_cannot_take_the_place_of_one_that_the_proxy_overwrites() -> None:
    environ = environment(request(fields={"x_forwarded_for": "a", "x-forwarded-for": "b"}), "192.0.2.1", BASE)
    assert environ["HTTP_X_FORWARDED_FOR"] == "b"
    assert "a" not in environ.values()


def test_an_absolute_target_names_the_host() -> None:
    """RFC 9112 3.2.2."""
    environ = environment(request(authority="other.example"), "192.0.2.1", BASE)
    assert environ["HTTP_HOST"] == "other.example"


def test_an_answer_has_one_length_and_it_is_true() -> None:
    said = answer("200 OK", [("Content-Length", "99"), ("A", "b")], [b"abc", b"d"])
    assert said == Answer("200 OK", [("A", "b"), ("Content-Length", "4")], b"abcd")


def test_an_answer_to_head_keeps_the_length_that_get_would_have() -> None:
    assert answer("200 OK", [("Content-Length", "99")], [], "HEAD") == Answer("200 OK", [("Content-Length", "99")], b"")


@each("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_body_has_no_length(status: str) -> None:
    assert answer(status, [("Content-Length", "0")], [b""]) == Answer(status, [], b"")


def test_what_the_application_gives_is_closed_also_when_it_breaks() -> None:
    closed: list[bool] = []

    class Pieces:
        def __iter__(self) -> Any:
            raise RuntimeError("broken")

        def close(self) -> None:
            closed.append(True)

    with pytest.raises(RuntimeError, match="broken"):
        answer("200 OK", [], Pieces())
    assert closed == [True]
