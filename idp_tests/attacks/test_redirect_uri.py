"""R-01 to R-04: whatever stands in `redirect_uri`, nobody is sent to an address that the client did not register."""

from functools import partial

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.vectors import LOCAL_FILE

REGISTERED = "https://partner.example/other?x=1"
MUTATIONS: tuple[str, ...] = (
    # a host of one's own
    "https://evil.example/other?x=1",
    "https://partner.example.evil.example/other?x=1",
    "https://evilpartner.example/other?x=1",
    "https://partner.example@evil.example/other?x=1",
    "https://partner.example:443@evil.example/other?x=1",
    "https://evil.example@partner.example/other?x=1",
    "https://user@partner.example/other?x=1",
    "https://user:pass@partner.example/other?x=1",
    "https://partner.example%40evil.example/other?x=1",
    "https://partner.example%2Eevil.example/other?x=1",
    "https://partner.example%00.evil.example/other?x=1",
    "https://partner.example%0d%0aevil.example/other?x=1",
    "https://partner.example\\@evil.example/other?x=1",
    "https://partner.example\\.evil.example/other?x=1",
    "https:\\\\partner.example\\other?x=1",
    "https:\\/\\/evil.example/other?x=1",
    "https://evil.example\\partner.example/other?x=1",
    "https://evil.example#partner.example/other?x=1",
    "https://evil.example?partner.example/other?x=1",
    "https://evil.example/partner.example/other?x=1",
    "https://evil.example;partner.example/other?x=1",
    "https://evil.example&partner.example/other?x=1",
    "//partner.example/other?x=1",
    "//evil.example/other?x=1",
    "///evil.example/other?x=1",
    "////evil.example/other?x=1",
    "/\\evil.example/other?x=1",
    "https:partner.example/other?x=1",
    "https:/partner.example/other?x=1",
    "https:///partner.example/other?x=1",
    "https:////evil.example/other?x=1",
    "https://localhost:80@evil.example/other?x=1",
    "https://[::1]@evil.example/other?x=1",
    "https://partner.example[evil.example]/other?x=1",
    "https://[partner.example]/other?x=1",
    # other spellings of the same host
    "https://PARTNER.example/other?x=1",
    "https://Partner.Example/other?x=1",
    "https://partner.EXAMPLE/other?x=1",
    "https://partner.example./other?x=1",
    "https://.partner.example/other?x=1",
    "https://www.partner.example/other?x=1",
    "https://partner..example/other?x=1",
    "https://partner.example:443/other?x=1",
    "https://partner.example:0443/other?x=1",
    "https://partner.example:/other?x=1",
    "https://partner.example:8443/other?x=1",
    "https://partner.example:99999/other?x=1",
    "https://partner.example:x/other?x=1",
    "https://pаrtner.example/other?x=1",
    "https://xn--prtner-eua.example/other?x=1",
    "https://ｐartner.example/other?x=1",
    "https://partner。example/other?x=1",
    "https://partner․example/other?x=1",
    "https://partner%2eexample/other?x=1",
    "https://%70artner.example/other?x=1",
    "https://partn\u00ader.example/other?x=1",
    "https://127.0.0.1/other?x=1",
    "https://0x7f000001/other?x=1",
    "https://017700000001/other?x=1",
    "https://2130706433/other?x=1",
    "https://[::ffff:127.0.0.1]/other?x=1",
    "https://169.254.169.254/other?x=1",
    # another scheme
    "HTTPS://partner.example/other?x=1",
    "Https://partner.example/other?x=1",
    "http://partner.example/other?x=1",
    "ftp://partner.example/other?x=1",
    "ws://partner.example/other?x=1",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://partner.example/other?x=1",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    LOCAL_FILE,
    "blob:https://partner.example/other?x=1",
    "view-source:https://partner.example/other?x=1",
    "intent://partner.example/other?x=1#Intent;scheme=https;end",
    "partner.example:/other?x=1",
    "app://partner.example/other?x=1",
    "urn:ietf:wg:oauth:2.0:oob",
    "about:blank",
    # another path
    "https://partner.example/",
    "https://partner.example",
    "https://partner.example/other/?x=1",
    "https://partner.example//other?x=1",
    "https://partner.example/other//?x=1",
    "https://partner.example/OTHER?x=1",
    "https://partner.example/othe?x=1",
    "https://partner.example/others?x=1",
    "https://partner.example/other/../other?x=1",
    "https://partner.example/./other?x=1",
    "https://partner.example/x/../other?x=1",
    "https://partner.example/other/..;/evil?x=1",
    "https://partner.example/..;/other?x=1",
    "https://partner.example/other;a=b?x=1",
    "https://partner.example/other;?x=1",
    "https://partner.example/other%2f..%2fevil?x=1",
    "https://partner.example/%2fother?x=1",
    "https://partner.example/%252fother?x=1",
    "https://partner.example/%6fther?x=1",
    "https://partner.example/%4Fther?x=1",
    "https://partner.example/other%20?x=1",
    "https://partner.example/other%3Fx=1",
    "https://partner.example/other\\..\\evil?x=1",
    "https://partner.example/other%5c..%5cevil?x=1",
    "https://partner.example/other%00?x=1",
    # another query
    "https://partner.example/other",
    "https://partner.example/other?",
    "https://partner.example/other?x=2",
    "https://partner.example/other?x=1&y=2",
    "https://partner.example/other?y=2&x=1",
    "https://partner.example/other?x=1&",
    "https://partner.example/other?x=1&x=1",
    "https://partner.example/other?X=1",
    "https://partner.example/other?x=%31",
    "https://partner.example/other?x=1;y=2",
    "https://partner.example/other?x=1?",
    "https://partner.example/other?x=1&code=stolen",
    "https://partner.example/other?x=1&redirect_uri=https://evil.example",
    # a fragment
    "https://partner.example/other?x=1#",
    "https://partner.example/other?x=1#evil",
    "https://partner.example/other?x=1%23evil",
    "https://partner.example/cb#@evil.example",
    # characters around and within
    " https://partner.example/other?x=1",
    "https://partner.example/other?x=1 ",
    "\thttps://partner.example/other?x=1",
    "https://partner.example/other?x=1\t",
    "https://partner.example/other?x=1\n",
    "https://partner.example/other?x=1\r\nSet-Cookie: a=b",
    "https://partner.example/other?x=1\r\n\r\n<html>",
    "https://partner\r.example/other?x=1",
    "https://partner.example/other?x=1\u2028",
    "https://partner.example/other?x=1\u200b",
    "\ufeffhttps://partner.example/other?x=1",
    "\u202ehttps://partner.example/other?x=1",
    "https://partner.example/other?x=1,https://evil.example",
    "https://partner.example/other?x=1 https://evil.example",
    "https://*.example/other?x=1",
    "https://partner.example/*",
    "*",
    "null",
    "undefined",
    "[]",
    "{}",
    "https://partner.example/other?x=1" + "a" * 3000,
    # somebody else's
    "https://minasidor.example/cb",
    "https://fapi.example/cb",
    "https://id.example/authorize",
    "https://id.example/signin/x",
)  # fmt: skip
OTHER_ERRORS: tuple[dict[str, str | None], ...] = (
    {"response_type": "token"},
    {"response_type": None},
    {"response_mode": "fragment"},
    {"response_mode": "form_post"},
    {"scope": "profile"},
    {"scope": None},
    {"code_challenge": None, "code_challenge_method": None},
    {"code_challenge_method": "plain"},
    {"prompt": "none login"},
    {"prompt": "none"},
    {"max_age": "-1"},
    {"claims": "{"},
    {"id_token_hint": "a.b.c"},
    {"state": None},
)
_LONG = 60


