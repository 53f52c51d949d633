"""R-13 and R-27 for `id_token_hint`: nobody names or logs out a person by a token that is not ours, theirs and an ID Token."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import Key

from idp.core.oidc.keys import jose
from idp_tests.attacks.forgeries import FORGERIES, Forgery, Honest
from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import ISSUER

BYE = "https://minasidor.example/bye"


@pytest.fixture(scope="module")
def id_token(target: Target) -> str:
    """A real ID Token of Anna's session at MinaSidor."""

    form = {**target.credentials(), **target.code_form(target.code("minasidor"))}
    return str(target.post("/token", form).get_json()["id_token"])


@pytest.fixture(scope="module")
def honest(target: Target, id_token: str) -> Honest:
    """Its parts, to be signed by a key that is not ours: as near as anybody gets."""
    claims = jose.peek(id_token)
    ours = next(key for key in target.provider.parts.keys.keyring.verification_keys() if key.key_type == "EC")
    return Honest(header=dict(claims.header), claims=dict(claims.members), key=_stranger(), published=ours)


def _stranger() -> Key:
    from joserfc.jwk import ECKey

    return ECKey.generate_key("P-256", private=True)


@pytest.fixture(scope="module")
def insider(target: Target, honest: Honest) -> Honest:
    """The same parts under our own key: what a thief of the key could make, and tokens of ours of other kinds."""
    signing = next(
        one.key for one in target.provider.parts.keys.keyring.keys if one.key.thumbprint() == honest.header["kid"]
    )
    return Honest(header=honest.header, claims=honest.claims, key=signing, published=honest.published)


def ask_in_silence(target: Target, hint: str) -> Any:
    query = target.question("minasidor", prompt="none", id_token_hint=hint)
    return target.anna.client.get("/authorize", query_string=query, base_url=ISSUER)


def log_out(target: Target, hint: str, **more: str) -> Any:
    query = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, **more}
    return target.anna.client.get("/logout", query_string=query, base_url=ISSUER)


@pytest.fixture(autouse=True)
def _anna_stays(target: Target) -> Iterator[None]:
    """After every blow Anna is still logged in."""
    yield
    assert "code=" in ask_in_silence_without_hint(target).headers["Location"]


def ask_in_silence_without_hint(target: Target) -> Any:
    query = target.question("minasidor", prompt="none")
    return target.anna.client.get("/authorize", query_string=query, base_url=ISSUER)


@each("forge", FORGERIES)
def test_a_forged_hint_gives_no_code(target: Target, honest: Honest, forge: Forgery) -> None:
    hint = forge(honest)
    response = target.strike(lambda: ask_in_silence(target, hint), status={303, 400})
    assert "code=" not in response.headers.get("Location", "")


@each("forge", FORGERIES)
def test_a_forged_hint_logs_nobody_out_and_leads_nowhere(target: Target, honest: Honest, forge: Forgery) -> None:
    hint = forge(honest)
    response = target.strike(lambda: log_out(target, hint), status=400)
    assert "Location" not in response.headers


WRONG_MEMBERS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "our issuer with a slash": {"iss": f"{ISSUER}/"},
    "no issuer": {"iss": None},
    "another client": {"aud": "partner"},
    "two clients": {"aud": ["minasidor", "partner"]},
    "no client": {"aud": []},
    "a client that is gone": {"aud": "gone"},
    "no subject": {"sub": None},
    "a subject that is a number": {"sub": 1},
    "a logout token": {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    "no authentication": {"auth_time": ...},
    "a sid that is a list": {"sid": ["x"]},
}


@each("changes", WRONG_MEMBERS)
def test_a_hint_that_is_no_id_token_for_this_client_is_refused(
    target: Target, insider: Honest, changes: dict[str, Any]
) -> None:
    claims = {name: value for name, value in {**insider.claims, **changes}.items() if value is not ...}
    hint = insider.sign(claims=claims)
    target.strike(lambda: log_out(target, hint, client_id="minasidor"), status=400)
    response = target.strike(lambda: ask_in_silence(target, hint), status=303)
    assert "code=" not in response.headers["Location"]


