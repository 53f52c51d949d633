"""What a client wishes for: prompt, age, levels, claims, persons, resources, keys and messages."""

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.authorize.user_message import USER_MESSAGE
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.errors import Redirected
from idp_tests.authorization_requests import ACR, World, an_id_token, an_rp
from idp_tests.builders import an_identity
from idp_tests.cases import each

API = "https://api.example/customers"
JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
PERSONAL_NUMBER = "https://id.oidc.se/claim/personalIdentityNumber"


def refused(world: World, *extra: tuple[str, str], **sent: str) -> str:
    with pytest.raises(Redirected) as error:
        world.ask(*extra, **sent)
    return error.value.code


@each(
    "prompt, read",
    [
        ("none", {Prompt.NONE}),
        ("login", {Prompt.LOGIN}),
        ("login consent", {Prompt.LOGIN, Prompt.CONSENT}),
        ("select_account  login login", {Prompt.SELECT_ACCOUNT, Prompt.LOGIN}),
    ],
)
def test_prompt_is_a_set_of_known_words(prompt: Any, read: Any) -> None:
    assert World.of().ask(prompt=prompt).prompt == read


@each("prompt", ["none login", "consent none", "maybe", "create", "Login", "login,consent", "a b c d e f", "ö"])
def test_a_contradictory_or_unknown_prompt_is_refused(prompt: Any) -> None:
    assert refused(World.of(), prompt=prompt) == "invalid_request"


def test_a_client_of_the_swedish_profile_gets_no_silent_sign_on_unless_it_asks() -> None:
    world = World.of(an_rp(SecurityProfile.SWEDEN))
    assert world.ask().prompt == {Prompt.LOGIN}
    assert world.ask(prompt="none").prompt == {Prompt.NONE}
    assert World.of().ask().prompt == frozenset()


@each("max_age, read", [("0", 0), ("1", 1), ("10000", 10_000), ("0000000060", 60)])
def test_max_age_is_seconds(max_age: Any, read: Any) -> None:
    assert World.of().ask(max_age=max_age).max_age == read


@each("max_age", ["-1", "1.5", "1e3", "x", "+5", " 5", "٣", "9" * 11, "0x10"])
def test_a_max_age_that_is_no_whole_number_is_refused(max_age: Any) -> None:
    assert refused(World.of(), max_age=max_age) == "invalid_request"


def test_the_default_max_age_is_the_clients() -> None:
    world = World.of(an_rp(default_max_age=300))
    assert world.ask().max_age == 300
    assert world.ask(max_age="5").max_age == 5
    assert World.of().ask().max_age is None


def test_languages_that_make_no_sense_are_ignored() -> None:
    assert World.of().ask(ui_locales="sv-SE en  <x> sv-SE " + "x" * 90).ui_locales == ("sv-SE", "en")
    assert World.of().ask(claims_locales="sv en").ui_locales == ()


def test_display_stops_nobody() -> None:
    for display in ("page", "popup", "touch", "wap", "x" * 999):
        assert World.of().ask(display=display).client_id == "rp"


def test_voluntary_levels_stop_nobody() -> None:
    assert World.of().ask(acr_values="1 2").client_id == "rp"
    assert refused(World.of(), acr_values=" ".join(map(str, range(21)))) == "invalid_request"


@each(
    "value, hint",
    [
        ("urn:grn:authn:se:bankid:same-device", "same_device"),
        ("urn:grn:authn:se:bankid:another-device:qr", "qr"),
        (ACR, None),
    ],
)
def test_a_brokers_word_for_the_device_is_a_hint(value: Any, hint: Any) -> None:
    assert World.of().ask(acr_values=value).launch_hint == hint
    assert World.of(an_rp(default_acr_values=("1", value))).ask().launch_hint == hint


@each(
    "acr, possible",
    [
        (None, True),
        ({"essential": True}, True),
        ({"essential": True, "value": ACR}, True),
        ({"essential": True, "values": ["other", ACR]}, True),
        ({"essential": True, "value": "urn:openbanking:psd2:sca"}, False),
        ({"essential": True, "values": ["a", "b"]}, False),
        ({"values": ["a", "b"]}, True),
        ({"essential": False, "value": "a"}, True),
    ],
)
def test_an_essential_level_that_is_not_ours_fails_at_once(acr: Any, possible: Any) -> None:
    claims = json.dumps({"id_token": {"acr": acr}})
    if possible:
        assert World.of().ask(claims=claims).claims == {"id_token": {"acr": acr}}
    else:
        assert refused(World.of(), claims=claims) == "unmet_authentication_requirements"


def test_claims_that_are_no_claims_are_refused() -> None:
    assert refused(World.of(), claims="{") == "invalid_request"


def test_claims_that_we_do_not_know_are_left_out_and_stop_nobody() -> None:
    known: dict[str, dict[str, Any]] = {
        "userinfo": {"given_name": None},
        "id_token": {"birthdate": {"essential": True}},
    }
    asked = {"userinfo": {**known["userinfo"], "picture": None}, "id_token": {**known["id_token"], "zoneinfo": None}}
    assert World.of().ask(claims=json.dumps(asked)).claims == known


