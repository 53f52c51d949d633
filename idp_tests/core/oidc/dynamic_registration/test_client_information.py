"""Client information: secrets come, end and are renewed with what a client needs."""

import dataclasses
from datetime import timedelta
from typing import Any

from idp.core.oidc.dynamic_registration.registration_tokens import token_hash
from idp_tests.cases import each
from idp_tests.registrations import (
    NOW,
    TERMS,
    Endpoints,
    with_keys,
)


@each("changes", [{"token_endpoint_auth_method": "none"}, with_keys()])
def test_a_client_that_keeps_no_secret_gets_none(changes: dict[str, Any]) -> None:
    told = Endpoints().register(**changes)
    assert not {"client_secret", "client_secret_expires_at"} & told.keys()


def test_a_secret_ends_when_it_is_said_to_end() -> None:
    endpoints = Endpoints(terms=dataclasses.replace(TERMS, secret_lifetime=timedelta(days=30)))
    told = endpoints.register()
    assert told["client_secret_expires_at"] == int((NOW + timedelta(days=30)).timestamp())
    assert endpoints.client(told).client_secret_hashes == (token_hash(told["client_secret"]),)
    endpoints.now += timedelta(days=30)
    assert endpoints.client(told).client_secret_hashes == ()


def test_a_secret_comes_and_goes_with_the_method() -> None:
    endpoints = Endpoints()
    told = endpoints.register(**with_keys())
    with_secret = endpoints.change(told, token_endpoint_auth_method="client_secret_post")
    assert endpoints.client(told).client_secret_hashes == (token_hash(with_secret["client_secret"]),)
    assert "client_secret" not in endpoints.change(told, token_endpoint_auth_method="none")
    assert endpoints.client(told).client_secret_hashes == ()
    assert endpoints.client(told).is_public


def test_a_secret_is_renewed_in_the_second_half_of_its_life() -> None:
    endpoints = Endpoints(terms=dataclasses.replace(TERMS, secret_lifetime=timedelta(days=30)))
    told = endpoints.register()
    endpoints.now = NOW + timedelta(days=15)
    assert "client_secret" not in endpoints.change(told)
    endpoints.now += timedelta(seconds=1)
    renewed = endpoints.change(told)
    assert renewed["client_secret_expires_at"] == int((endpoints.now + timedelta(days=30)).timestamp())
    assert endpoints.client(told).client_secret_hashes == (token_hash(renewed["client_secret"]),)
