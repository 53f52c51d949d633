"""R-01 to R-04: whatever stands in `redirect_uri`, nobody is sent to an address that the client did not register."""

from functools import partial

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.vectors import NEARLY_LOOPBACK, NEARLY_REGISTERED

REGISTERED = "https://partner.example/other?x=1"
MUTATIONS: tuple[str, ...] = (
    *(uri.replace("rp.", "partner.").replace("/cb", "/other") for uri in NEARLY_REGISTERED),
    "https://minasidor.example/cb",
    "https://fapi.example/cb",
    "https://id.example/authorize",
    "https://id.example/signin/x",
)
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


@each("mistake", OTHER_ERRORS)
def test_no_other_mistake_is_told_to_an_address_that_is_not_registered(
    target: Target, mistake: dict[str, str | None]
) -> None:
    """Every mutation beside every other mistake: whichever check comes first, nobody is sent there."""
    for mutation in MUTATIONS:
        query = target.question("partner", redirect_uri=mutation, **mistake)
        response = target.strike(partial(target.get, "/authorize", query), status=400)
        assert "Location" not in response.headers, mutation
        assert "evil" not in response.get_data(as_text=True), mutation


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


@each("address", NEARLY_LOOPBACK, name=shown)
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
