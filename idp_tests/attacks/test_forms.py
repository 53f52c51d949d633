"""R-23 and R-24: a form of ours counts only from a page of ours, in the browser it was made for."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from idp_tests.attacks.stages import Stage, Stages
from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import ISSUER

NAMES = ("start", "cancel", "leave", "stay", "link", "register", "again", "choose", "consent", "logout", "confirm",
         "send_code", "code", "identify_again", "disown", "freeze", "ask_new", "take_back", "decline_new",
         "ask", "answer", "invited")  # fmt: skip


@pytest.fixture(scope="module")
def stages(target: Target) -> Stages:
    """All of them made before the first blow, so that none changes rows in the middle of one."""
    made = Stages(target)
    for name in NAMES:
        made.named(name)
    for name in ("choose", "consent"):  # seen lately, for a session notes its use once a minute
        seen = made.named(name)
        seen.browser.client.get(seen.action, headers=seen.browser.headers, base_url=ISSUER)
    return made


OF_PROGRAMS = frozenset({"token", "par", "introspection", "revocation", "userinfo", "dynamic_registration"})
"""Views that believe credentials and no cookie."""
HARMLESS_POSTS = {
    "authorize.posted": "another site's right: the request is kept and opened by a GET (test_authorize.py)",
    "logout.posted_end_session": "another site's right: the person is asked (test_id_token_hints.py)",
    "bankid_address_probe.answer": "writes nothing and knows nobody (test_address_probe.py)",
}


def test_every_form_of_ours_is_among_these(target: Target, stages: Stages) -> None:
    """A new form is attacked as soon as it exists, or its author says here why it need not be."""
    paths = target.provider.app.url_map
    posted = {rule.endpoint for rule in paths.iter_rules() if "POST" in (rule.methods or ())}
    forms = {one for one in posted if one.partition(".")[0] not in OF_PROGRAMS} - HARMLESS_POSTS.keys()
    match = paths.bind("id.example").match
    assert forms == {match(stages.named(name).action, method="POST")[0] for name in NAMES}


@pytest.fixture(scope="module")
def stranger(target: Target) -> Any:
    """Another person's browser, with its own cookies and form token."""
    return target.provider.browser().authorize()


Blow = Callable[[Stage, Any], Any]


def _with(**changes: str) -> Blow:
    return lambda stage, _: stage.send(fields={**stage.fields, **changes})


def _headed(**headers: str) -> Blow:
    return lambda stage, _: stage.send(headers={name.replace("_", "-"): value for name, value in headers.items()})


def _without_token(stage: Stage, _: Any) -> Any:
    return stage.send(fields={name: value for name, value in stage.fields.items() if name != "csrf_token"})


def _token_in_the_address(stage: Stage, _: Any) -> Any:
    fields = {name: value for name, value in stage.fields.items() if name != "csrf_token"}
    return stage.send(fields=fields, query_string={"csrf_token": stage.token})


def _token_of_a_stranger(stage: Stage, stranger: Any) -> Any:
    import re

    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.page)
    assert token is not None
    return stage.send(fields={**stage.fields, "csrf_token": token[1]})


def _body(text: Callable[[Stage], str], content_type: str | None) -> Blow:
    return lambda stage, _: stage.send(data=text(stage), content_type=content_type)


def _encoded(stage: Stage) -> str:
    from urllib.parse import urlencode

    return urlencode(stage.fields)


def _json(stage: Stage, _: Any) -> Any:
    return stage.send(json=dict(stage.fields))


def _no_cookies(stage: Stage, _: Any) -> Any:
    return stage.send(client=stage.browser.provider.app.test_client(use_cookies=False))


def _strangers_cookies(stage: Stage, stranger: Any) -> Any:
    return stage.send(client=stranger.client)


def _strangers_cookies_and_token(stage: Stage, stranger: Any) -> Any:
    import re

    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.page)
    assert token is not None
    return stage.send(fields={**stage.fields, "csrf_token": token[1]}, client=stranger.client)


def _shadowed_cookie(stage: Stage, _: Any) -> Any:
    """The right cookies twice: somebody who may write to our domain tries to decide which counts (RFC 6265bis 8.6)."""
    cookies = "; ".join(f"{c.key}={c.value}" for c in stage.browser.client._cookies.values())  # type: ignore[union-attr]
    client = stage.browser.provider.app.test_client(use_cookies=False)
    return stage.send(client=client, headers={"Cookie": f"{cookies}; {cookies}"})


