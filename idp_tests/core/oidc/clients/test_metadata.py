"""From metadata to a client: the profile fills what a file leaves out, and every mistake is told."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from idp.core.identification.bankid.order_request import VISIBLE_DATA_LIMIT
from idp.core.oidc.clients.client import AuthMethod, Client, SecurityProfile, SubjectType
from idp.core.oidc.clients.metadata import MetadataProblems, read_client
from idp.core.oidc.clients.rules import INTENTION_BYTES, USER_MESSAGE_BYTES

ISSUER = "https://id.example"
EC_JWK = ECKey.generate_key("P-256", {"kid": "k1"}).as_dict(private=False)
RSA_JWK = RSAKey.generate_key(2048, {"kid": "k2"}).as_dict(private=False)
HASH = "a" * 64
SECRET: dict[str, Any] = {"token_endpoint_auth_method": "client_secret_basic", "client_secret_hash": HASH, "jwks": []}
BASE: dict[str, Any] = {
    "client_name": "Relying Party",
    "security_profile": "third_party",
    "redirect_uris": ["https://rp.example/cb"],
    "jwks": [EC_JWK],
}
NATIVE: dict[str, Any] = {"security_profile": "native_public", "jwks": []}


def read(*, sandbox: bool = False, **changes: Any) -> Client:
    members = {name: value for name, value in {**BASE, **changes}.items() if value is not ...}
    return read_client("rp", members, issuer=ISSUER, sandbox=sandbox)


def problems(*, sandbox: bool = False, **changes: Any) -> dict[str, str]:
    with pytest.raises(MetadataProblems) as refused:
        read(sandbox=sandbox, **changes)
    return {problem.member: problem.text for problem in refused.value.problems}


def test_four_members_make_a_third_party() -> None:
    client = read()
    assert client.token_endpoint_auth_methods == {AuthMethod.PRIVATE_KEY_JWT}
    assert client.scopes == {"openid"}
    assert client.subject_type is SubjectType.PAIRWISE
    assert client.sector_identifier == "rp.example"
    assert client.id_token_signed_response_alg == "RS256"
    assert client.assertion_audiences == {ISSUER, f"{ISSUER}/token"}
    assert client.sso_group == "rp"
    assert client.require_pkce
    assert not client.first_party
    assert not client.require_customer_link
    assert not client.select_customer
    assert client.refresh_lifetime == timedelta(hours=24)


def test_a_client_for_trials_needs_few_lines() -> None:
    client = read(
        **SECRET | {"token_endpoint_auth_method": ...},
        token_endpoint_auth_methods=["client_secret_basic", "client_secret_post"],
        first_party=True,
        require_pkce=False,
        scope="openid profile email phone offline_access",
    )
    assert client.token_endpoint_auth_methods == {AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST}
    assert client.client_secret_hashes == (HASH,)
    assert client.first_party
    assert not client.require_customer_link
    assert not client.require_pkce


def test_our_own_portal_shares_one_login_with_our_app() -> None:
    portal = read(security_profile="web_confidential")
    app = read(**NATIVE)
    assert portal.sso_group == app.sso_group == "prezero"
    assert portal.first_party
    assert app.first_party
    assert portal.require_customer_link
    assert app.is_public
    assert app.is_native
    assert app.require_pkce
    assert portal.id_token_signed_response_alg == app.id_token_signed_response_alg == "ES256"
    assert portal.refresh_lifetime is None
    assert portal.refresh_bound_to_session
    assert app.refresh_lifetime == timedelta(hours=24)
    assert app.refresh_rotated


def test_a_client_without_refresh_tokens_has_no_lifetime_for_them() -> None:
    assert read(grant_types=["authorization_code"]).refresh_lifetime is None
    assert "refresh_lifetime" in problems(grant_types=["authorization_code"], refresh_lifetime=3600)


def test_fapi_is_one_word() -> None:
    client = read(security_profile="fapi2")
    assert client.require_pushed_authorization_requests
    assert client.dpop_bound_access_tokens
    assert client.assertion_audiences == {ISSUER}
    assert client.token_endpoint_auth_signing_algs == {"PS256", "ES256", "EdDSA"}
    assert not client.refresh_rotated


def test_the_swedish_profile_is_one_word() -> None:
    client = read(security_profile="sweden")
    assert client.userinfo_signed_response_alg == "RS256"
    assert client.reidentify_without_prompt
    assert client.user_message_allowed
    assert client.request_object_signing_algs
    assert client.id_token_lifetime == timedelta(minutes=5)
    assert client.grant_types == {"authorization_code"}
    assert client.subject_type is SubjectType.PUBLIC
    assert read(security_profile="sweden", id_token_signed_response_alg="ES256").userinfo_signed_response_alg == "ES256"


def test_names_have_languages() -> None:
    names: dict[str, Any] = {"client_name#sv": "Förlitande part", "client_name#en-GB": "Relying Party"}
    client = read(**names)
    assert client.name_in("sv") == "Förlitande part"
    assert client.name_in("de") == "Relying Party"


def test_times_are_seconds_or_durations() -> None:
    assert read(access_token_lifetime=120).access_token_lifetime == timedelta(minutes=2)
    assert read(refresh_lifetime="P7D").refresh_lifetime == timedelta(days=7)


def test_keys_stand_in_a_list_or_a_set() -> None:
    assert read(jwks=[EC_JWK]).jwks == read(jwks={"keys": [EC_JWK]}).jwks


def test_both_names_of_ed25519_are_known() -> None:
    assert read(
        security_profile="fapi2", token_endpoint_auth_signing_algs=["Ed25519", "ES256"]
    ).token_endpoint_auth_signing_algs == {
        "EdDSA",
        "ES256",
    }


def test_resources_and_texts_are_taken_as_written() -> None:
    longest = "https://api.example/".ljust(2048, "x")
    client = read(
        resources=["https://api.example/", longest], intention={"sv": "Logga in på {app}", "en": "Log in to {app}"}
    )
    assert client.resources == {"https://api.example/", longest}
    assert client.intention["sv"] == "Logga in på {app}"


def test_the_longest_intention_text_and_user_message_fit_into_a_bankid_order() -> None:
    name = "Återvinningscentralen" + "å" * 39
    client = read(client_name=name, intention={"sv": "{app}" + "x" * (INTENTION_BYTES - len(name.encode()))})
    shown = client.intention["sv"].replace("{app}", client.name_in("sv")) + "\n\n" + "x" * USER_MESSAGE_BYTES
    assert len(base64.b64encode(shown.encode())) == VISIBLE_DATA_LIMIT


def test_two_secrets_are_valid_while_one_replaces_the_other() -> None:
    client = read(**SECRET | {"client_secret_hash": ..., "client_secret_hashes": [HASH, "b" * 64]})
    assert client.client_secret_hashes == (HASH, "b" * 64)


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"client_name": ...}, "client_name", "missing"),
    ({"security_profile": ...}, "security_profile", "missing"),
    ({"redirect_uris": ...}, "redirect_uris", "missing"),
    ({"redirect_uris": []}, "redirect_uris", ""),
    ({"redirect_uris": "https://rp.example/cb"}, "redirect_uris", ""),
    ({"redirect_uris": ["http://rp.example/cb"]}, "redirect_uris", "https"),
    ({"redirect_uris": ["https://rp.example/*"]}, "redirect_uris", "wildcard"),
    ({"redirect_uris": ["http://localhost/cb"]}, "redirect_uris", "sandbox"),
    ({"post_logout_redirect_uris": ["https://rp.example/#x"]}, "post_logout_redirect_uris", "fragment"),
    ({"security_profile": "fapi"}, "security_profile", "fapi2"),
    ({"redirect_uri": ["x"]}, "redirect_uri", "did you mean redirect_uris?"),
    ({"scop": "openid"}, "scop", "did you mean scope?"),
    ({"zzzzzz": 1}, "zzzzzz", "unknown"),
    ({"client_secret": "hunter2"}, "client_secret", "client_secret_hash"),
    ({"client_id": "another"}, "client_id", "name of the file"),
    ({"client_name": 5}, "client_name", "string"),
    ({"client_name": ""}, "client_name", ""),
    ({"client_name": "Evil\u202eparty"}, "client_name", "printable"),
    ({"client_name#sv": "x" * 61}, "client_name", "60"),
    ({"require_pkce": "false"}, "require_pkce", "boolean"),
    ({"first_party": 1}, "first_party", "boolean"),
    ({"default_max_age": -1}, "default_max_age", ""),
    ({"access_token_lifetime": 5}, "access_token_lifetime", ""),
    ({"refresh_lifetime": "P31D"}, "refresh_lifetime", ""),
    ({"response_types": ["token"]}, "response_types.0", "code"),
    ({"grant_types": ["password", "authorization_code"]}, "grant_types", "password"),
    ({"grant_types": ["refresh_token"]}, "grant_types", "authorization_code"),
    ({"scope": "profile"}, "scope", "openid"),
    ({"scope": "openid adress"}, "scope", "adress"),
    ({"scope": "openid https://id.oidc.se/scope/naturalPersonNumber"}, "scope", "personal_number_allowed"),
    ({"id_token_signed_response_alg": "HS256"}, "id_token_signed_response_alg", ""),
    ({"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg", ""),
    ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method", ""),
    ({"jwks": []}, "jwks", "private_key_jwt"),
    ({"jwks": [{"kty": "oct", "k": "x"}]}, "jwks.keys.0", "private"),
    ({"jwks": [EC_JWK, {"kty": "RSA", "n": "AQ", "e": "AQAB"}]}, "jwks.keys.1", "short"),
    ({"jwks": [RSA_JWK], "token_endpoint_auth_signing_alg": "ES256"}, "jwks.keys.0", "fits none"),
    ({**SECRET, "client_secret_hash": ...}, "client_secret_hash", "missing"),
    ({**SECRET, "client_secret_hash": "secret"}, "client_secret_hash", ""),
    ({"client_secret_hash": HASH}, "client_secret_hash", "no use"),
    ({**SECRET, "client_secret_hashes": [HASH]}, "client_secret_hash", "client_secret_hashes"),
    ({"token_endpoint_auth_methods": ["none", "private_key_jwt"]}, "token_endpoint_auth_methods", "alone"),
    (SECRET | {"security_profile": "web_confidential"}, "token_endpoint_auth_methods", "web_confidential"),
    (SECRET | {"security_profile": "fapi2"}, "token_endpoint_auth_methods", "fapi2"),
    (SECRET | {"security_profile": "sweden"}, "token_endpoint_auth_methods", "sweden"),
    ({"security_profile": "fapi2", "token_endpoint_auth_signing_alg": "RS256", "jwks": [RSA_JWK]}, "token_endpoint_auth_signing_algs", "RS256"),
    ({"security_profile": "fapi2", "request_object_signing_alg": "RS256", "jwks": [RSA_JWK]}, "request_object_signing_algs", "RS256"),
    ({"security_profile": "fapi2", "id_token_signed_response_alg": "RS256"}, "id_token_signed_response_alg", "fapi2"),
    ({"security_profile": "fapi2", "require_pkce": False}, "require_pkce", ""),
    ({"security_profile": "web_confidential", "require_pkce": False}, "require_pkce", ""),
    ({**NATIVE, "require_pkce": False}, "require_pkce", ""),
    ({"token_endpoint_auth_method": "none", "jwks": [], "require_pkce": False}, "require_pkce", ""),
    ({"security_profile": "fapi2", "require_pushed_authorization_requests": False}, "require_pushed_authorization_requests", "always"),
    ({"security_profile": "fapi2", "dpop_bound_access_tokens": False}, "dpop_bound_access_tokens", "always"),
    ({"security_profile": "fapi2", "dpop_allowed": False}, "dpop_allowed", ""),
    ({"security_profile": "fapi2", "assertion_audiences": [f"{ISSUER}/token"]}, "assertion_audiences", ""),
    ({"assertion_audiences": ["https://other.example"]}, "assertion_audiences", ""),
    ({"security_profile": "sweden", "id_token_lifetime": 301}, "id_token_lifetime", "sweden"),
    ({"security_profile": "sweden", "reidentify_without_prompt": False}, "reidentify_without_prompt", "always"),
    ({"security_profile": "sweden", "refresh_lifetime": 600}, "refresh_lifetime", "refresh_token"),
    ({**NATIVE, "application_type": "web"}, "application_type", "native"),
    ({"redirect_uris": ["https://a.example", "https://b.example"]}, "sector_identifier_uri", "several hosts"),
    ({"require_signed_request_object": True, "request_object_signing_algs": []}, "require_signed_request_object", ""),
    ({**SECRET, "request_object_signing_alg": "ES256"}, "request_object_signing_algs", "jwks"),
    ({"resources": ["api"]}, "resources", "RFC 8707"),
    ({"resources": ["https://api.example#x"]}, "resources", "RFC 8707"),
    ({"resources": ["https://api.example/".ljust(2049, "x")]}, "resources", "RFC 8707"),
    ({"backchannel_logout_uri": "http://rp.example/bc"}, "backchannel_logout_uri", "https"),
    ({"backchannel_logout_uri": "https://u@rp.example/bc"}, "backchannel_logout_uri", "user"),
    ({"frontchannel_logout_uri": "https://other.example/fc"}, "frontchannel_logout_uri", "redirect_uris"),
    ({"policy_uri": "javascript:alert(1)"}, "policy_uri", ""),
    ({"logo_uri": "https://rp.example/logo.png"}, "logo_uri", "no logo is shown"),
    ({"jwks_uri": "https://rp.example/jwks.json"}, "jwks_uri", "nothing is fetched"),
    ({"client_uri": "https://rp.example/<script>"}, "client_uri", ""),
    ({"bankid_return_uri": "https://rp.example/"}, "bankid_return_uri", "native"),
    ({"intention": {"sv": "Logga in på {evil}"}}, "intention.sv", "{app}"),
    ({"intention": {"sv": "Logga in på {app}}"}}, "intention.sv", "{app}"),
    ({"intention": {"en": "x" * (INTENTION_BYTES + 1)}}, "intention.en", "bytes"),
    ({"intention": {"sv": "å" * (INTENTION_BYTES // 2 + 1)}}, "intention.sv", "bytes"),
    ({"intention": {"sv": "x" * (INTENTION_BYTES - 12) + "{app}"}}, "intention.sv", "bytes"),
    ({"sso_group": "Not A Group!"}, "sso_group", ""),
]  # fmt: skip
"""What is written, the member that is named, and a word of what is said."""


def test_every_mistake_names_its_member() -> None:
    unnamed = []
    for changes, member, hint in MISTAKES:
        found = problems(**changes)
        if hint not in found.get(member, "nothing is said"):
            unnamed.append((changes, member, found))
    assert unnamed == []


def test_all_mistakes_are_told_at_once() -> None:
    found = problems(client_name=..., scop="x", require_pkce="no", jwks="x")
    assert {"client_name", "scop", "require_pkce"} <= found.keys()
    found = problems(scope="adress", redirect_uris=["http://rp.example"], jwks=[], require_signed_request_object=True)
    assert {"scope", "redirect_uris", "jwks", "request_object_signing_algs"} <= found.keys()


@pytest.mark.parametrize("client_id", ["", ".hidden", "a b", "../x", "å", "a" * 101, "a/b"])
def test_a_client_id_is_plain(client_id: Any) -> None:
    with pytest.raises(MetadataProblems):
        read_client(client_id, BASE, issuer=ISSUER, sandbox=False)


def test_the_sandbox_allows_loopback_and_secrets_for_trials() -> None:
    portal = SECRET | {"security_profile": "web_confidential", "redirect_uris": ["http://localhost:8001/cb"]}
    assert {"redirect_uris", "token_endpoint_auth_methods"} <= problems(**portal).keys()
    assert read(sandbox=True, **portal).redirect_uris == {"http://localhost:8001/cb"}
    assert read(sandbox=True, backchannel_logout_uri="http://localhost:8001/bc").backchannel_logout_uri


def test_the_sandbox_relaxes_nothing_else() -> None:
    assert problems(sandbox=True, redirect_uris=["http://rp.example/cb"])
    assert problems(sandbox=True, **SECRET | {"security_profile": "fapi2"})
    assert problems(sandbox=True, backchannel_logout_uri="http://169.254.169.254/")


def test_a_problem_never_repeats_a_value_that_may_be_secret() -> None:
    found = problems(client_secret="hunter2-canary", jwks=[{**EC_JWK, "d": "canary"}])
    assert "canary" not in str(found)


@pytest.mark.parametrize("profile", list(SecurityProfile))
def test_every_profile_has_clients(profile: Any) -> None:
    changes = NATIVE if profile is SecurityProfile.NATIVE_PUBLIC else {"security_profile": profile.value}
    assert read(**changes).security_profile is profile
