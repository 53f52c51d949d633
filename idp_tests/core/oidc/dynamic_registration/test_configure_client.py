"""Configure a client: it reads and changes itself, and nobody touches another's."""

from dataclasses import replace
from typing import Any

import pytest

from idp.core.oidc.dynamic_registration.registration_tokens import token_hash
from idp.core.oidc.errors import Refused
from idp_tests.cases import each
from idp_tests.registrations import (
    INITIAL_TOKEN,
    NOW,
    TERMS,
    Endpoints,
    body,
    many,
)


def test_a_client_reads_itself_without_its_secret() -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    again = endpoints.configure_client.read(endpoints.caller(told))
    assert again == {name: value for name, value in told.items() if name != "client_secret"}


def test_only_its_own_token_opens_a_client() -> None:
    endpoints = many()
    first, second = endpoints.register(), endpoints.register()
    for token in (second["registration_access_token"], INITIAL_TOKEN, first["client_secret"], "x"):
        with pytest.raises(Refused) as refused:
            endpoints.caller(first, token)
        assert (refused.value.status, refused.value.code) == (401, "invalid_token")


@each("client_id", ["minasidor", "", "dcr-", "dcr-" + "0" * 32, "dcr-" + "G" * 32, "../x", "é"])
def test_an_unknown_client_answers_as_a_wrong_token_does(client_id: str) -> None:
    with pytest.raises(Refused) as refused:
        Endpoints().configure_client.caller(client_id, "Bearer nobody")
    assert (refused.value.status, refused.value.description) == (
        401,
        "A valid access token for registration is needed",
    )


def test_a_change_replaces_everything() -> None:
    endpoints = Endpoints()
    told = endpoints.register(client_uri="https://rp.example", scope="openid email")
    changed = endpoints.change(told, client_name="Partner Två", redirect_uris=["https://rp.example/new"])
    assert changed["client_name"] == "Partner Två"
    assert changed["redirect_uris"] == ["https://rp.example/new"]
    assert "client_uri" not in changed
    assert changed["scope"] == "openid profile email phone"
    assert changed["registration_access_token"] == told["registration_access_token"]
    assert "client_secret" not in changed
    assert endpoints.client(told).client_secret_hashes == (token_hash(told["client_secret"]),)
    assert endpoints.audit.names == ["client.registered", "client.changed"]


@each(
    "changes, member",
    [
        ({"client_id": ...}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"client_id": 7}, "client_id"),
        ({"client_id": "dcr-" + "0" * 32}, "client_id"),
        ({"client_id": "minasidor"}, "client_id"),
        ({"client_secret": "wrong"}, "client_secret"),
        ({"client_secret": None}, "client_secret"),
        ({"client_secret": ["x"]}, "client_secret"),
        ({"client_secret": "\u00e5"}, "client_secret"),
        ({"registration_access_token": "x"}, "body"),
        ({"registration_client_uri": "https://id.example/register/x"}, "body"),
        ({"client_secret_expires_at": 0}, "body"),
        ({"client_id_issued_at": 0}, "body"),
        ({"redirect_uris": ["https://other.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["http://rp.example/cb"]}, "redirect_uris"),
        (
            {
                "application_type": "native",
                "token_endpoint_auth_method": "none",
                "redirect_uris": ["https://rp.example/cb", "http://127.0.0.1/cb"],
            },
            "redirect_uris",
        ),
        ({"client_name": "BankID"}, "client_name"),
        ({"subject_type": "public"}, "subject_type"),
        ({"jwks_uri": "https://rp.example/jwks"}, "jwks_uri"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(changes: dict[str, Any], member: str) -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    before = endpoints.registered.rows[told["client_id"]]
    with pytest.raises(Refused) as refused:
        endpoints.change(told, **changes)
    assert refused.value.status == 400
    assert refused.value.description.startswith(f"{member}: ")
    assert endpoints.registered.rows[told["client_id"]] == before
    assert endpoints.audit.names[-1] == "client.change_refused"


def test_a_client_may_repeat_its_secret_and_never_choose_one() -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    assert "client_secret" not in endpoints.change(told, client_secret=told["client_secret"])


def test_of_two_changes_at_once_one_is_told_so() -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    caller = endpoints.caller(told)
    endpoints.change(told)
    with pytest.raises(Refused) as refused:
        endpoints.configure_client.change(body(client_id=told["client_id"]), caller, NOW)
    assert refused.value.status == 409


def test_changes_too_fast_wait() -> None:
    endpoints = Endpoints()
    told = endpoints.register()
    endpoints.terms = replace(TERMS, per_hour=1)
    endpoints.change(told)
    with pytest.raises(Refused) as refused:
        endpoints.change(told)
    assert refused.value.status == 429