def shown(text: str | None) -> str:
    return ascii(text)[1:-1][:_LONG]


@each("mutation", MUTATIONS, name=shown)
def test_an_address_that_is_not_registered_is_never_sent_to(target: Target, mutation: str) -> None:
    """The page is shown here and the mistake told to nobody else."""
    query = target.question("partner", redirect_uri=mutation)
    response = target.strike(lambda: target.get("/authorize", query), status=400)
    assert "Location" not in response.headers
    assert "evil" not in response.get_data(as_text=True)


@each("mutation", MUTATIONS[:: len(MUTATIONS) // 12], name=shown)
@each("mistake", OTHER_ERRORS)
def test_no_other_mistake_is_told_to_an_address_that_is_not_registered(
    target: Target, mutation: str, mistake: dict[str, str | None]
) -> None:
    query = target.question("partner", redirect_uri=mutation, **mistake)
    response = target.strike(lambda: target.get("/authorize", query), status=400)
    assert "Location" not in response.headers
    assert "evil" not in response.get_data(as_text=True)


@each("registered", ["https://partner.example/cb", REGISTERED])
def test_the_registered_address_itself_is_sent_to(target: Target, registered: str) -> None:
    """The control: the same question with a mistake elsewhere goes to the client."""
    query = target.question("partner", redirect_uri=registered, scope="profile")
    response = target.strike(lambda: target.get("/authorize", query), status=303, error="invalid_scope")
    assert response.headers["Location"].startswith(registered)


@each("mutation", MUTATIONS[:: len(MUTATIONS) // 20], name=shown)
def test_an_address_that_is_not_registered_is_not_pushed_either(target: Target, mutation: str) -> None:
    from idp_tests.relying_party import PARTNER_SECRET

    form = {**target.question("partner", redirect_uri=mutation), "client_secret": PARTNER_SECRET}
    target.strike(lambda: target.post("/par", form), status=400, error="invalid_request")


@each("client_id", ["minasidor", "partner", "mittprezero"])
def test_an_address_is_always_asked_for(target: Target, client_id: str) -> None:
    """With one registered address and with two (RFC 9700 2.1)."""
    for mistake in ({}, {"scope": None}, {"response_type": "token"}):
        query = target.question(client_id, redirect_uri=None, **mistake)
        response = target.strike(partial(target.get, "/authorize", query), status=400)
        assert "Location" not in response.headers


LOOPBACK_FOREIGN: tuple[str, ...] = (
    "http://localhost/cb",
    "http://localhost:1234/cb",
    "http://localhost.evil.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "http://127.0.0.1:1234.evil.example/cb",
    "http://127.0.0.1@evil.example/cb",
    "http://127.0.0.1:80@evil.example/cb",
    "http://[::1]@evil.example/cb",
    "http://[::1]/cb",
    "http://[::1]:1234/cb",
    "http://127.0.0.2/cb",
    "http://127.1/cb",
    "http://127.0.0.01/cb",
    "http://0/cb",
    "http://0.0.0.0/cb",
    "http://0x7f.0.0.1/cb",
    "http://2130706433/cb",
    "https://127.0.0.1/cb",
    "https://127.0.0.1:1234/cb",
    "http://127.0.0.1:123456/cb",
    "http://127.0.0.1:-1/cb",
    "http://127.0.0.1:/cb",
    "http://127.0.0.1:12a/cb",
    "http://127.0.0.1:１２３/cb",
    "http://127.0.0.1:1234/cb/",
    "http://127.0.0.1:1234/cb?x=1",
    "http://127.0.0.1:1234/cb#x",
    "http://127.0.0.1:1234//cb",
    "http://127.0.0.1:1234/x/../cb",
    "http://127.0.0.1:1234/evil",
    "http://127.0.0.1:1234",
    "http://127.0.0.1:1234\\@evil.example/cb",
    "http://user@127.0.0.1:1234/cb",
    "HTTP://127.0.0.1:1234/cb",
    "http://127.0.0.1:1234/cb\n",
)  # fmt: skip


@each("address", LOOPBACK_FOREIGN, name=shown)
def test_only_the_port_of_a_loopback_address_may_differ(target: Target, address: str) -> None:
    response = target.strike(
        lambda: target.get("/authorize", target.question("mittprezero", redirect_uri=address)), status=400
    )
    assert "Location" not in response.headers


@each("port", [":", ":0", ":080", ":00080", ":65536", ":99999", ":1e3", ":-1"])
def test_what_is_no_port_is_no_registered_address(target: Target, port: str) -> None:
    query = target.question("mittprezero", redirect_uri=f"http://127.0.0.1{port}/cb", scope="x")
    assert "Location" not in target.strike(lambda: target.get("/authorize", query), status=400).headers


@each("port", ["", ":1", ":8080", ":65535"])
def test_any_port_of_the_registered_loopback_address_is_answered(target: Target, port: str) -> None:
    """The control (RFC 8252 7.3)."""
    query = target.question("mittprezero", redirect_uri=f"http://127.0.0.1{port}/cb", scope="x")
    response = target.get("/authorize", query)
    assert response.headers["Location"].startswith(f"http://127.0.0.1{port}/cb?error=invalid_scope")


@each("client_id", ["minasidor", "partner", "signer"])
def test_a_web_client_has_no_loopback_exception(target: Target, client_id: str) -> None:
    query = target.question(client_id, redirect_uri="http://127.0.0.1:1234/cb")
    target.strike(lambda: target.get("/authorize", query), status=400)


@each("name", ["next", "return", "return_to", "url", "continue", "redirect", "target", "goto"])
def test_no_parameter_of_our_own_pages_is_an_address(target: Target, name: str) -> None:
    """R-04: where a person goes on to is never read from a query."""
    page = target.provider.browser().authorize().base
    for path in ("/logout", page, f"{page}/bankid", f"{page}/link", f"{page}/bankid/back"):
        response = target.get(path, {name: "https://evil.example/"})
        target.check_answer(response)
        assert "evil.example" not in response.get_data(as_text=True)
