"""Registration metadata: what is in force in the end, and every way of asking for more than a stranger may have."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.dynamic_registration.members import MetadataRefused
from idp.core.oidc.dynamic_registration.metadata import read_metadata
from idp_tests.registrations import ACR, RSA_KEY, TERMS, jwks, members, offered, public

NATIVE: dict[str, Any] = {"application_type": "native", "token_endpoint_auth_method": "none"}
SANDBOX = dataclasses.replace(TERMS, sandbox=True)


def read(profile: SecurityProfile = SecurityProfile.THIRD_PARTY, terms: Any = TERMS, **changes: Any) -> dict[str, Any]:
    return read_metadata(members(**changes), profile, terms)


def refusal(
    profile: SecurityProfile = SecurityProfile.THIRD_PARTY, terms: Any = TERMS, **changes: Any
) -> MetadataRefused:
    with pytest.raises(MetadataRefused) as refused:
        read(profile, terms, **changes)
    assert refused.value.text.isascii()
    assert not set('"\\') & set(refused.value.text)
    return refused.value


def test_what_is_left_out_has_the_defaults_of_the_specifications() -> None:
    assert read() == {
        "client_name": "Partner AB",
        "redirect_uris": ["https://rp.example/cb"],
        "application_type": "web",
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "RS256",
        "scope": "openid profile email phone",
        "require_pushed_authorization_requests": False,
        "dpop_bound_access_tokens": False,
    }


@pytest.mark.parametrize(
    "privilege",
    [
        {"first_party": True},
        {"personal_number_allowed": True},
        {"evidence_claims_allowed": True},
        {"user_message_allowed": True},
        {"security_profile": "web_confidential"},
        {"sso_group": "prezero"},
        {"require_pkce": False},
        {"require_customer_link": False},
        {"unconfirmed_contact_allowed": True},
        {"client_secret_hash": "0" * 64},
        {"client_secret_hashes": ["0" * 64]},
        {"client_secret": "chosen by myself"},
        {"client_id": "minasidor"},
        {"assertion_audiences": ["https://evil.example"]},
        {"introspection_audiences": ["https://api.example"]},
        {"resources": ["https://api.example"]},
        {"access_token_lifetime": 3600},
        {"refresh_lifetime": 2_592_000},
        {"token_endpoint_auth_methods": ["none", "client_secret_basic"]},
        {"intention": {"sv": "Logga in"}},
        {"bankid_return_uri": "evil:/back"},
        {"disabled": False},
        {"client_names": {"sv": "MinaSidor"}},
        {"software_statement": "a.b.c"},
        {"request_uris": ["https://evil.example/request"]},
        {"something_new": {"deep": [1, [2, [3]]]}},
    ],
    ids=lambda privilege: next(iter(privilege)),
)
def test_what_only_an_operator_may_say_is_ignored_when_a_client_says_it(privilege: dict[str, Any]) -> None:
    assert read(**privilege) == read()


REFUSED: list[tuple[dict[str, Any], str]] = [
    # shapes
    ({"client_name": 1}, "client_name"),
    ({"client_name": ["Partner"]}, "client_name"),
    ({"client_name": {"sv": "Partner"}}, "client_name"),
    ({"client_name": ""}, "client_name"),
    ({"client_name": "a" * 61}, "client_name"),
    ({"client_name": "a" * 5_000}, "client_name"),
    ({"client_name": "two\nlines"}, "client_name"),
    ({"client_name": "left\u202eright"}, "client_name"),
    ({"client_name": "   "}, "client_name"),
    ({"client_name#sv": 7}, "client_name"),
    ({f"client_name#a{chr(97 + n)}": "Partner" for n in range(21)}, "client_name"),
    ({"redirect_uris": "https://rp.example/cb"}, "redirect_uris"),
    ({"redirect_uris": {"0": "https://rp.example/cb"}}, "redirect_uris"),
    ({"redirect_uris": [["https://rp.example/cb"]]}, "redirect_uris"),
    ({"redirect_uris": [None]}, "redirect_uris"),
    ({"redirect_uris": [""]}, "redirect_uris"),
    ({"redirect_uris": [7]}, "redirect_uris"),
    ({"redirect_uris": ...}, "redirect_uris"),
    ({"redirect_uris": None}, "redirect_uris"),
    ({"redirect_uris": []}, "redirect_uris"),
    ({"redirect_uris": [f"https://rp.example/{n}" for n in range(21)]}, "redirect_uris"),
    ({"grant_types": "authorization_code"}, "grant_types"),
    ({"response_types": "code"}, "response_types"),
    ({"contacts": "me@rp.example"}, "contacts"),
    ({"contacts": ["a"] * 21}, "contacts"),
    ({"scope": ["openid"]}, "scope"),
    ({"scope": "openid\tprofile"}, "scope"),
    ({"require_auth_time": "true"}, "require_auth_time"),
    ({"require_auth_time": 1}, "require_auth_time"),
    ({"dpop_bound_access_tokens": "yes"}, "dpop_bound_access_tokens"),
    ({"backchannel_logout_session_required": 0}, "backchannel_logout_session_required"),
    ({"default_max_age": "60"}, "default_max_age"),
    ({"default_max_age": -1}, "default_max_age"),
    ({"default_max_age": True}, "default_max_age"),
    ({"default_max_age": 1.5}, "default_max_age"),
    ({"default_max_age": 10**30}, "default_max_age"),
    ({"application_type": "desktop"}, "application_type"),
    ({"application_type": "NATIVE"}, "application_type"),
    ({"frontchannel_logout_uri": "https://rp.example:8443/logout"}, "frontchannel_logout_uri"),
    # sectors and subjects
    ({"redirect_uris": ["https://rp.example/cb", "https://other.example/cb"]}, "redirect_uris"),
    ({"subject_type": "public"}, "subject_type"),
    ({"subject_type": "secret"}, "subject_type"),
    ({"sector_identifier_uri": "https://other.example/sector.json"}, "sector_identifier_uri"),
    ({"sector_identifier_uri": "https://rp.example/sector.json"}, "sector_identifier_uri"),
    # flows
    ({"grant_types": ["implicit"]}, "grant_types"),
    ({"grant_types": ["authorization_code", "implicit"]}, "grant_types"),
    ({"grant_types": ["password"]}, "grant_types"),
    ({"grant_types": ["client_credentials"]}, "grant_types"),
    ({"grant_types": ["refresh_token"]}, "grant_types"),
    ({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]}, "grant_types"),
    ({"response_types": ["token"]}, "response_types"),
    ({"response_types": ["id_token"]}, "response_types"),
    ({"response_types": ["code", "code id_token"]}, "response_types"),
    ({"response_types": ["none"]}, "response_types"),
    ({"scope": "profile"}, "scope"),
    ({"scope": "customer"}, "scope"),
    # how it proves itself
    ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method"),
    ({"token_endpoint_auth_method": "tls_client_auth"}, "token_endpoint_auth_method"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks"),
    ({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}}, "jwks"),
    ({"token_endpoint_auth_signing_alg": "none"}, "token_endpoint_auth_signing_alg"),
    ({"token_endpoint_auth_signing_alg": "HS256"}, "token_endpoint_auth_signing_alg"),
    ({"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg"),
    ({"id_token_signed_response_alg": "HS256"}, "id_token_signed_response_alg"),
    ({"userinfo_signed_response_alg": "none"}, "userinfo_signed_response_alg"),
    ({"introspection_signed_response_alg": "HS512"}, "introspection_signed_response_alg"),
    ({"request_object_signing_alg": "none"}, "request_object_signing_alg"),
    ({"request_object_signing_alg": "ES256"}, "request_object_signing_algs"),
    ({"require_signed_request_object": True}, "request_object_signing_algs"),
    ({"default_acr_values": ["http://id.elegnamnden.se/loa/1.0/loa4"]}, "default_acr_values"),
    # what would have to be fetched, or is not done
    ({"jwks_uri": "https://rp.example/jwks.json"}, "jwks_uri"),
    ({"jwks_uri": "https://rp.example/jwks.json", "jwks": jwks()}, "jwks_uri"),
    ({"jwks_uri": 7}, "jwks_uri"),
    ({"id_token_encrypted_response_alg": "RSA-OAEP-256"}, "id_token_encrypted_response_alg"),
    ({"userinfo_encrypted_response_alg": "ECDH-ES"}, "userinfo_encrypted_response_alg"),
    ({"request_object_encryption_alg": "RSA1_5"}, "request_object_encryption_alg"),
    ({"authorization_signed_response_alg": "RS256"}, "authorization_signed_response_alg"),
    ({"tls_client_certificate_bound_access_tokens": True}, "tls_client_certificate_bound_access_tokens"),
    ({"id_token_encrypted_response_enc": {"a": [1]}}, "id_token_encrypted_response_enc"),
]
"""Metadata that is refused, and the member that is named."""


def test_what_a_stranger_may_not_have_is_refused_by_name() -> None:
    wrong = []
    for changes, member in REFUSED:
        expected = member.replace("signing_algs", "signing_alg")
        code = "invalid_redirect_uri" if expected == "redirect_uris" else "invalid_client_metadata"
        refused = refusal(**changes)
        if (refused.member, refused.code) != (expected, code):
            wrong.append((changes, refused))
    assert wrong == []


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": ["https://rp.example/cb", "https://rp.example/cb?tenant=1", "https://rp.example:8443/cb"]},
        {**NATIVE, "redirect_uris": ["http://127.0.0.1/cb", "http://[::1]/cb"]},
        {**NATIVE, "redirect_uris": ["com.example.app:/cb"]},
        {**NATIVE, "redirect_uris": ["https://rp.example/app", "com.example.app:/cb"]},
        {"client_uri": "https://rp.example", "tos_uri": "https://rp.example/t"},
        {"redirect_uris": ["https://login.rp.example/cb"], "policy_uri": "https://rp.example/policy"},
        {"backchannel_logout_uri": "https://rp.example/cb?logout=backchannel"},
        {"frontchannel_logout_uri": "https://rp.example/front"},
        {"post_logout_redirect_uris": ["https://rp.example/bye", "https://www.other.example/"]},
        {"grant_types": ["authorization_code", "refresh_token"]},
        {"client_name#sv": "Förlitande part", "client_name#en-GB": "Relying party"},
        {"client_name": "Öresunds Återvinning & Söner (2026)"},
        {"request_object_signing_alg": "ES256", "jwks": jwks()},
        {"default_max_age": 3600, "require_auth_time": True, "default_acr_values": [ACR]},
        {"contacts": ["dev@rp.example"], "software_id": "4NRB1-0XZABZI9E6-5SM3R", "software_version": "1.2"},
        {"userinfo_signed_response_alg": "ES256", "id_token_signed_response_alg": "PS256"},
        {"jwks": jwks()},
        {"tls_client_certificate_bound_access_tokens": False, "jwks_uri": None},
    ],
)  # fmt: skip
def test_what_an_honest_client_asks_for_is_registered_as_it_says(changes: dict[str, Any]) -> None:
    registered = read(**changes)
    for name, value in changes.items():
        if name not in {"tls_client_certificate_bound_access_tokens", "jwks_uri"}:
            assert registered[name] == value


def test_a_client_without_a_name_is_called_by_its_host() -> None:
    assert read(client_name=...)["client_name"] == "rp.example"
    assert read(client_name=..., **NATIVE, redirect_uris=["com.rp.app:/cb"])["client_name"] == "Registered client"


def test_a_host_is_no_way_around_a_reserved_name() -> None:
    assert refusal(client_name=..., redirect_uris=["https://bankid.evil.example/cb"]).member == "client_name"


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (..., "openid profile email phone"),
        ("openid", "openid"),
        ("email openid", "email openid"),
        ("openid openid  email", "openid email"),
        ("openid customer https://id.oidc.se/scope/naturalPersonNumber", "openid"),
        ("openid offline_access", "openid"),
        ("openid address root *", "openid"),
    ],
)
def test_scope_is_never_more_than_a_registered_client_may_ask(asked: Any, granted: str) -> None:
    assert read(scope=asked)["scope"] == granted


def test_offline_access_needs_refresh_tokens() -> None:
    both = ["authorization_code", "refresh_token"]
    assert read(scope="openid offline_access", grant_types=both)["scope"] == "openid offline_access"


def test_an_algorithm_without_an_active_key_is_not_promised() -> None:
    terms = dataclasses.replace(TERMS, offered=offered("RS256"))
    assert refusal(terms=terms, id_token_signed_response_alg="ES256").member == "id_token_signed_response_alg"
    only_es = dataclasses.replace(TERMS, offered=offered("ES256"))
    assert refusal(terms=only_es).member == "id_token_signed_response_alg"
    assert read(terms=only_es, id_token_signed_response_alg="ES256")


def test_fapi_is_decided_by_the_token_and_told_to_the_client() -> None:
    registered = read(SecurityProfile.FAPI2, jwks=jwks())
    assert registered["token_endpoint_auth_method"] == "private_key_jwt"
    assert registered["require_pushed_authorization_requests"] is True
    assert registered["dpop_bound_access_tokens"] is True
    assert registered["id_token_signed_response_alg"] == "ES256"


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"token_endpoint_auth_method": "client_secret_basic"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({"dpop_bound_access_tokens": False}, "dpop_bound_access_tokens"),
        ({"require_pushed_authorization_requests": False}, "require_pushed_authorization_requests"),
        ({"id_token_signed_response_alg": "RS256"}, "id_token_signed_response_alg"),
        (
            {"token_endpoint_auth_signing_alg": "RS256", "jwks": jwks(public(RSA_KEY))},
            "token_endpoint_auth_signing_alg",
        ),
    ],
)
def test_fapi_is_not_weakened(changes: dict[str, Any], member: str) -> None:
    assert refusal(SecurityProfile.FAPI2, **{"jwks": jwks(), **changes}).member == member


def test_the_swedish_profile_signs_userinfo_and_gives_no_refresh_tokens() -> None:
    assert read(SecurityProfile.SWEDEN, jwks=jwks())["userinfo_signed_response_alg"] == "RS256"
    both = ["authorization_code", "refresh_token"]
    assert refusal(SecurityProfile.SWEDEN, jwks=jwks(), grant_types=both).member == "grant_types"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_NAMES = st.sampled_from(
    [
        "client_name", "redirect_uris", "jwks", "jwks_uri", "scope", "grant_types", "response_types", "application_type",
        "subject_type", "sector_identifier_uri", "token_endpoint_auth_method", "id_token_signed_response_alg", "contacts",
        "default_max_age", "default_acr_values", "client_uri", "backchannel_logout_uri", "client_name#sv", "software_id",
        "id_token_encrypted_response_alg", "require_auth_time", "request_object_signing_alg",
    ]
)  # fmt: skip


def outcome(changes: dict[str, Any]) -> dict[str, Any] | MetadataRefused:
    try:
        return read_metadata({**members(), **changes}, SecurityProfile.THIRD_PARTY, TERMS)
    except MetadataRefused as refused:
        return refused


@given(st.dictionaries(_NAMES, _JSON, max_size=5))
def test_whatever_comes_is_read_or_refused_by_name(changes: dict[str, Any]) -> None:
    found = outcome(changes)
    if isinstance(found, MetadataRefused):
        assert found.text.isascii()
    else:
        assert set(found["scope"].split()) <= set(TERMS.scopes)


@given(st.text(max_size=60))
def test_whatever_address_comes_is_read_or_refused(text: str) -> None:
    for uri in (text, f"https://{text}", f"https://rp.example/{text}", f"https://rp.example:{text}"):
        found = outcome({"redirect_uris": [uri]})
        if isinstance(found, MetadataRefused):
            assert found.member == "redirect_uris"
