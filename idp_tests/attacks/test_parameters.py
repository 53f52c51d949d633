"""R-05 to R-07: repeated, misspelt, mistyped and unknown parameters at the endpoints that read them."""

from functools import partial
from typing import Any

from idp_tests.attacks.target import Pairs, Target
from idp_tests.cases import each
from idp_tests.relying_party import PARTNER_SECRET

AUTHORIZE = (
    "client_id", "response_type", "redirect_uri", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method", "response_mode", "prompt", "max_age", "display", "ui_locales", "acr_values",
    "login_hint", "id_token_hint", "claims", "request", "request_uri", "registration", "dpop_jkt",
    "https://id.oidc.se/param/userMessage", "claims_locales", "audience", "foo",
)  # fmt: skip
VALUES = {
    "response_mode": "query",
    "prompt": "login",
    "max_age": "60",
    "display": "page",
    "ui_locales": "sv",
    "acr_values": "x",
    "claims": "{}",
}


@each("name", AUTHORIZE)
@each("second", ["same", "another", "empty", "first empty"])
def test_a_parameter_stands_once(target: Target, name: str, second: str) -> None:
    """RFC 6749 3.1: two readers of one request could read two requests."""
    question = target.question("partner", **{name: VALUES.get(name, target.question("partner").get(name, "v"))})
    value = question[name]
    other = {"same": value, "another": "https://evil.example/", "empty": "", "first empty": value}[second]
    pairs: Pairs = [*question.items(), (name, other)]
    if second == "first empty":
        pairs = [(name, ""), *question.items()]
    response = target.strike(lambda: target.get("/authorize", pairs), status={303, 400})
    if "Location" in response.headers:
        assert "error=invalid_request" in response.headers["Location"]
    else:
        assert name in {"client_id", "redirect_uri"}


@each("name", AUTHORIZE)
def test_a_parameter_stands_once_when_posted_too(target: Target, name: str) -> None:
    question = target.question("partner", **{name: VALUES.get(name, target.question("partner").get(name, "v"))})
    pairs: Pairs = [*question.items(), (name, "another")]
    target.strike(lambda: target.post("/authorize", pairs), status={303, 400})


@each("name", AUTHORIZE)
def test_a_parameter_stands_once_when_pushed(target: Target, name: str) -> None:
    question = target.question("partner", **{name: VALUES.get(name, target.question("partner").get(name, "v"))})
    pairs: Pairs = [*question.items(), ("client_secret", PARTNER_SECRET), (name, "another")]
    target.strike(lambda: target.post("/par", pairs), status=400, error="invalid_request")


TOKEN = (
    "grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "refresh_token", "scope",
    "client_assertion", "client_assertion_type", "foo",
)  # fmt: skip


@each("name", TOKEN)
@each("value", ["", "another"])
def test_a_parameter_stands_once_at_the_token_endpoint(target: Target, name: str, value: str) -> None:
    form = {**target.code_form("ac_x", "partner"), "client_id": "partner", "client_secret": PARTNER_SECRET}
    pairs: Pairs = [*form.items(), *([] if name in form else [(name, "v")]), (name, value)]
    target.strike(lambda: target.post("/token", pairs), status=400, error="invalid_request")


@each("path", ["/introspect", "/revoke"])
@each("name", ["token", "token_type_hint", "client_id", "client_secret"])
def test_a_parameter_stands_once_where_tokens_are_asked_about(target: Target, path: str, name: str) -> None:
    form = {"token": "at_x", "token_type_hint": "y", "client_id": "partner", "client_secret": PARTNER_SECRET}
    target.strike(lambda: target.post(path, [*form.items(), (name, "z")]), status=400, error="invalid_request")


@each("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales", "logout_hint"])
def test_a_parameter_stands_once_at_logout(target: Target, name: str) -> None:
    target.strike(lambda: target.get("/logout", [(name, "a"), (name, "b")]), status=400)


