"""A request is stored with the interaction and comes back the same."""

import json

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.errors import ResponseMode
from idp_tests.authorization_requests import World, an_id_token, an_rp


def test_it_survives_storage_unchanged() -> None:
    asked = World.of(an_rp(SecurityProfile.SWEDEN)).ask(
        prompt="consent select_account",
        max_age="60",
        ui_locales="sv en",
        acr_values="a b",
        response_mode="form_post",
        claims='{"userinfo": {"name": {"essential": true}}}',
        id_token_hint=an_id_token(),
        login_hint="anna",
        dpop_jkt="0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
        **{"https://id.oidc.se/param/userMessage": '{"message#sv": "SGVq"}'},
    )
    assert AuthorizationRequest.from_json(json.loads(json.dumps(asked.to_json()))) == asked


def test_what_was_stored_before_a_member_existed_is_still_read() -> None:
    stored = World.of().ask().to_json()
    del stored["user_messages"]
    assert AuthorizationRequest.from_json(stored).user_messages == {}


def test_the_answer_goes_where_the_request_said() -> None:
    reply_to = World.of().ask(response_mode="form_post").reply_to
    assert (reply_to.client_id, reply_to.redirect_uri) == ("rp", "https://rp.example/cb")
    assert (reply_to.response_mode, reply_to.state) == (ResponseMode.FORM_POST, "a state")
