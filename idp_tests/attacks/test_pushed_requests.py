"""R-18: a pushed request is its own client's, for a while, once; and what stands beside its reference does not count."""

from typing import Any

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import ISSUER
from idp_tests.relying_party import PARTNER_SECRET, change

PREFIX = "urn:ietf:params:oauth:request_uri:"


def pushed(target: Target, client_id: str = "partner") -> str:
    form = {**target.question(client_id, prompt="none"), "client_secret": PARTNER_SECRET}
    return str(target.post("/par", form).get_json()["request_uri"])


STRANGE = (
    "", "x", "' OR 1=1 --", "%00", "../{}", "å", "A" * 4000, "{}A", "{} ", " {}", "{},{}", "{}#x", "{}?x=1", "{}/",
)  # fmt: skip


@each("strange", STRANGE, name=lambda text: ascii(text)[1:20])
def test_a_reference_that_nobody_gave_is_refused(target: Target, strange: str) -> None:
    real = pushed(target).removeprefix(PREFIX)
    query = {"client_id": "partner", "request_uri": PREFIX + strange.replace("{}", real)}
    target.strike(lambda: target.get("/authorize", query), status=400)


@each("client_id", ["minasidor", "mittprezero", "signer", "fapi", "nobody", "disabled", ""])
def test_a_reference_is_its_own_clients_only(target: Target, client_id: str) -> None:
    """Also where the other one shares its address, so that nothing but the reference can be the reason."""
    query = {"client_id": client_id, "request_uri": pushed(target)}
    other = target.provider.parts.clients.find(client_id)
    uris = other.redirect_uris if other is not None else frozenset()
    if other is not None:
        change(target.provider, client_id, redirect_uris=uris | {"https://partner.example/cb"})
    try:
        response = target.strike(lambda: target.get("/authorize", query), status=400)
        assert "Location" not in response.headers
    finally:
        if other is not None:
            change(target.provider, client_id, redirect_uris=uris)


def test_a_reference_runs_out(target: Target) -> None:
    reference = pushed(target)
    target.provider.clock.advance(seconds=90)
    try:
        query = {"client_id": "partner", "request_uri": reference}
        target.strike(lambda: target.get("/authorize", query), status=400)
    finally:
        target.provider.clock.advance(seconds=-90)


def test_a_reference_is_used_once(target: Target) -> None:
    form = {**target.credentials(), **target.question("minasidor", client_id=None)}
    reference = target.post("/par", form).get_json()["request_uri"]
    browser = target.anna
    query = {"client_id": "minasidor", "request_uri": reference}

    def ask_again() -> Any:
        return browser.client.get("/authorize", query_string=query, base_url=ISSUER)

    assert "code=" in ask_again().headers["Location"]
    target.strike(ask_again, status=400)


OUTSIDE: tuple[tuple[str, str], ...] = (
    ("redirect_uri", "https://evil.example/"), ("scope", "openid email"), ("response_type", "token"),
    ("prompt", "consent"), ("state", "smuggled"), ("code_challenge", "A" * 43), ("response_mode", "fragment"),
    ("request", "a.b.c"), ("claims", "{"), ("max_age", "x"), ("nonce", "smuggled"),
)  # fmt: skip


@each("name, value", OUTSIDE)
def test_nothing_counts_beside_a_reference(target: Target, name: str, value: str) -> None:
    """RFC 9126 4: the pushed parameters are the request."""
    query = {"client_id": "partner", "request_uri": pushed(target), name: value}
    location = target.get("/authorize", query).headers["Location"]
    assert location.startswith("https://partner.example/cb?error=login_required")
    assert "smuggled" not in location


@each("changes", [{"request_uri": PREFIX + "x"}, {"request_uri": "https://evil.example/"}, {"client_id": "minasidor"},
     {"client_id": ""}, {"client_secret": "wrong"}, {"client_secret": ""}, {"redirect_uri": "https://evil.example/"},
     {"response_type": "token"}, {"code_challenge": ""}, {"code_challenge_method": "plain"}, {"scope": "profile"},
     {"request": "a.b.c"}, {"registration": "{}"}, {"prompt": "none login"}, {"dpop_jkt": "x"}], name=str)  # fmt: skip
def test_a_wrong_request_is_not_taken_in(target: Target, changes: dict[str, str]) -> None:
    form = {**target.question("partner"), "client_secret": PARTNER_SECRET, **changes}
    target.strike(lambda: target.post("/par", form), status={400, 401})


@each("mistake", [{}, {"scope": "profile"}, {"request": "x"}, {"prompt": "none"}], name=str)
def test_a_client_that_must_push_is_not_answered_otherwise(target: Target, mistake: dict[str, str]) -> None:
    response = target.strike(lambda: target.get("/authorize", target.question("fapi", **mistake)), status=303)
    assert "error=" in response.headers["Location"]
    assert "code=" not in response.headers["Location"]
