"""R-22 and bearer rules: every kind of token at every place that takes another kind."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.client_side import by_assertion
from idp_tests.provider import ISSUER
from idp_tests.relying_party import PARTNER_SECRET

KINDS = (
    "code", "used code", "access token", "expired access token", "refresh token", "id token", "client assertion",
    "session cookie", "csrf token", "nothing",
)  # fmt: skip
PLACES = ("code", "refresh_token", "userinfo header", "userinfo body", "introspect", "revoke", "id_token_hint", "hint of logout",
          "client_assertion", "request", "client_secret", "dpop", "request_uri")  # fmt: skip
RIGHT = {
    ("code", "code"),
    ("refresh token", "refresh_token"),
    ("access token", "userinfo header"),
    ("access token", "userinfo body"),
    ("access token", "introspect"),
    ("refresh token", "introspect"),
    ("access token", "revoke"),
    ("refresh token", "revoke"),
    ("id token", "id_token_hint"),
    ("id token", "hint of logout"),
    ("client assertion", "client_assertion"),
}


@pytest.fixture(scope="module")
def tokens(target: Target) -> Mapping[str, str]:
    """One of each kind, all alive, all of the app."""
    exchanged = target.post("/token", {"client_id": "mittprezero", **code_of_app(target)}).get_json()
    spent = code_of_app(target)
    assert target.post("/token", {"client_id": "mittprezero", **spent}).status_code == 200
    target.provider.clock.advance(minutes=-20)
    old = target.code("minasidor")
    form = {**target.credentials(), **target.code_form(old)}
    expired = target.post("/token", form).get_json()
    target.provider.clock.advance(minutes=20)
    cookie = target.anna.client.get_cookie("__Host-session-" + group_digest("prezero"), "id.example")
    return {
        "code": target.code("minasidor"),
        "used code": spent["code"],
        "access token": exchanged["access_token"],
        "expired access token": expired["access_token"],
        "refresh token": exchanged["refresh_token"],
        "id token": exchanged["id_token"],
        "client assertion": target.credentials()["client_assertion"],
        "session cookie": cookie.value if cookie else "",
        "csrf token": "IjAxMjM0NTY3ODlhYmNkZWYi.x.y",
        "nothing": "",
    }


def group_digest(group: str) -> str:
    import hashlib

    return hashlib.sha256(group.encode()).hexdigest()[:8]


def code_of_app(target: Target) -> dict[str, str]:
    from idp_tests.relying_party import press_continue

    browser = target.anna
    query = target.question("mittprezero", scope="openid offline_access")
    response = browser.client.get("/authorize", query_string=query, headers=browser.headers, base_url=ISSUER)
    press_continue(browser._follow(response, "/authorize"))
    return target.code_form(browser.answer["code"], "mittprezero")


def put(target: Target, token: str, place: str) -> Any:
    """Present the token at a place, in a request that is right in everything else."""
    app = {"client_id": "mittprezero"}
    partner = {"client_id": "partner", "client_secret": PARTNER_SECRET}
    silent = {"prompt": "none"}
    ways: Mapping[str, Callable[[], Any]] = {
        "code": lambda: target.post("/token", {**app, **target.code_form(token, "mittprezero")}),
        "refresh_token": lambda: target.post("/token", {**app, "grant_type": "refresh_token", "refresh_token": token}),
        "userinfo header": lambda: target.get("/userinfo", Authorization=f"Bearer {token}"),
        "userinfo body": lambda: target.post("/userinfo", {"access_token": token}),
        "introspect": lambda: target.post("/introspect", {**partner, "token": token}),
        "revoke": lambda: target.post("/revoke", {**partner, "token": token}),
        "id_token_hint": lambda: target.get(
            "/authorize", target.question("mittprezero", **silent, id_token_hint=token)
        ),
        "hint of logout": lambda: target.get("/logout", {"id_token_hint": token, **app}),
        "client_assertion": lambda: target.post("/introspect", {**by_assertion(token), "token": "x"}),
        "request": lambda: target.get("/authorize", target.question("signer", **silent, request=token)),
        "client_secret": lambda: target.post("/introspect", {**partner, "client_secret": token, "token": "x"}),
        "dpop": lambda: target.post("/token", {**app, **target.code_form("ac_x", "mittprezero")}, {"DPoP": token}),
        "request_uri": lambda: target.get(
            "/authorize", {"client_id": "partner", "request_uri": f"urn:ietf:params:oauth:request_uri:{token}"}
        ),
    }
    return ways[place]()


@each("kind, place", [(kind, place) for kind in KINDS for place in PLACES if (kind, place) not in RIGHT])
def test_a_token_of_another_kind_opens_nothing(
    target: Target, tokens: Mapping[str, str], kind: str, place: str
) -> None:
    may_change = frozenset({"grants", "audit"}) if (kind, place) == ("used code", "code") else frozenset()
    with target.unchanged(may_change):
        response = put(target, tokens[kind], place)
    target.check_answer(response)
    if place == "introspect" and kind != "nothing":
        assert response.get_json() == {"active": False}
    elif place == "revoke" and kind != "nothing":
        assert response.status_code == 200
    elif (place, kind) == ("hint of logout", "nothing"):
        assert response.status_code == 200
        assert "Location" not in response.headers
    else:
        assert response.status_code in {303, 400, 401}
        assert "code=" not in response.headers.get("Location", "")


@each("kind", ["access token", "refresh token"])
def test_another_client_learns_nothing_and_revokes_nothing(
    target: Target, tokens: Mapping[str, str], kind: str
) -> None:
    response = target.strike(lambda: put(target, tokens[kind], "introspect"), status=200, told=0)
    assert response.get_json() == {"active": False}
    target.strike(lambda: put(target, tokens[kind], "revoke"), status=400, error="invalid_request")


def test_a_public_client_introspects_nothing(target: Target, tokens: Mapping[str, str]) -> None:
    form = {"client_id": "mittprezero", "token": tokens["access token"]}
    target.strike(lambda: target.post("/introspect", form), status=401, error="invalid_client")


HEADERS = (
    "Bearer", "Bearer ", "Bearer  ", "Bearer  x y", "bearer", "Basic {}", "Token {}", "{}", "Bearer {} {}", "Bearer:{}",
    "Bearer\t{}", "Bearer {}x", "Bearer x{}", "Bearer {},Bearer {}", "DPoP {}", "Digest {}", "Negotiate {}", "MAC {}",
    "Bearer null", "Bearer undefined", "Bearer [object Object]", "Bearer {}=", "BearerX {}", "Bearer å{}",
    "Bearer ' OR 1=1 --", "Bearer ../../etc/passwd", "Bearer at_", "Bearer at_A", "Bearer ac_AAAA", "Bearer rt_AAAA",
)  # fmt: skip


@each("header", HEADERS, name=ascii)
def test_an_access_token_is_presented_in_one_way(target: Target, tokens: Mapping[str, str], header: str) -> None:
    value = header.replace("{}", tokens["access token"])
    response = target.strike(lambda: target.get("/userinfo", Authorization=value), status={400, 401})
    assert response.headers["WWW-Authenticate"]


def test_an_access_token_does_not_come_twice_or_in_an_address(target: Target, tokens: Mapping[str, str]) -> None:
    token = tokens["access token"]
    bearer = {"Authorization": f"Bearer {token}"}
    target.strike(lambda: target.post("/userinfo", {"access_token": token}, bearer), status=400)
    target.strike(lambda: target.post("/userinfo", [("access_token", token), ("access_token", token)]), status=400)
    target.strike(lambda: target.get("/userinfo", {"access_token": token}), status=400)
    target.strike(lambda: target.post(f"/userinfo?access_token={token}", {}), status=400)
    target.strike(
        lambda: target.post("/userinfo", f'{{"access_token":"{token}"}}'.encode(), content_type="application/json"),
        status=401,
    )


@each("place", ["header", "form"])
@each("position", range(0, 80, 5))
def test_an_access_token_with_one_letter_changed_is_none(
    target: Target, tokens: Mapping[str, str], place: str, position: int
) -> None:
    token = tokens["access token"]
    at = 3 + position % (len(token) - 3)
    changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    target.strike(lambda: put(target, changed, f"userinfo {'header' if place == 'header' else 'body'}"), status=401)


@each(
    "changes, error",
    [({"scope": "openid admin"}, "invalid_scope"), ({"resource": "https://evil.example/"}, "invalid_target"),
     ({"refresh_token": ""}, "invalid_request"), ({"refresh_token": "rt_x"}, "invalid_grant"),
     ({"refresh_token": "rt_" + "A" * 60}, "invalid_grant"), ({"client_id": "nobody"}, "invalid_client"),
     ({"client_id": "minasidor"}, "invalid_client"), ({"client_id": "partner"}, "invalid_client"),
     ({"client_id": "disabled"}, "invalid_client"), ({"client_id": ""}, "invalid_client"),
     ({"client_secret": "x"}, "invalid_client"), ({"scope": "openid\tprofile"}, "invalid_scope")],
)  # fmt: skip
def test_a_refresh_that_asks_for_too_much_uses_up_nothing(
    target: Target, tokens: Mapping[str, str], changes: dict[str, str], error: str
) -> None:
    form = {"client_id": "mittprezero", "grant_type": "refresh_token", "refresh_token": tokens["refresh token"]}
    target.strike(lambda: target.post("/token", {**form, **changes}), status={400, 401}, error=error)


def test_each_kind_works_in_its_own_place(target: Target, tokens: Mapping[str, str]) -> None:
    """The control, and the last of the file: everything that was tried everywhere else is still good."""
    assert put(target, tokens["access token"], "userinfo header").status_code == 200
    assert put(target, tokens["access token"], "userinfo body").status_code == 200
    assert "error=login_required" in put(target, tokens["id token"], "id_token_hint").headers["Location"]
    assert put(target, tokens["client assertion"], "client_assertion").get_json() == {"active": False}
    form = {**target.credentials(), **target.code_form(tokens["code"])}
    assert target.post("/token", form).status_code == 200
    assert put(target, tokens["refresh token"], "refresh_token").status_code == 200


@each("scope", ["openid profile", "email", "openid ", " openid", "openid  openid", "OPENID", "\t"])
def test_a_refresh_beyond_its_grant_uses_up_nothing(target: Target, tokens: Mapping[str, str], scope: str) -> None:
    """The client may have the scope, this grant has not: were the token replaced, the successor would be lost."""
    fresh = target.post("/token", {"client_id": "mittprezero", **code_of_app(target)}).get_json()["refresh_token"]
    form = {"client_id": "mittprezero", "grant_type": "refresh_token", "refresh_token": fresh, "scope": scope}
    target.strike(lambda: target.post("/token", form), status=400, error="invalid_scope")
