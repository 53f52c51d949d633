"""Register a client: who may, what the answer holds, and what uses a permission up."""

import dataclasses
from datetime import timedelta

import pytest

from idp.core.client_events import ClientRegistrationRefused
from idp.core.oidc.dynamic_registration.registered_client import CLIENT_ID
from idp.core.oidc.dynamic_registration.registration_tokens import token_hash
from idp.core.oidc.errors import Refused
from idp_tests.cases import each
from idp_tests.registrations import (
    INITIAL_TOKEN,
    ISSUER,
    NOW,
    TERMS,
    Endpoints,
    FakeInitialTokens,
    FakeRegisteredClients,
    body,
    many,
    tokens_with,
)


def test_the_answer_holds_all_there_is_to_know() -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    assert CLIENT_ID.fullmatch(told["client_id"])
    assert told["client_id_issued_at"] == int(NOW.timestamp())
    assert told["client_secret_expires_at"] == 0
    assert told["registration_client_uri"] == f"{ISSUER}/register/{told['client_id']}"
    assert told["redirect_uris"] == ["https://rp.example/cb"]
    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    assert len(told["client_secret"]) >= 43
    assert len(told["registration_access_token"]) >= 43


def test_nothing_that_opens_anything_is_stored() -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    stored = repr(dataclasses.asdict(endpoints.registered.rows[told["client_id"]]))
    assert told["client_secret"] not in stored
    assert told["registration_access_token"] not in stored
    assert token_hash(told["client_secret"]) in stored


def test_every_client_gets_secrets_of_its_own() -> None:
    endpoints = many()
    answers = [endpoints.register() for _ in range(50)]
    for name in ("client_id", "client_secret", "registration_access_token"):
        assert len({told[name] for told in answers}) == 50


@each(
    "tokens",
    [
        tokens_with(used=1),
        tokens_with(uses=3, used=3),
        tokens_with(revoked_at=NOW),
        FakeInitialTokens(),
    ],
)
def test_a_token_that_is_over_registers_nobody(tokens: FakeInitialTokens) -> None:
    with pytest.raises(Refused):
        Endpoints(FakeRegisteredClients(tokens)).register()


def test_a_token_expires_to_the_second() -> None:
    endpoints = Endpoints(now=NOW + timedelta(days=7) - timedelta(seconds=1))
    endpoints.register()
    late = Endpoints(now=NOW + timedelta(days=7))
    with pytest.raises(Refused):
        late.register()


def test_a_refused_registration_uses_nothing_up_and_is_written_down() -> None:
    endpoints = Endpoints()
    with pytest.raises(Refused) as refused:
        endpoints.register(redirect_uris=["http://rp.example/cb"])
    assert (refused.value.status, refused.value.code) == (400, "invalid_redirect_uri")
    assert endpoints.audit.events == [ClientRegistrationRefused(initial_token_id="initial", member="redirect_uris")]
    assert endpoints.registered.rows == {}
    endpoints.register()


def test_no_refusal_repeats_what_was_sent() -> None:
    canary = "canary5f1"
    for changes in (
        {"redirect_uris": [f"https://{canary}.localhost/cb"]},
        {"redirect_uris": [f"{canary}:/cb"]},
        {"client_name": f"{canary}\n"},
        {"scope": canary},
        {f"client_name#{'sv'}": f"BankID {canary}"},
        {"token_endpoint_auth_method": canary},
        {"grant_types": [canary]},
        {"application_type": canary},
        {"default_acr_values": [canary]},
        {"jwks": {"keys": [{"kty": canary}]}},
    ):
        with pytest.raises(Refused) as refused:
            Endpoints().register(**changes)
        assert canary not in refused.value.description + refused.value.detail


def test_one_use_makes_one_client_when_two_passed_the_door_together() -> None:
    endpoints = Endpoints()
    permission = endpoints.register_client.permission(f"Bearer {INITIAL_TOKEN}", NOW)
    endpoints.register_client(body(), permission, NOW)
    with pytest.raises(Refused) as refused:
        endpoints.register_client(body(), permission, NOW)
    assert refused.value.status == 401
    assert len(endpoints.registered.rows) == 1


def test_too_many_too_fast_or_in_all_wait() -> None:
    endpoints = many()
    endpoints.terms = dataclasses.replace(TERMS, per_hour=1)
    endpoints.register()
    with pytest.raises(Refused) as fast:
        endpoints.register()
    full = Endpoints(FakeRegisteredClients(tokens_with(uses=None)), terms=dataclasses.replace(TERMS, most_clients=1))
    full.register()
    with pytest.raises(Refused) as too_many:
        full.register()
    for refused in (fast.value, too_many.value):
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) > 0
