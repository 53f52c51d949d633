"""The claims parameter: what is understood, what is dropped, what is refused."""

import json
from typing import Any

import pytest

from idp.core.oidc.claims.claim_names import (
    DEVICE_IP_CLAIM,
    PERSONAL_NUMBER_CLAIM,
    USER_SIGNATURE_CLAIM,
    VALID_TO_CLAIM,
)
from idp.core.oidc.claims.claims_request import ClaimsRefused, find_essential_acrs, read_claims
from idp.core.oidc.claims.scopes import SCOPES
from idp_tests.authorization_requests import an_rp
from idp_tests.cases import each

EVERYTHING = an_rp(scopes=frozenset(SCOPES), personal_number_allowed=True, evidence_claims_allowed=True)


def test_claims_are_asked_for_in_two_places() -> None:
    asked = read_claims(
        json.dumps(
            {
                "userinfo": {"name": {"essential": True}, "email": None},
                "id_token": {"auth_time": {"essential": True}, "acr": {"values": ["a", "b"]}},
                "elsewhere": {"name": None},
            }
        ),
        an_rp(),
    )
    assert asked == {
        "userinfo": {"name": {"essential": True}, "email": None},
        "id_token": {"auth_time": {"essential": True}, "acr": {"values": ["a", "b"]}},
    }


def test_unknown_claims_and_members_are_dropped() -> None:
    asked = read_claims('{"userinfo": {"shoe_size": null, "name": {"essential": true, "verified": true}}}', an_rp())
    assert asked == {"userinfo": {"name": {"essential": True}}}


@each(
    "claim",
    [PERSONAL_NUMBER_CLAIM, DEVICE_IP_CLAIM, USER_SIGNATURE_CLAIM, VALID_TO_CLAIM, "phone_number", "customer_number"],
)
def test_claims_that_the_file_does_not_allow_are_dropped(claim: Any) -> None:
    text = json.dumps({"id_token": {claim: None}})
    assert read_claims(text, an_rp()) == {"id_token": {}}
    assert read_claims(text, EVERYTHING) == {"id_token": {claim: None}}


@each(
    "text",
    [
        "",
        "x",
        "[]",
        "null",
        '{"userinfo": []}',
        '{"userinfo": "name"}',
        '{"userinfo": {"name": true}}',
        '{"userinfo": {"name": "essential"}}',
        '{"userinfo": {"name": []}}',
        '{"userinfo": {"name": {"essential": "yes"}}}',
        '{"userinfo": {"name": {"values": "a"}}}',
        '{"userinfo": {"name": {"values": [{}]}}}',
        '{"userinfo": {"name": {"value": {}}}}',
        '{"userinfo": {"name": {"value": null}}}',
        '{"userinfo": {"name": null, "name": null}}',
        '{"userinfo": {"name": {"value": NaN}}}',
        json.dumps({"userinfo": {"name": {"values": list(range(21))}}}),
        json.dumps({"userinfo": {f"c{n}": None for n in range(101)}}),
        json.dumps({"userinfo": {"name": {"value": "x" * 9000}}}),
        '{"userinfo":' * 500,
    ],
)
def test_what_is_no_claims_parameter_is_refused(text: Any) -> None:
    with pytest.raises(ClaimsRefused):
        read_claims(text, an_rp())


def test_twenty_values_may_be_asked_for() -> None:
    asked = {"name": {"values": list(range(20))}}
    assert read_claims(json.dumps({"userinfo": asked}), an_rp()) == {"userinfo": asked}


def test_an_empty_place_asks_for_nothing() -> None:
    assert read_claims('{"userinfo": null, "id_token": {}}', an_rp()) == {"id_token": {}}


@each(
    "acr, demanded",
    [
        (None, set()),
        ({"essential": True}, set()),
        ({"essential": False, "value": "a"}, set()),
        ({"essential": True, "value": "a"}, {"a"}),
        ({"essential": True, "values": ["a", "b"]}, {"a", "b"}),
    ],
)
def test_essential_levels(acr: Any, demanded: Any) -> None:
    assert find_essential_acrs({"id_token": {"acr": acr}}) == demanded
    assert find_essential_acrs({}) == frozenset()
