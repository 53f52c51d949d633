"""The rules between a client's members, one by one: each finds its own mistakes, and a sound client breaks none."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.core.oidc.clients import rules
from idp.core.oidc.clients.client import AuthMethod, Client, SecurityProfile, SubjectType
from idp.core.oidc.clients.metadata import read_client
from idp.core.oidc.clients.rules import INTENTION_BYTES, USER_MESSAGE_BYTES, find_problems

ISSUER = "https://id.example"
JWK = ECKey.generate_key("P-256", {"kid": "k1"}).as_dict(private=False)
SECRET = frozenset({AuthMethod.CLIENT_SECRET_BASIC})
NONE = frozenset({AuthMethod.NONE})
NO_KEYS: Mapping[str, Any] = {"keys": []}


def sound(profile: SecurityProfile = SecurityProfile.THIRD_PARTY) -> Client:
    members = {"client_name": "RP", "security_profile": profile, "redirect_uris": ["https://rp.example/cb"]}
    keys = {} if profile is SecurityProfile.NATIVE_PUBLIC else {"jwks": [JWK]}
    return read_client("rp", {**members, **keys}, issuer=ISSUER, sandbox=False)


BROKEN: dict[str, list[tuple[SecurityProfile, dict[str, Any], str]]] = {
    "_authentication_is_allowed": [
        (SecurityProfile.FAPI2, {"token_endpoint_auth_methods": SECRET}, "token_endpoint_auth_methods"),
        (SecurityProfile.NATIVE_PUBLIC, {"token_endpoint_auth_methods": SECRET}, "token_endpoint_auth_methods"),
        (
            SecurityProfile.THIRD_PARTY,
            {"token_endpoint_auth_methods": NONE | {AuthMethod.PRIVATE_KEY_JWT}},
            "token_endpoint_auth_methods",
        ),
    ],
    "_credentials_match_methods": [
        (SecurityProfile.THIRD_PARTY, {"jwks": NO_KEYS}, "jwks"),
        (SecurityProfile.THIRD_PARTY, {"token_endpoint_auth_methods": SECRET}, "client_secret_hash"),
        (SecurityProfile.THIRD_PARTY, {"client_secret_hashes": ("a" * 64,)}, "client_secret_hash"),
    ],
    "_keys_are_usable": [
        (SecurityProfile.THIRD_PARTY, {"jwks": {"keys": [{"kty": "oct", "k": "eA"}]}}, "jwks.keys.0"),
        (
            SecurityProfile.THIRD_PARTY,
            {"token_endpoint_auth_signing_algs": frozenset({"RS256"})},
            "jwks.keys.0",
        ),
    ],
    "_algorithms_are_allowed": [
        (
            SecurityProfile.FAPI2,
            {"token_endpoint_auth_signing_algs": frozenset({"RS256", "ES256"})},
            "token_endpoint_auth_signing_algs",
        ),
        (SecurityProfile.FAPI2, {"userinfo_signed_response_alg": "RS256"}, "userinfo_signed_response_alg"),
    ],
    "_request_objects_have_keys": [
        (
            SecurityProfile.THIRD_PARTY,
            {"request_object_signing_algs": frozenset({"ES256"}), "jwks": NO_KEYS},
            "request_object_signing_algs",
        ),
        (SecurityProfile.THIRD_PARTY, {"require_signed_request_object": True}, "require_signed_request_object"),
    ],
    "_profile_is_not_weakened": [
        (SecurityProfile.WEB_CONFIDENTIAL, {"require_pkce": False}, "require_pkce"),
        (SecurityProfile.THIRD_PARTY, {"require_pkce": False, "token_endpoint_auth_methods": NONE}, "require_pkce"),
        (SecurityProfile.FAPI2, {"dpop_bound_access_tokens": False}, "dpop_bound_access_tokens"),
        (
            SecurityProfile.FAPI2,
            {"require_pushed_authorization_requests": False},
            "require_pushed_authorization_requests",
        ),
        (SecurityProfile.SWEDEN, {"reidentify_without_prompt": False}, "reidentify_without_prompt"),
        (SecurityProfile.NATIVE_PUBLIC, {"application_type": "web"}, "application_type"),
        (SecurityProfile.FAPI2, {"dpop_allowed": False}, "dpop_allowed"),
        (SecurityProfile.SWEDEN, {"id_token_lifetime": timedelta(minutes=6)}, "id_token_lifetime"),
    ],
    "_grants_are_known": [
        (SecurityProfile.THIRD_PARTY, {"grant_types": frozenset({"refresh_token"})}, "grant_types"),
        (
            SecurityProfile.SWEDEN,
            {"grant_types": frozenset({"authorization_code", "refresh_token"})},
            "grant_types",
        ),
        (SecurityProfile.THIRD_PARTY, {"grant_types": frozenset({"authorization_code", "password"})}, "grant_types"),
        (SecurityProfile.SWEDEN, {"refresh_lifetime": timedelta(hours=1)}, "refresh_lifetime"),
    ],
    "_scopes_are_known": [
        (SecurityProfile.THIRD_PARTY, {"scopes": frozenset({"email"})}, "scope"),
        (SecurityProfile.THIRD_PARTY, {"scopes": frozenset({"openid", "adress"})}, "scope"),
        (
            SecurityProfile.THIRD_PARTY,
            {"scopes": frozenset({"openid", "https://id.oidc.se/scope/naturalPersonNumber"})},
            "scope",
        ),
    ],
    "_subjects_have_a_sector": [(SecurityProfile.THIRD_PARTY, {"sector_identifier": None}, "sector_identifier_uri")],
    "_resources_are_addresses": [
        (SecurityProfile.THIRD_PARTY, {"resources": frozenset({"api"})}, "resources"),
        (
            SecurityProfile.THIRD_PARTY,
            {"introspection_audiences": frozenset({"https://a#b"})},
            "introspection_audiences",
        ),
    ],
    "_texts_are_sound": [
        (SecurityProfile.THIRD_PARTY, {"intention": {"sv": "{name}"}}, "intention.sv"),
        (SecurityProfile.THIRD_PARTY, {"intention": {"sv": "x" * (INTENTION_BYTES + 1)}}, "intention.sv"),
        (SecurityProfile.THIRD_PARTY, {"bankid_return_uri": "https://rp.example/"}, "bankid_return_uri"),
        (SecurityProfile.THIRD_PARTY, {"client_names": {"sv": " "}}, "client_name"),
    ],
    "_audiences_are_ours": [
        (SecurityProfile.FAPI2, {"assertion_audiences": frozenset({f"{ISSUER}/token"})}, "assertion_audiences"),
        (SecurityProfile.THIRD_PARTY, {"assertion_audiences": frozenset({"https://x.example"})}, "assertion_audiences"),
    ],
    "_addresses_are_safe": [
        (SecurityProfile.THIRD_PARTY, {"client_uri": "http://rp.example"}, "client_uri"),
        (SecurityProfile.THIRD_PARTY, {"tos_uri": "https://user@rp.example/t"}, "tos_uri"),
        (SecurityProfile.THIRD_PARTY, {"frontchannel_logout_uri": "https://x.example/"}, "frontchannel_logout_uri"),
    ],
}
"""By rule: a profile, what is wrong, and the member that is named."""


def found(client: Client, *, sandbox: bool = False) -> list[str]:
    return [member for member, _ in find_problems(client, issuer=ISSUER, sandbox=sandbox)]


@pytest.mark.parametrize("profile", list(SecurityProfile))
def test_a_sound_client_breaks_no_rule(profile: SecurityProfile) -> None:
    assert found(sound(profile)) == []


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_finds_its_mistakes(rule: str) -> None:
    unnoticed = [
        (profile, changes)
        for profile, changes, member in BROKEN[rule]
        if member not in found(replace(sound(profile), **changes))
    ]
    assert unnoticed == []


def test_every_rule_has_mistakes_here() -> None:
    written = {name for name in vars(rules) if name.startswith("_") and callable(vars(rules)[name])} - {"_words"}
    assert written == BROKEN.keys()


def test_the_sandbox_takes_loopback_addresses_and_secrets_for_trials() -> None:
    portal = replace(
        sound(SecurityProfile.WEB_CONFIDENTIAL),
        token_endpoint_auth_methods=SECRET,
        client_secret_hashes=("a" * 64,),
        backchannel_logout_uri="http://localhost:8001/out",
    )
    assert found(portal) == ["token_endpoint_auth_methods", "backchannel_logout_uri"]
    assert found(portal, sandbox=True) == []


def test_the_texts_of_one_order_fit_together() -> None:
    assert INTENTION_BYTES + len("\n\n") + USER_MESSAGE_BYTES == 1_500 // 4 * 3


def test_all_mistakes_are_found_at_once() -> None:
    wrong = replace(
        sound(), scopes=frozenset(), jwks=NO_KEYS, subject_type=SubjectType.PAIRWISE, sector_identifier=None
    )
    assert {"scope", "jwks", "sector_identifier_uri"} <= set(found(wrong))