@each("typ", ["at+jwt", "logout+jwt", "token-introspection+jwt", "dpop+jwt", "oauth-authz-req+jwt"])
def test_another_kind_of_token_of_ours_is_no_hint(target: Target, insider: Honest, typ: str) -> None:
    hint = insider.headed(typ=typ)
    target.strike(lambda: log_out(target, hint), status=400)
    response = target.strike(lambda: ask_in_silence(target, hint), status=303)
    assert "code=" not in response.headers["Location"]


@each("changes", [{"sub": "somebody-else"}, {"sid": "another-session"}, {"sid": None}], name=str)
def test_a_hint_about_somebody_else_logs_nobody_out_unasked(
    target: Target, insider: Honest, changes: dict[str, Any]
) -> None:
    """A page asks first: an old hint of another person must not end this one's session (CWE-352)."""
    claims = {name: value for name, value in {**insider.claims, **changes}.items() if value is not None}
    response = target.strike(lambda: log_out(target, insider.sign(claims=claims)), status=200, told=0)
    assert 'action="/logout/answer"' in response.get_data(as_text=True)


def test_a_hint_about_somebody_else_gives_no_code_in_silence(target: Target, insider: Honest) -> None:
    hint = insider.claiming(sub="somebody-else")
    response = target.strike(lambda: ask_in_silence(target, hint), status=303, error="login_required")
    assert response.headers["Location"].startswith("https://minasidor.example/cb?")


ADDRESSES = (
    "https://minasidor.example/bye/", "https://minasidor.example/bye?x=1", "https://minasidor.example/bye#x",
    "https://MINASIDOR.example/bye", "https://minasidor.example:443/bye", "http://minasidor.example/bye",
    "https://minasidor.example/", "https://minasidor.example/cb", "https://evil.example/bye", "//evil.example/bye",
    "https://minasidor.example@evil.example/bye", "https://minasidor.example/bye/../evil", "javascript:alert(1)",
    "data:text/html,x", "/logout", "", " https://minasidor.example/bye", "https://minasidor.example/bye\r\nX: y",
    "https://signer.example/bye",
)  # fmt: skip


@each("address", ADDRESSES, name=lambda text: ascii(text)[1:40])
@each("with_hint", {"with the hint": True, "without": False})
def test_logout_leads_only_to_registered_addresses(
    target: Target, insider: Honest, address: str, with_hint: bool
) -> None:
    """With an honest hint of another session, so that nothing but the address matters."""
    hint = {"id_token_hint": insider.claiming(sid="another-session")} if with_hint else {}
    query = {"client_id": "minasidor", "post_logout_redirect_uri": address, **hint}
    with target.unchanged():
        response = target.anna.client.get("/logout", query_string=query, base_url=ISSUER)
    target.check_answer(response)
    assert "Location" not in response.headers
    assert response.status_code == (200 if address == "" else 400)


def test_an_unknown_client_is_led_nowhere(target: Target) -> None:
    for client_id in ("nobody", "disabled", "../minasidor", "MINASIDOR", "minasidor "):
        query = {"client_id": client_id, "post_logout_redirect_uri": BYE}
        target.strike(partial(target.get, "/logout", query), status=400)


def test_without_hint_and_client_an_address_is_not_followed(target: Target) -> None:
    response = target.strike(lambda: target.get("/logout", {"post_logout_redirect_uri": BYE}), status=200, told=0)
    assert BYE not in response.get_data(as_text=True)


def test_the_post_form_of_logout_changes_nothing_by_itself(target: Target, id_token: str) -> None:
    """It becomes a GET that finds the same parameters and no others, none of them in its address."""
    form = {"id_token_hint": id_token, "answer": "logout", "csrf_token": "x", "evil": "1", "state": "a\r\nb"}
    response = target.strike(
        lambda: target.anna.client.post("/logout", data=form, base_url=ISSUER),
        status=303,
        told=0,
        may_change=frozenset({"pushed_requests"}),
    )
    assert parse_qs(urlsplit(response.headers["Location"]).query).keys() == {"kept"}


def test_the_honest_hint_is_believed(target: Target, id_token: str) -> None:
    """The control: it gives a code in silence."""
    assert "code=" in ask_in_silence(target, id_token).headers["Location"]
