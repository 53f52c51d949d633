"""Requests pushed ahead: checked twice, bound to their client, used up at the answer and not before."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.clients.registry import ClientRegistry
from idp.core.oidc.errors import Displayed, Redirected, Refused
from idp_tests.authorization_requests import REDIRECT_URI, VALID, World, a_request_object, an_rp, pairs
from idp_tests.cases import each

JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
OTHER_JKT = "1ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def fapi() -> World:
    return World.of(an_rp(SecurityProfile.FAPI2))


def refused(world: World, *extra: tuple[str, str], **sent: Any) -> str:
    with pytest.raises(Refused) as error:
        world.push(*extra, **sent)
    assert not world.pushed.rows
    assert error.value.status == 400
    return error.value.code


def test_a_reference_is_random_short_lived_and_stored_as_a_hash() -> None:
    world = fapi()
    first, second = world.push(), world.push()
    assert re.fullmatch(r"urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43}", first.request_uri)
    assert first.request_uri != second.request_uri
    assert first.expires_in == 90
    assert not any(first.request_uri.rpartition(":")[2] in str(row) for row in world.pushed.rows.items())


def test_what_was_pushed_is_what_is_asked() -> None:
    world = fapi()
    asked = world.ask_pushed(world.push(scope="openid email", response_mode="form_post"))
    assert asked.scope == ("openid", "email")
    assert asked.redirect_uri == REDIRECT_URI
    assert asked.pushed_reference_hash in world.pushed.rows


def test_parameters_beside_the_reference_are_ignored() -> None:
    world = fapi()
    asked = world.ask_pushed(world.push(), state="another", redirect_uri="https://evil.example", prompt="none")
    assert asked.state == "a state"
    assert asked.redirect_uri == REDIRECT_URI
    assert asked.prompt == frozenset()


def test_a_reload_before_the_answer_works() -> None:
    world = fapi()
    pushed = world.push()
    assert world.ask_pushed(pushed) == world.ask_pushed(pushed)


def test_after_the_answer_it_is_used_up() -> None:
    world = fapi()
    pushed = world.push()
    asked = world.ask_pushed(pushed)
    world.pushed.answer(asked.pushed_reference_hash)
    with pytest.raises(Displayed) as error:
        world.ask_pushed(pushed)
    assert error.value.code == "invalid_request_uri"


def test_it_belongs_to_the_client_that_pushed_it() -> None:
    world = World.of(an_rp(), an_rp(client_id="other"))
    pushed = world.push(client=an_rp())
    with pytest.raises(Displayed) as error:
        world.ask_pushed(pushed, client_id="other")
    assert error.value.code == "invalid_request_uri"


def test_it_expires() -> None:
    world = fapi()
    pushed = world.push()
    world.now += timedelta(seconds=90)
    with pytest.raises(Displayed):
        world.ask_pushed(pushed)


@each(
    "sent, code",
    [
        ({"redirect_uri": "https://evil.example/cb"}, "invalid_request"),
        ({"without": ["redirect_uri"]}, "invalid_request"),
        ({"client_id": "other"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"without": ["response_type"]}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"without": ["code_challenge"]}, "invalid_request"),
        ({"without": ["code_challenge", "code_challenge_method"]}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:abc"}, "invalid_request"),
        ({"request_uri": "https://rp.example/r"}, "invalid_request"),
        ({"request": "x"}, "invalid_request_object"),
        ({"resource": "https://api.example"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_a_bad_request_is_refused_at_once(sent: Any, code: Any) -> None:
    assert refused(fapi(), **sent) == code


@each("name", ["client_id", "redirect_uri", "state", "scope", "prompt", "request_uri", "unknown"])
def test_no_parameter_may_stand_twice(name: Any) -> None:
    assert refused(fapi(), (name, "x"), (name, "x")) == "invalid_request"


def test_client_id_may_be_left_to_the_authentication() -> None:
    world = fapi()
    assert world.ask_pushed(world.push(without=["client_id"])).client_id == "rp"


def test_credentials_and_unknown_parameters_are_not_stored() -> None:
    world = fapi()
    world.push(("client_secret", "canary"), ("client_assertion", "canary"), ("whatever", "canary"))
    assert "canary" not in str(world.pushed.rows)


def test_a_signed_request_is_verified_at_the_push_and_remembered_as_signed() -> None:
    world = World.of(an_rp(require_signed_request_object=True))
    pushed = world.push(request=a_request_object(jti="one"))
    assert world.ask_pushed(pushed).state == "a state"
    assert world.ask_pushed(pushed).state == "a state"
    assert refused(World.of(an_rp(require_signed_request_object=True))) == "invalid_request"


def test_a_proof_beside_the_push_binds_the_code() -> None:
    world = fapi()
    assert world.ask_pushed(world.push(dpop_jkt=JKT)).dpop_jkt == JKT
    assert world.ask_pushed(world.push(("dpop_jkt", JKT))).dpop_jkt == JKT
    assert world.ask_pushed(world.push(("dpop_jkt", JKT), dpop_jkt=JKT)).dpop_jkt == JKT


def test_an_announced_key_must_be_a_thumbprint() -> None:
    assert refused(fapi(), ("dpop_jkt", "short")) == "invalid_request"


def test_a_proof_of_another_key_than_announced_is_refused() -> None:
    assert refused(fapi(), ("dpop_jkt", OTHER_JKT), dpop_jkt=JKT) == "invalid_dpop_proof"


def test_a_file_that_changed_in_between_counts() -> None:
    world = fapi()
    pushed = world.push()
    world.clients.replace({"rp": an_rp(redirect_uris=frozenset({"https://rp.example/new"}))})
    with pytest.raises(Displayed):
        world.ask_pushed(pushed)
    world.clients = ClientRegistry({"rp": an_rp(disabled=True)})
    with pytest.raises(Displayed):
        world.ask_pushed(pushed)


def test_errors_after_the_push_go_to_the_pushed_address() -> None:
    world = fapi()
    pushed = world.push(scope="openid", claims='{"id_token": {"acr": null}}')
    world.clients.replace({"rp": an_rp(require_signed_request_object=True)})
    with pytest.raises(Redirected) as error:
        world.ask_pushed(pushed)
    assert error.value.reply_to.state == "a state"


def test_a_posted_request_is_kept_as_a_pushed_one() -> None:
    world = World.of()
    asked = world.ask_exactly(*world.post_exactly(*pairs(prompt="none", response_mode="form_post")).items())
    assert asked == replace(
        world.ask(prompt="none", response_mode="form_post"), pushed_reference_hash=asked.pushed_reference_hash
    )
    assert asked.pushed_reference_hash in world.pushed.rows


def test_a_signed_request_is_read_once_when_it_is_posted() -> None:
    world = World.of(an_rp(require_signed_request_object=True))
    request_object = a_request_object(jti="once", nonce="signed")
    going_on = world.post_exactly(("client_id", "rp"), ("request", request_object))
    assert world.ask_exactly(*going_on.items()).nonce == "signed"
    with pytest.raises(Displayed):
        world.post_exactly(("client_id", "rp"), ("request", request_object))


def test_a_client_that_must_push_gets_no_reference_for_a_post() -> None:
    world = fapi()
    with pytest.raises(Redirected):
        world.post_exactly(*pairs())
    assert not world.pushed.rows


def test_a_pushed_request_that_is_posted_keeps_its_reference() -> None:
    world = fapi()
    sent = {"client_id": "rp", "request_uri": world.push().request_uri}
    assert world.post_exactly(*sent.items()) == sent
    assert len(world.pushed.rows) == 1


def test_what_anybody_may_have_kept_has_16_384_characters() -> None:
    world = fapi()
    room = 16_384 - sum(len(value) for value in VALID.values())
    world.push(ui_locales="x" * room)
    with pytest.raises(Refused) as refused:
        world.push(ui_locales="x" * (room + 1))
    assert (refused.value.code, len(world.pushed.rows)) == ("invalid_request", 1)