BLOWS: Mapping[str, Blow] = {
    "no token": _without_token,
    "an empty token": _with(csrf_token=""),
    "garbage for a token": _with(csrf_token="x"),
    "a token that says null": _with(csrf_token="null"),
    "an unsigned token": _with(csrf_token="IjAxMjM0NTY3ODlhYmNkZWYi.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"),
    "a token beyond ASCII": _with(csrf_token="å" * 40),
    "a very long token": _with(csrf_token="t" * 20_000),
    "the token in the address": _token_in_the_address,
    "a stranger's token": _token_of_a_stranger,
    "no cookies": _no_cookies,
    "a stranger's cookies": _strangers_cookies,
    "a stranger's cookies and token": _strangers_cookies_and_token,
    "every cookie twice": _shadowed_cookie,
    "another site's page": _headed(Origin="https://evil.example"),
    "a page without origin": _headed(Origin="null"),
    "our host by http": _headed(Origin="http://id.example"),
    "our host on another port": _headed(Origin="https://id.example:8443"),
    "a host below ours": _headed(Origin="https://evil.id.example"),
    "a host that begins like ours": _headed(Origin="https://id.example.evil.example"),
    "our host in capitals": _headed(Origin="https://ID.EXAMPLE"),
    "two origins": _headed(Origin=f"{ISSUER} https://evil.example"),
    "an empty origin": _headed(Origin=""),
    "a relying party's page": _headed(Origin="https://minasidor.example"),
    "a cross-site request": _headed(Sec_Fetch_Site="cross-site"),
    "a same-site request": _headed(Sec_Fetch_Site="same-site"),
    "an unknown kind of request": _headed(Sec_Fetch_Site="evil"),
    "a text": _body(_encoded, "text/plain"),
    "a text that looks like JSON": _body(lambda stage: '{"csrf_token":"' + stage.token + '"}', "text/plain"),
    "no content type": _body(_encoded, None),
    "JSON": _json,
    "XML": _body(lambda stage: "<a/>", "application/xml"),
    "an empty body": _body(lambda stage: "", "application/x-www-form-urlencoded"),
}


MEANT = {
    ("confirm", "every cookie twice"): "no cookie of this page opens anything: the letter's proof does",
    ("confirm", "a stranger's cookies and token"): "the letter may be opened in any browser",
    ("disown", "every cookie twice"): "as above",
    ("disown", "a stranger's cookies and token"): "as above",
    ("freeze", "every cookie twice"): "the notice may be opened in any browser",
    ("freeze", "a stranger's cookies and token"): "the notice may be opened in any browser",
    ("invited", "every cookie twice"): "as above",
    ("invited", "a stranger's cookies and token"): "as above",
    ("answer", "every cookie twice"): "nobody is logged in, so the page asks for BankID",
    ("answer", "a stranger's cookies and token"): "the letter may be opened in any browser, which asks for BankID",
}
HARMLESS = {("logout", "every cookie twice"), ("logout", "a stranger's cookies and token")}
"""Answered, since a browser without a session logs nobody out."""


@each("name, blow", [(name, blow) for name in NAMES for blow in BLOWS if (name, blow) not in MEANT])
def test_a_form_from_elsewhere_does_nothing(
    target: Target, stages: Stages, stranger: Any, name: str, blow: str
) -> None:
    harmless = (name, blow) in HARMLESS
    response = target.strike(
        partial(BLOWS[blow], stages.named(name), stranger),
        status=200 if harmless else {400, 403},
        told=0 if harmless else 1,
    )
    assert "Location" not in response.headers


@each("kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed"])
@each("name", NAMES)
def test_no_form_comes_in_parts(target: Target, stages: Stages, name: str, kind: str) -> None:
    """R-45: no page of ours sends files, so the parser for them is never reached."""
    stage = stages.named(name)
    if kind == "multipart/form-data":
        send = partial(stage.send, content_type=kind)
    else:
        send = partial(stage.send, data=b"--x\r\n\r\n--x--\r\n", content_type=kind)
    target.strike(send, status={400, 403, 415})