@each("spelling", ["{}[]", "{}[0]", "{}[x]", " {}", "{} ", "{}\t", "\n{}", "X-{}", "amp;{}", "?{}"])
@each("name", ["redirect_uri", "client_id", "response_type", "code_challenge_method"])
def test_a_name_in_another_spelling_is_another_name(target: Target, spelling: str, name: str) -> None:
    """The real parameter is left out, so that reading the other one would be noticed."""
    question = target.question("partner", **{name: None})
    value = target.question("partner")[name]
    query = {**question, spelling.format(name): value}
    response = target.strike(lambda: target.get("/authorize", query), status={303, 400})
    assert "code=" not in response.headers.get("Location", "")


@each("name", ["redirect_uri", "client_id"])
def test_a_name_in_other_letters_is_another_name(target: Target, name: str) -> None:
    for other in (name.upper(), name.title(), name.replace("_", "-"), name.replace("_", "")):
        query = {**target.question("partner", **{name: None}), other: target.question("partner")[name]}
        target.strike(partial(target.get, "/authorize", query), status=400)


def test_an_empty_foreign_parameter_beside_an_honest_request_is_ignored(target: Target) -> None:
    """R-06, and the control of this file: the honest request is answered."""
    query = {**target.question("minasidor"), "foo": "", "code": "x", "iss": "https://evil.example", "error": "x"}
    response = target.anna.client.get("/authorize", query_string=query, base_url="https://id.example")
    assert response.headers["Location"].startswith("https://minasidor.example/cb?")
    assert "evil" not in response.headers["Location"]


WRONG_TYPES: tuple[tuple[str, str], ...] = (
    ("scope", " "), ("scope", "a" * 7000), ("scope", "openid\tprofile"), ("scope", "openid\nprofile"),
    ("scope", 'openid "'), ("scope", "openid \\"), ("scope", "öpenid"), ("scope", "OPENID"), ("scope", "openid,profile"),
    ("scope", "openid\u00a0profile"), ("scope", " ".join(f"s{n}" for n in range(60)) + " openid"),
    ("response_type", "code "), ("response_type", " code"), ("response_type", "CODE"), ("response_type", "code token"),
    ("response_type", "code id_token"), ("response_type", "id_token"), ("response_type", "token"),
    ("response_type", "id_token token"), ("response_type", "none"), ("response_type", "code code"),
    ("response_type", "code\n"), ("response_type", "c\u00f6de"),
    ("response_mode", "fragment"), ("response_mode", "query.jwt"), ("response_mode", "jwt"),
    ("response_mode", "form_post.jwt"), ("response_mode", "web_message"), ("response_mode", "QUERY"),
    ("response_mode", "query "), ("response_mode", "<script>"),
    ("prompt", "nonsense"), ("prompt", "none login"), ("prompt", "login none"), ("prompt", "LOGIN"),
    ("prompt", "login,consent"), ("prompt", "login consent select_account create none"), ("prompt", "login\t"),
    ("max_age", "-1"), ("max_age", "1.5"), ("max_age", "1e3"), ("max_age", "+1"), ("max_age", "0x10"),
    ("max_age", "٣"), ("max_age", "9" * 20), ("max_age", "NaN"), ("max_age", "null"), ("max_age", "1 "),
    ("claims", "{"), ("claims", "[]"), ("claims", "null"), ("claims", "1"), ("claims", '"x"'),
    ("claims", '{"userinfo": []}'), ("claims", '{"userinfo": {"name": 1}}'), ("claims", '{"userinfo": {"name": []}}'),
    ("claims", '{"userinfo": {"name": {"essential": "yes"}}}'), ("claims", '{"userinfo": {"name": {"values": "x"}}}'),
    ("claims", '{"userinfo": {"name": {"value": {}}}}'), ("claims", '{"userinfo": {"name": {"value": NaN}}}'),
    ("claims", '{"id_token": {"sub": null, "sub": null}}'), ("claims", '{"userinfo": {}, "userinfo": {}}'),
    ("claims", '{"userinfo": {"name": {"value": "\\ud800"}}}'), ("claims", '{"userinfo": {"name": {"value": "\\u0000"}}}'),
    ("claims", "[" * 2000), ("claims", '{"userinfo":' + "[" * 300 + "]" * 300 + "}"),
    ("claims", '{"userinfo": {"name": {"value": 1e400}}}'), ("claims", '{"id_token": {"acr": {"essential": true, "value": "x"}}}'),
    ("code_challenge", "short"), ("code_challenge", "a" * 42), ("code_challenge", "a" * 44), ("code_challenge", "a" * 128),
    ("code_challenge", "a" * 42 + "="), ("code_challenge", "a" * 42 + "+"), ("code_challenge", "a" * 42 + "/"),
    ("code_challenge", "a" * 42 + "\n"), ("code_challenge", "ä" * 43), ("code_challenge", "a" * 42 + "~"),
    ("code_challenge_method", "plain"), ("code_challenge_method", "s256"), ("code_challenge_method", "S512"),
    ("code_challenge_method", "none"), ("code_challenge_method", "S256 "), ("code_challenge_method", "S256 plain"),
    ("dpop_jkt", "x"), ("dpop_jkt", "a" * 44), ("dpop_jkt", "a" * 42 + "="), ("dpop_jkt", "ä" * 43),
    ("login_hint", "1" * 257), ("resource", "https://api.example/"), ("resource", "not a uri"), ("resource", "#"),
    ("state", "s" * 2049), ("nonce", "n" * 2049), ("registration", "{}"), ("request", "a.b.c"),
    ("request", "https://evil.example/"), ("request_uri", "https://evil.example/r.jwt"),
    ("id_token_hint", "x"), ("id_token_hint", "a.b.c"), ("id_token_hint", "a" * 7000),
)  # fmt: skip


