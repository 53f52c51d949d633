"""What the tests' browsers look at in each answer (`idp_tests/answers.py`): a wrong one is noticed, whoever gets it."""

from collections.abc import Mapping

import pytest
from werkzeug import Request, Response
from werkzeug.test import Client, TestResponse

from idp_tests.answers import check_answer
from idp_tests.cases import each
from idp_tests.provider import Provider

POLICY = "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'"
PAGE = {
    "Content-Type": "text/html",
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
GONE = {"Cache-Control": "no-store"}
BACK = "https://rp.example/cb"


def _answer(status: int, headers: Mapping[str, str], body: str = "", method: str = "GET") -> TestResponse:
    @Request.application
    def answer(_: Request) -> Response:
        return Response(body, status, dict(headers))

    return Client(answer).open("/", method=method)


def _is_noticed(answer: TestResponse) -> bool:
    try:
        check_answer(answer)
    except (AssertionError, KeyError):
        return True
    return False


def test_right_answers_pass() -> None:
    check_answer(_answer(200, PAGE, "<p>"))
    check_answer(_answer(303, GONE | {"Location": f"{BACK}?code=x&iss=https%3A%2F%2Fid.example"}, method="POST"))
    check_answer(_answer(303, GONE | {"Location": "/signin/x"}, method="POST"))
    check_answer(_answer(200, {"Content-Type": "application/json"}, "{}"))


@each("name", [name for name in PAGE if name != "Content-Type"])
@each("value", [None, "x"])
def test_a_page_that_can_be_framed_or_kept_is_noticed(name: str, value: str | None) -> None:
    headers = {**PAGE, name: value} if value else {other: said for other, said in PAGE.items() if other != name}
    assert _is_noticed(_answer(200, {key: said for key, said in headers.items() if said}))


@each("rule", POLICY.split("; "))
def test_a_policy_without_one_of_its_rules_is_noticed(rule: str) -> None:
    assert _is_noticed(_answer(200, PAGE | {"Content-Security-Policy": POLICY.replace(rule, "x")}))
    assert _is_noticed(_answer(200, PAGE | {"Content-Security-Policy": POLICY + "; style-src 'unsafe-inline'"}))


@each("query", ["code=x", "error=x", "code=x&iss=https%3A%2F%2Fevil.example", "code=x&iss=https%3A%2F%2Fid.example&iss=",
                "error=x&iss=https%3A%2F%2Fid.example%2F"])  # fmt: skip
def test_an_answer_without_the_issuer_or_with_two_is_noticed(query: str) -> None:
    assert _is_noticed(_answer(303, GONE | {"Location": f"{BACK}?{query}"}))


def test_a_page_that_posts_an_answer_without_the_issuer_is_noticed() -> None:
    assert _is_noticed(_answer(200, PAGE, '<input type="hidden" name="code" value="x">'))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_that_repeats_a_form_is_noticed(status: int) -> None:
    assert _is_noticed(_answer(status, GONE | {"Location": "/signin/x"}, method="POST"))
    assert _is_noticed(_answer(303, {"Location": "/signin/x"}, method="POST")), "it may be kept"


def test_every_step_of_a_browser_is_looked_at(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr("idp_tests.browser.check_answer", lambda answer: seen.append(answer.status_code))
    provider.browser().first_login()
    assert len(seen) >= 12
    assert set(seen) == {200, 303}