@each("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"])
@each("name", NAMES)
def test_a_form_is_only_posted(target: Target, stages: Stages, name: str, method: str) -> None:
    """Also when a header or a field asks to treat it as a POST."""
    stage = stages.named(name)
    headers = {**stage.browser.headers, "X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"}
    with target.unchanged(frozenset({"sessions"}) if method == "GET" else frozenset()):  # a page notes when it was seen
        response = stage.browser.client.open(
            stage.action,
            method=method,
            query_string={**stage.fields, "_method": "POST"},
            headers=headers,
            base_url=ISSUER,
        )
    target.check_answer(response)
    assert response.status_code in {200, 303, 404, 405}


@each("name", [name for name in NAMES if name not in {"logout", "confirm", "disown", "answer", "freeze", "invited"}])
def test_the_id_in_the_address_opens_nothing(target: Target, stages: Stages, stranger: Any, name: str) -> None:
    """Every page of an interaction, seen by another browser that has its own."""
    base = "/".join(stages.named(name).action.split("/")[:3])
    for page in (
        "",
        "/bankid",
        "/link",
        "/contact_code",
        "/approval",
        "/register",
        "/again",
        "/choose",
        "/consent",
        "/return_to_app",
        "/bankid/status",
    ):
        send = partial(stranger.client.get, f"{base}{page}", headers=stranger.headers, base_url=ISSUER)
        target.strike(send, status=400)


@each("page", ["", "/bankid", "/link", "/contact_code", "/approval", "/register", "/again", "/choose", "/consent", "/return_to_app",
                                  "/bankid/status", "/bankid/back"])  # fmt: skip
@each("interaction_id", ["x", "..", "%2e%2e", "%00", "' OR 1=1 --", "å", "A" * 500, "a/b", "*", "0"])
def test_an_id_that_nobody_got_opens_nothing(target: Target, interaction_id: str, page: str) -> None:
    response = target.strike(
        partial(target.get, f"/signin/{interaction_id}{page}"), status={200, 308, 400, 404}, told=None
    )
    assert "Location" not in response.headers
    if response.status_code == 200:
        assert page == "/bankid/back"


@each("name", ["choose", "consent", "link", "register", "start"])
@each("value", ["", "x", "å" * 300, "' OR 1=1 --", "\x01", "<b>", "../..", "a" * 30_000, "\u202e"])
def test_a_value_that_no_page_offers_moves_nobody_on(target: Target, stages: Stages, name: str, value: str) -> None:
    stage = stages.named(name)
    field = {"choose": "customer", "consent": "answer", "link": "customer_number", "register": "email"}.get(
        name, "launch"
    )
    with target.unchanged(frozenset({"interactions"})):
        response = stage.send(fields={**stage.fields, field: value})
    target.check_answer(response)
    assert response.status_code in {200, 400, 422}


@each("name", NAMES)
def test_the_honest_form_moves_on(target: Target, stages: Stages, name: str) -> None:
    """The control, and the end of these browsers' way."""
    stage = stages.named(name)
    before = target.rows()
    response = stage.send(headers={"Origin": ISSUER, "Sec-Fetch-Site": "same-origin"})
    target.check_answer(response)
    assert response.status_code in ({422} if name == "code" else {200, 303})  # nobody was sent a code: a try is paid
    assert target.rows() != before or name == "invited"  # the browser has a cookie more, and goes to log in
    target.provider.collect()  # starts the orders that were asked for, so that the next one started is somebody else's


PROOFS = (
    "", "x", "ac_AAAA", "at_AAAA", "a.b.c", "' OR 1=1 --", "\0", "å", "p" * 5_000, "{}x", "x{}", "{} ", "{}=", "{0}{0}",
)  # fmt: skip


@each("letter, page", [("confirm", "/confirm-email"), ("disown", "/not-me"), ("freeze", "/freeze")])
@each("proof", PROOFS, name=lambda text: ascii(text)[1:20])
def test_a_letters_proof_is_nobody_elses_to_make(
    target: Target, stages: Stages, proof: str, letter: str, page: str
) -> None:
    stage = stages.named(letter)
    forged = proof.format(stage.fields["proof"]) if "{" in proof else proof
    with target.unchanged():
        response = stage.send(fields={**stage.fields, "proof": forged})
        shown = target.get(page, {"proof": forged})
    for answer in (response, shown):
        target.check_answer(answer)
        assert answer.status_code == 400
        assert "anna@example.se" not in answer.get_data(as_text=True)
