"""Signed requests: who signed, for whom, until when, and which of two voices counts."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.errors import Displayed, Redirected
from idp.core.oidc.keys import jose
from idp_tests.authorization_requests import (
    CLIENT_KEY,
    ISSUER,
    OTHER_KEY,
    OUR_KEY,
    REDIRECT_URI,
    VALID,
    World,
    a_request_object,
    an_rp,
)
from idp_tests.builders import NOW
from idp_tests.cases import each

RSA = RSAKey.generate_key(2048, {"kid": "client-rsa"})


def unsigned() -> str:
    _, payload, _ = a_request_object().split(".")
    return f"eyJhbGciOiJub25lIn0.{payload}."


def at(seconds: float) -> float:
    return NOW.timestamp() + seconds


def test_everything_may_stand_inside() -> None:
    asked = World.of().ask_exactly(("client_id", "rp"), ("request", a_request_object(max_age=60, prompt="login")))
    assert asked.redirect_uri == REDIRECT_URI
    assert asked.state == VALID["state"]
    assert asked.max_age == 60


REFUSED: list[tuple[str, str]] = [
    ("no token", "x"),
    ("unsigned", unsigned()),
    ("signed by another", a_request_object(key=OTHER_KEY)),
    ("signed by us", a_request_object(key=OUR_KEY)),
    ("tampered with", a_request_object()[:-6] + "AAAAAA"),
    ("iss is another client", a_request_object(iss="other")),
    ("client_id is another client", a_request_object(client_id="other")),
    ("aud is another provider", a_request_object(aud="https://other.example")),
    ("aud is nearly us", a_request_object(aud=f"{ISSUER}/")),
    ("aud is missing", a_request_object(without=["aud"])),
    ("exp is missing", a_request_object(without=["exp"])),
    ("exp is past", a_request_object(exp=at(-20))),
    ("exp is far", a_request_object(exp=at(330))),
    ("exp is text", a_request_object(exp="soon")),
    ("nbf is a minute ahead", a_request_object(nbf=at(60))),
    ("nbf is an hour old", a_request_object(nbf=at(-3601))),
    ("request inside", a_request_object(request="x")),
    ("request_uri inside", a_request_object(request_uri="https://rp.example/r")),
    ("secret inside", a_request_object(client_secret="x")),
    ("scope is a number", a_request_object(scope=1)),
    ("prompt is a number", a_request_object(prompt=1)),
    ("prompt is a list", a_request_object(prompt=["login"])),
    ("state is null", a_request_object(state=None)),
    ("max_age is a truth value", a_request_object(max_age=True)),
    ("max_age is a fraction", a_request_object(max_age=1.5)),
    ("claims is a list", a_request_object(claims=[])),
    ("resource is a number", a_request_object(resource=[1])),
    ("typ is an access token's", a_request_object(typ="at+jwt")),
    ("typ is a proof's", a_request_object(typ="dpop+jwt")),
    ("jti is endless", a_request_object(jti="j" * 257)),
]


@pytest.mark.parametrize("request_object", [token for _, token in REFUSED], ids=[name for name, _ in REFUSED])
def test_a_request_object_that_does_not_hold_is_refused(request_object: Any) -> None:
    with pytest.raises(Redirected) as refused:
        World.of().ask(request=request_object)
    assert refused.value.code == "invalid_request_object"
    assert refused.value.reply_to.redirect_uri == REDIRECT_URI


@pytest.mark.parametrize("request_object", [token for _, token in REFUSED], ids=[name for name, _ in REFUSED])
def test_without_a_registered_address_beside_it_the_problem_is_displayed(request_object: Any) -> None:
    with pytest.raises(Displayed):
        World.of().ask(request=request_object, redirect_uri="https://evil.example/cb")
    with pytest.raises(Displayed):
        World.of().ask_exactly(("client_id", "rp"), ("request", request_object))


def test_response_type_may_stand_twice_but_not_differ() -> None:
    assert World.of().ask(request=a_request_object()).client_id == "rp"
    with pytest.raises(Redirected) as refused:
        World.of().ask(request=a_request_object(response_type="token"))
    assert refused.value.code == "invalid_request"


ACCEPTED: list[dict[str, Any]] = [
    {"aud": [ISSUER, "https://other.example"]},
    {"exp": at(300)},
    {"nbf": at(8)},
    {"nbf": at(-3600)},
    {"without": ["nbf"]},
    {"without": ["iss"]},
    {"typ": "JWT"},
    {"typ": None},
    {"typ": "application/oauth-authz-req+jwt"},
    {"max_age": 5},
    {"max_age": "5"},
    {"claims": {"userinfo": {"name": None}}},
    {"claims": '{"userinfo": {"name": null}}'},
    {"whatever": {"unknown": [1]}},
    {"registration_hint": 5},
]


@each("changes", ACCEPTED)
def test_an_honest_request_object_is_accepted(changes: Any) -> None:
    assert World.of().ask(request=a_request_object(**changes)).client_id == "rp"


def test_the_signed_part_supersedes_what_stands_beside_it() -> None:
    asked = World.of().ask(request=a_request_object(state="inside", scope="openid email"), state="outside")
    assert asked.state == "inside"
    assert asked.scope == ("openid", "email")


def test_where_the_signed_part_is_silent_the_request_counts() -> None:
    asked = World.of().ask(request=a_request_object(without=["state"]), state="outside", ui_locales="en")
    assert asked.state == "outside"
    assert asked.ui_locales == ("en",)


@each(
    "client",
    [
        an_rp(require_signed_request_object=True),
        an_rp(SecurityProfile.FAPI2, require_pushed_authorization_requests=False),
    ],
)
def test_for_a_client_that_must_sign_only_the_signed_part_counts(client: Any) -> None:
    asked = World.of(client).ask(request=a_request_object(without=["state"]), state="outside", prompt="login")
    assert asked.state is None
    assert asked.prompt == frozenset()


def test_a_client_that_must_sign_must_sign_the_address_too() -> None:
    with pytest.raises(Displayed):
        World.of(an_rp(require_signed_request_object=True)).ask(request=a_request_object(without=["redirect_uri"]))


def test_the_signed_address_wins_over_one_beside_it() -> None:
    asked = World.of().ask(request=a_request_object(), redirect_uri="https://evil.example/cb")
    assert asked.redirect_uri == REDIRECT_URI


def test_an_unregistered_signed_address_is_displayed_whatever_stands_beside_it() -> None:
    with pytest.raises(Displayed):
        World.of().ask(request=a_request_object(redirect_uri="https://evil.example/cb"))


def test_fapi_demands_nbf() -> None:
    client = an_rp(SecurityProfile.FAPI2, require_pushed_authorization_requests=False)
    with pytest.raises(Redirected) as refused:
        World.of(client).ask(request=a_request_object(without=["nbf"]))
    assert refused.value.code == "invalid_request_object"


def test_fapi_refuses_rs256_and_others_take_it() -> None:
    jwks = {"keys": [RSA.as_dict(private=False)]}
    token = a_request_object(key=RSA, alg="RS256")
    fapi = an_rp(SecurityProfile.FAPI2, require_pushed_authorization_requests=False, jwks=jwks)
    with pytest.raises(Redirected):
        World.of(fapi).ask(request=token)
    assert World.of(fapi).ask(request=a_request_object(key=RSA, alg="PS256")).client_id == "rp"
    assert World.of(an_rp(jwks=jwks)).ask(request=token).client_id == "rp"


def test_a_jti_counts_once() -> None:
    world = World.of()
    token = a_request_object(jti="one")
    world.ask(request=token)
    with pytest.raises(Redirected) as refused:
        world.ask(request=token)
    assert refused.value.code == "invalid_request_object"


def test_a_forged_object_does_not_use_a_jti_up() -> None:
    world = World.of()
    with pytest.raises(Redirected):
        world.ask(request=a_request_object(jti="one", key=OTHER_KEY))
    assert world.ask(request=a_request_object(jti="one")).client_id == "rp"


def test_a_resource_may_stand_as_a_list_inside() -> None:
    api = "https://api.example"
    asked = World.of(an_rp(resources=frozenset({api}))).ask(request=a_request_object(resource=[api, api]))
    assert asked.resources == (api,)


def test_it_is_refused_a_moment_after_its_end() -> None:
    world = World.of()
    token = a_request_object(exp=at(60))
    world.now += timedelta(seconds=74)
    world.ask(request=token)
    world.now += timedelta(seconds=1)
    with pytest.raises(Redirected):
        world.ask(request=token)


def test_the_header_names_no_key_of_its_own() -> None:
    token = jose.sign("JWT", {}, CLIENT_KEY, "ES256", "unknown-kid")
    with pytest.raises(Redirected):
        World.of().ask(request=token)
