"""The claims parameter: what is understood, what is dropped, what is refused."""

import json
from typing import Any

import pytest

from idp.core.oidc.claims.claim_names import PERSONAL_NUMBER_CLAIM
from idp.core.oidc.claims.claims_request import (
    CLAIMS,
    EVENT_CLAIMS,
    EVIDENCE_CLAIMS,
    IDENTITY_NUMBERS,
    ClaimsRefused,
    find_essential_acrs,
    may_ask,
    read_claims,
    scope_of,
)
from idp.core.oidc.scopes import SCOPES
from idp_tests.asking import an_rp

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


@pytest.mark.parametrize("claim", [PERSONAL_NUMBER_CLAIM, *sorted(EVIDENCE_CLAIMS), "phone_number", "customer_number"])
def test_claims_that_the_file_does_not_allow_are_dropped(claim: Any) -> None:
    text = json.dumps({"id_token": {claim: None}})
    assert read_claims(text, an_rp()) == {"id_token": {}}
    assert read_claims(text, EVERYTHING) == {"id_token": {claim: None}}


@pytest.mark.parametrize("number", sorted(IDENTITY_NUMBERS))
def test_an_identity_number_needs_both_permission_and_scope(number: str) -> None:
    scope = frozenset({"openid", "https://id.oidc.se/scope/naturalPersonNumber"})
    assert not may_ask(number, an_rp(scopes=scope))
    assert not may_ask(number, an_rp(personal_number_allowed=True))
    assert may_ask(number, an_rp(scopes=scope, personal_number_allowed=True))


def test_claims_about_the_login_are_everybodys() -> None:
    assert all(may_ask(claim, an_rp(scopes=frozenset({"openid"}))) for claim in EVENT_CLAIMS)
    assert all(may_ask(claim, EVERYTHING) for claim in CLAIMS)


@pytest.mark.parametrize(
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


def test_an_empty_place_asks_for_nothing() -> None:
    assert read_claims('{"userinfo": null, "id_token": {}}', an_rp()) == {"id_token": {}}


def test_a_claim_is_asked_about_in_the_words_of_its_scope() -> None:
    assert scope_of("given_name") == "profile"
    assert scope_of("auth_time") is None


def test_a_claim_that_no_scope_opens_is_asked_about_by_its_own_name() -> None:
    signature = "https://id.oidc.se/claim/userSignature"
    assert scope_of(signature) == signature
    assert scope_of("https://id.oidc.se/claim/credentialValidTo") is None


@pytest.mark.parametrize(
    ("acr", "demanded"),
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
