"""R-25, R-29 to R-32, R-41 to R-49: hosts, methods, origins, sizes, kinds of body and paths that nobody honest sends."""

import gzip
from collections.abc import Mapping
from functools import partial

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import ISSUER
from idp_tests.relying_party import FORM, PARTNER_SECRET

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
    {"X-Forwarded-For": "203.0.113.66"},
    {"X-Forwarded-For": "evil, 203.0.113.66"},
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


@each("path", PUBLISHED)
@each("headers", HOSTS, name=host_id)
def test_what_we_publish_does_not_depend_on_the_callers_headers(
    target: Target, path: str, headers: dict[str, str]
) -> None:
    honest = target.get(path)
    spoilt = target.http.get(path, headers=headers, base_url=ISSUER)
    assert spoilt.get_data() == honest.get_data()
    assert spoilt.headers["ETag"] == honest.headers["ETag"]
    assert spoilt.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in spoilt.headers


@each("headers", HOSTS, name=host_id)
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


@each("headers", HOSTS, name=host_id)
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


@each("path", EVERYWHERE)
@each("method", METHODS)
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


@each("path", PROGRAMS)
@each("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
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


@each("path", [*PROGRAMS, "/authorize", "/logout"])
@each("kind", KINDS, name=lambda kind: str(kind)[:40])
def test_a_body_of_another_kind_is_not_read(target: Target, path: str, kind: str | None) -> None:
    body = b"client_id=partner&client_secret=" + PARTNER_SECRET.encode() + b"&token=x"
    target.strike(partial(target.post, path, body, content_type=kind), status={400, 401})


@each("path", [*PROGRAMS, "/authorize", "/logout"])
@each("body", [b"{}", b"[]", b"null", b'{"client_id":"partner","client_secret":"x"}', b"\x00" * 100, b"\xff\xfe\x00", b"<a/>",
     b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--", b"=", b"&&&&", b"a", b";" * 500, b"%", b"%zz=%zz",
     gzip.compress(b"client_id=partner", mtime=0), b"\r\n\r\nGET / HTTP/1.1", b"a=b;c=d", b"%u0061=b"], name=lambda body: ascii(body)[2:30])  # fmt: skip
def test_a_body_of_nonsense_is_refused(target: Target, path: str, body: bytes) -> None:
    told = None if path == "/logout" else 1
    target.strike(partial(target.post, path, body), status={303, 400, 401}, told=told)


@each("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip", "x"])
@each("path", PROGRAMS)
def test_a_compressed_body_is_not_unpacked(target: Target, path: str, encoding: str) -> None:
    bomb = gzip.compress(b"client_id=" + b"a" * 5_000_000, mtime=0)
    target.strike(
        partial(target.post, path, bomb, {"Content-Encoding": encoding}),
        status={400, 401, 415},
        error={"invalid_request", "invalid_client"},
    )


@each("path", PROGRAMS)
def test_a_body_beyond_the_limit_is_not_read(target: Target, path: str) -> None:
    body = b"client_id=partner&x=" + b"a" * 70_000
    target.strike(partial(target.post, path, body), status=413, error="invalid_request")


@each("path", ["/authorize", "/logout"])
def test_a_browsers_body_beyond_the_limit_is_told_on_a_page(target: Target, path: str) -> None:
    target.strike(partial(target.post, path, b"x=" + b"a" * 70_000), status={400, 413})


@each("length", ["-1", "abc", "99999999999999999999", "1e3", "0x10", "+5", " 5"])
@each("path", PROGRAMS)
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


@each("count", [51, 100, 1_000, 10_000])
@each("path", [*PROGRAMS, "/authorize", "/logout"])
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


@each("name, value", HEADERS, name=ascii)
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


@each("path", PATHS, name=lambda path: path[:40])
@each("method", ["GET", "POST"])
def test_a_path_that_is_nearly_one_of_ours_leads_nowhere(target: Target, path: str, method: str) -> None:
    with target.unchanged():
        response = target.http.open(path, method=method, base_url=ISSUER)
    target.check_answer(response)
    assert response.status_code in {200, 303, 308, 400, 401, 403, 404, 405}
    text = response.get_data(as_text=True)
    assert "root:" not in text
    assert "[database]" not in text
    assert "PRIVATE KEY" not in text