def test_an_old_id_token_names_the_person() -> None:
    assert World.of().ask(id_token_hint=an_id_token()).hinted_sub == "subject-1"


@each(
    "hint",
    [
        "x",
        an_id_token(aud="another-client"),
        an_id_token(aud=["rp", "another-client"]),
        an_id_token(iss="https://other.example"),
        an_id_token(typ="at+jwt"),
        an_id_token(typ="logout+jwt"),
        an_id_token(key=ECKey.generate_key("P-256", {"kid": "our-key"})),
        an_id_token(without=["sub"]),
    ],
)
def test_a_hint_that_is_no_id_token_for_this_client_is_refused(hint: Any) -> None:
    assert refused(World.of(), id_token_hint=hint) == "invalid_request"


def test_the_claim_sub_names_the_person_too() -> None:
    claims = json.dumps({"id_token": {"sub": {"value": "subject-1"}}})
    assert World.of().ask(claims=claims).hinted_sub == "subject-1"
    assert World.of().ask(claims=claims, id_token_hint=an_id_token()).hinted_sub == "subject-1"


def test_two_names_for_one_login_are_refused() -> None:
    claims = json.dumps({"id_token": {"sub": {"value": "somebody-else"}}})
    assert refused(World.of(), claims=claims, id_token_hint=an_id_token()) == "invalid_request"
    assert refused(World.of(), claims=json.dumps({"id_token": {"sub": {"value": 5}}})) == "invalid_request"


def test_a_personal_number_is_heard_from_allowed_clients_only() -> None:
    claims = json.dumps({"id_token": {PERSONAL_NUMBER: {"value": "199001012385"}}})
    scopes = frozenset({"openid", "https://id.oidc.se/scope/naturalPersonNumber"})
    allowed = World.of(an_rp(personal_number_allowed=True, scopes=scopes))
    assert allowed.ask(claims=claims).hinted_identity == an_identity("199001012385")
    assert World.of().ask(claims=claims).hinted_identity is None
    assert refused(allowed, claims=claims.replace("199001012385", "9001012385")) == "invalid_request"


def test_a_login_hint_is_short_and_kept_nowhere() -> None:
    assert "anna@example.se" not in str(World.of().ask(login_hint="anna@example.se").to_json())
    assert refused(World.of(), login_hint="x" * 257) == "invalid_request"


def test_resources_are_those_of_the_file() -> None:
    world = World.of(an_rp(resources=frozenset({API, "https://other.example"})))
    assert world.ask(("resource", API), ("resource", "https://other.example"), ("resource", API)).resources == (
        API,
        "https://other.example",
    )
    for resource in (f"{API}/", "https://evil.example", "x", f"{API}#f"):
        assert refused(world, ("resource", API), ("resource", resource)) == "invalid_target"
    assert refused(World.of(), resource=API) == "invalid_target"


def test_a_thumbprint_binds_the_code() -> None:
    assert World.of().ask(dpop_jkt=JKT).dpop_jkt == JKT
    for jkt in (JKT[:-1], JKT + "A", JKT[:-1] + "=", "x"):
        assert refused(World.of(), dpop_jkt=jkt) == "invalid_request"
    assert refused(World.of(an_rp(dpop_allowed=False)), dpop_jkt=JKT) == "invalid_request"


def message(text: str, **members: str) -> str:
    return json.dumps({"message": base64.b64encode(text.encode()).decode(), **members})


def test_a_message_for_the_bankid_app_is_read_from_allowed_clients_only() -> None:
    sent = {USER_MESSAGE: message("Godkänn beställning 4711")}
    asked = World.of(an_rp(user_message_allowed=True)).ask(**sent)
    assert asked.user_message == "Godkänn beställning 4711"
    assert World.of().ask(**sent).user_message is None


def test_a_broken_message_is_refused() -> None:
    world = World.of(an_rp(user_message_allowed=True))
    assert refused(world, **{USER_MESSAGE: "{"}) == "invalid_request"


def test_the_message_follows_the_language_of_the_page() -> None:
    texts = {f"message#{tag}": base64.b64encode(text.encode()).decode() for tag, text in (("sv", "Hej"), ("en", "Hi"))}
    world = World.of(an_rp(user_message_allowed=True))
    asked = world.ask(**{USER_MESSAGE: json.dumps(texts)}, ui_locales="en-GB")
    assert asked.user_message == "Hi"
    assert asked.user_message_in("sv") == "Hej"
    assert asked.user_message_in("de") == "Hi"


def test_a_client_may_ask_for_one_more_company() -> None:
    assert World.of().ask(customer="new").wants_new_customer
    assert not World.of().ask().wants_new_customer
    assert refused(World.of(), customer="other") == "invalid_request"
    assert not World.of(an_rp(select_customer=False)).ask(customer="other").wants_new_customer