@each("name, value", WRONG_TYPES, name=ascii)
def test_a_value_of_another_kind_is_refused_to_the_client(target: Target, name: str, value: str) -> None:
    """R-07; silence is asked for, so that nothing but the value can be the reason."""
    wishes = {} if name == "prompt" else {"prompt": "none"}
    query = target.question("minasidor", **wishes, **{name: value})
    with_cookies = target.anna

    def send() -> Any:
        return with_cookies.client.get("/authorize", query_string=query, base_url="https://id.example")

    response = target.strike(send, status=303)
    assert "error=" in response.headers["Location"]
    assert "code=" not in response.headers["Location"]


UNREADABLE: tuple[bytes, ...] = (
    b"client_id=%FF", b"client_id=%C3%28", b"%FF=x", b"client_id=%ED%A0%80", b"client_id=\xff\xfe", b"client_id=%00",
    b"a=%00", b"%00=a", b"a=\x00", b"a" * 9000, b"&".join(b"a%d=1" % n for n in range(60)), b"state=%F5%80%80%80",
    b"client_id=%C0%80",
)  # fmt: skip


@each("query", UNREADABLE, name=lambda query: ascii(query)[2:40])
@each("path", ["/authorize", "/logout"])
def test_a_query_that_cannot_be_read_is_told_on_a_page(target: Target, path: str, query: bytes) -> None:
    target.strike(lambda: target.get(path, query.decode("latin-1")), status=400)


@each("body", UNREADABLE, name=lambda body: ascii(body)[2:40])
@each("path", ["/token", "/par", "/introspect", "/revoke"])
def test_a_form_that_cannot_be_read_is_refused(target: Target, path: str, body: bytes) -> None:
    target.strike(lambda: target.post(path, body), status={400, 401}, error={"invalid_request", "invalid_client"})


@each("path", ["/token", "/par", "/introspect", "/revoke"])
def test_parameters_of_a_query_do_not_count_for_a_program(target: Target, path: str) -> None:
    """RFC 6749 2.3.1: credentials never travel in an address."""
    from urllib.parse import urlencode

    for client_id in ("minasidor", "partner", "mittprezero"):
        query = urlencode({**target.credentials(client_id), **target.question(client_id), "token": "x"})
        target.strike(
            partial(target.post, f"{path}?{query}", {"grant_type": "authorization_code"}),
            status=401,
            error="invalid_client",
        )
