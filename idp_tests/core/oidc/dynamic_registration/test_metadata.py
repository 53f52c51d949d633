"""Registration metadata: what is in force in the end, and every way of asking for more than a stranger may have."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.dynamic_registration.members import MetadataRefused, read_body
from idp.core.oidc.dynamic_registration.metadata import read_metadata
from idp_tests.registrations import EC_KEY, ED_KEY, RSA_KEY, TERMS, jwks, members, public, with_keys

NATIVE: dict[str, Any] = {"application_type": "native", "token_endpoint_auth_method": "none"}
SANDBOX = dataclasses.replace(TERMS, sandbox=True)
HOSTILE_HOSTS = [
    "169.254.169.254", "127.0.0.1", "10.0.0.1", "192.168.1.1", "0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1",
    "127.1", "[::1]", "[::ffff:127.0.0.1]", "[fd00::1]", "localhost", "localhost.localdomain.local", "printer.local",
    "db.internal", "router.lan", "nas.home", "app.corp", "intranet", "metadata.google.internal", "1.0.0.127.in-addr.arpa",
    "x.localhost", "hidden.onion", "rp.invalid", "rp.example.", ".rp.example", "rp..example", "-rp.example", "rp.exa_mple",
    "%6c%6fcalhost", "rp.example:99999", "user@rp.example", "user:pw@rp.example", "rp.example\\@evil.example", "rp.1",
    "rp.0x7f", "a" * 64 + ".example", "rp.example%00.evil.example", "xn--.example.1",
]  # fmt: skip


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
        {"email_claim": "always"},
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


@pytest.mark.parametrize(
    ("changes", "member"),
    [
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
        # names that are somebody else's
        ({"client_name": "BankID"}, "client_name"),
        ({"client_name": "Mitt Bank-ID"}, "client_name"),
        ({"client_name": "ＢａｎｋＩＤ"}, "client_name"),
        ({"client_name": "B\u00e4nkID"}, "client_name"),
        ({"client_name": "Prezero Sverige"}, "client_name"),
        ({"client_name": "PREZER0"}, "client_name"),
        ({"client_name": "Mina sidor"}, "client_name"),
        ({"client_name": "M1naSidor"}, "client_name"),
        ({"client_name": "Рartner"}, "client_name"),
        ({"client_name": "Παρτνερ"}, "client_name"),
        ({"client_name#sv": "BankID"}, "client_name"),
        ({"client_name#en": "MinaSidor"}, "client_name"),
        # redirect addresses of a web application
        ({"redirect_uris": ["http://rp.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["http://127.0.0.1/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["http://localhost/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["com.example.app:/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"redirect_uris": ["data:text/html,x"]}, "redirect_uris"),
        ({"redirect_uris": ["file:///etc/passwd"]}, "redirect_uris"),
        ({"redirect_uris": ["HTTPS://rp.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["https:rp.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["//rp.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["https://"]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/cb#part"]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/cb#"]}, "redirect_uris"),
        ({"redirect_uris": ["https://*.rp.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/*"]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/a/../b"]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/cb?code=x"]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/cb?state=x"]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/c b"]}, "redirect_uris"),
        ({"redirect_uris": ["https://räp.example/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["https://[::1/cb"]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/" + "a" * 2_048]}, "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/cb", "https://other.example/cb"]}, "redirect_uris"),
        # redirect addresses of a native application
        ({**NATIVE, "redirect_uris": ["http://rp.example/cb"]}, "redirect_uris"),
        ({**NATIVE, "redirect_uris": ["http://localhost/cb"]}, "redirect_uris"),
        ({**NATIVE, "redirect_uris": ["http://127.0.0.1.evil.example/cb"]}, "redirect_uris"),
        ({**NATIVE, "redirect_uris": ["app:/cb"]}, "redirect_uris"),
        ({**NATIVE, "redirect_uris": ["com.example.app://cb"]}, "redirect_uris"),
        ({**NATIVE, "redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({**NATIVE, "redirect_uris": ["https://localhost/cb"]}, "redirect_uris"),
        ({"application_type": "desktop"}, "application_type"),
        ({"application_type": "NATIVE"}, "application_type"),
        # other addresses
        ({"post_logout_redirect_uris": ["http://rp.example/bye"]}, "post_logout_redirect_uris"),
        ({"post_logout_redirect_uris": ["https://10.0.0.1/bye"]}, "post_logout_redirect_uris"),
        ({"client_uri": "http://rp.example"}, "client_uri"),
        ({"client_uri": "javascript:alert(1)"}, "client_uri"),
        ({"client_uri": "https://bank.example"}, "client_uri"),
        ({"client_uri": "https://notrp.example"}, "client_uri"),
        ({"logo_uri": "https://cdn.example/logo.png"}, "logo_uri"),
        ({"logo_uri": "data:image/png;base64,AAAA"}, "logo_uri"),
        ({"policy_uri": "https://169.254.169.254/latest"}, "policy_uri"),
        ({"tos_uri": "ftp://rp.example/tos"}, "tos_uri"),
        ({"initiate_login_uri": "https://evil.example/login"}, "initiate_login_uri"),
        ({"backchannel_logout_uri": "https://api.rp.example/logout"}, "backchannel_logout_uri"),
        ({"backchannel_logout_uri": "http://rp.example/logout"}, "backchannel_logout_uri"),
        ({"backchannel_logout_uri": "https://169.254.169.254/"}, "backchannel_logout_uri"),
        (
            {**NATIVE, "redirect_uris": ["com.rp.app:/cb"], "backchannel_logout_uri": "https://rp.example/l"},
            "backchannel_logout_uri",
        ),
        ({"frontchannel_logout_uri": "https://evil.example/logout"}, "frontchannel_logout_uri"),
        ({"frontchannel_logout_uri": "https://rp.example:8443/logout"}, "frontchannel_logout_uri"),
        # sectors and subjects
        ({"subject_type": "public"}, "subject_type"),
        ({"subject_type": "secret"}, "subject_type"),
        ({"sector_identifier_uri": "https://other.example/sector.json"}, "sector_identifier_uri"),
        ({"sector_identifier_uri": "http://rp.example/sector.json"}, "sector_identifier_uri"),
        ({"sector_identifier_uri": "https://127.0.0.1/sector.json"}, "sector_identifier_uri"),
        (
            {
                "redirect_uris": ["https://rp.example/cb", "https://two.example/cb"],
                "sector_identifier_uri": "https://rp.example/sector.json",
            },
            "sector_identifier_uri",
        ),
        (
            {
                **NATIVE,
                "redirect_uris": ["https://rp.example/cb", "http://127.0.0.1/cb"],
                "sector_identifier_uri": "https://rp.example/sector.json",
            },
            "sector_identifier_uri",
        ),
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
    ],
)
def test_what_a_stranger_may_not_have_is_refused_by_name(changes: dict[str, Any], member: str) -> None:
    expected = member.replace("signing_algs", "signing_alg")
    refused = refusal(**changes)
    assert refused.member == expected
    assert refused.code == ("invalid_redirect_uri" if expected == "redirect_uris" else "invalid_client_metadata")


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
@pytest.mark.parametrize("member", ["redirect_uris", "backchannel_logout_uri", "logo_uri", "sector_identifier_uri"])
def test_an_address_in_disguise_is_no_host_of_the_public_web(member: str, host: str) -> None:
    address = f"https://{host}/x"
    changes: dict[str, Any] = {member: [address] if member == "redirect_uris" else address}
    refused = refusal(**changes)
    assert refused.member == member


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ("not a set", "JWK Set"),
        ([public(EC_KEY)], "JWK Set"),
        ({}, "JWK Set"),
        ({"keys": {}}, "JWK Set"),
        ({"keys": [public(EC_KEY, kid=str(n)) for n in range(11)]}, "JWK Set"),
        ({"keys": ["key"]}, "objects"),
        ({"keys": [[]]}, "objects"),
        (jwks(EC_KEY.as_dict(private=True)), "public keys only"),
        (jwks(RSA_KEY.as_dict(private=True)), "public keys only"),
        (jwks(ED_KEY.as_dict(private=True)), "public keys only"),
        (jwks({"kty": "oct", "k": "c2VjcmV0"}), "public keys only"),
        (jwks({"kty": "oct"}), "cannot be read"),
        (jwks({}), "cannot be read"),
        (jwks({"kty": "EC"}), "cannot be read"),
        (jwks(public(EC_KEY, kty="XX")), "cannot be read"),
        (jwks(public(EC_KEY, crv="P-384")), ""),
        (jwks(public(EC_KEY, crv="secp256k1")), ""),
        (jwks(public(EC_KEY, x="AAAA")), ""),
        (jwks(public(EC_KEY, x=7)), "text"),
        (jwks(public(EC_KEY, x=["a"] * 9)), "text"),
        (jwks(public(EC_KEY, x="a" * 5_000)), "text"),
        (jwks(public(EC_KEY, use="enc")), "not for signatures"),
        (jwks(public(EC_KEY, use="both")), "not for signatures"),
        (jwks(public(EC_KEY, key_ops=["sign"])), "verifying"),
        (jwks(public(EC_KEY, key_ops=["verify", "encrypt"])), "verifying"),
        (jwks(public(EC_KEY, key_ops="verify")), "verifying"),
        (jwks(public(EC_KEY, alg="none")), ""),
        (jwks(public(EC_KEY, alg="HS256")), ""),
        (jwks(public(EC_KEY, alg="ES384")), ""),
        (jwks(public(EC_KEY, alg="RS256")), ""),
        (jwks(public(EC_KEY, alg="ECDH-ES")), ""),
        (jwks(public(RSA_KEY, alg="RSA-OAEP")), ""),
        (jwks(public(RSA_KEY, n="AQAB")), "too short"),
        (jwks(public(RSA_KEY, n="_" * 1_300)), "too short or too long"),
        (jwks(public(RSA_KEY, e="Aw")), "exponent"),
        (jwks(public(RSA_KEY, e="AQ")), "exponent"),
        (jwks(public(RSA_KEY, n="not base64!")), "base64url"),
        (jwks(public(EC_KEY), public(EC_KEY)), "kid of its own"),
        (jwks(public(EC_KEY, kid=...), public(EC_KEY, kid=...)), "twice"),
        (jwks(public(EC_KEY), public(RSA_KEY, kid="ec")), "kid of its own"),
        (jwks(public(EC_KEY, kid="k" * 257)), "kid of its own"),
        (jwks(public(EC_KEY, kid=7)), "text"),
    ],
)
def test_a_key_that_is_not_a_public_signing_key_is_refused(keys: Any, why: str) -> None:
    refused = refusal(**with_keys(jwks=keys))
    assert refused.member == "jwks"
    assert why in refused.text


def test_keys_keep_only_what_verifying_needs() -> None:
    """A certificate's address in a key would be fetched by somebody some day."""
    loaded = public(EC_KEY, use="sig", x5u="https://evil.example/cert", x5c=["AAAA"], key_ops=["verify"], note={"a": 1})
    assert read(**with_keys(jwks=jwks(loaded)))["jwks"] == jwks(public(EC_KEY, use="sig"))


def test_all_kinds_of_keys_are_read() -> None:
    read(**with_keys(jwks=jwks(public(EC_KEY), public(RSA_KEY), public(ED_KEY))))


def test_ed25519_goes_by_both_names() -> None:
    both = [
        read(**with_keys(jwks=jwks(public(ED_KEY)), token_endpoint_auth_signing_alg=name))
        for name in ("EdDSA", "Ed25519")
    ]
    assert both[0] == both[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": ["https://rp.example/cb", "https://rp.example/cb?tenant=1", "https://rp.example:8443/cb"]},
        {**NATIVE, "redirect_uris": ["http://127.0.0.1/cb", "http://[::1]/cb"]},
        {**NATIVE, "redirect_uris": ["com.example.app:/cb"]},
        {**NATIVE, "redirect_uris": ["https://rp.example/app", "com.example.app:/cb"]},
        {"client_uri": "https://rp.example", "logo_uri": "https://img.rp.example/l.png", "tos_uri": "https://rp.example/t"},
        {"redirect_uris": ["https://login.rp.example/cb"], "policy_uri": "https://rp.example/policy"},
        {"backchannel_logout_uri": "https://rp.example/cb?logout=backchannel"},
        {"frontchannel_logout_uri": "https://rp.example/front"},
        {"sector_identifier_uri": "https://rp.example/sector.json"},
        {"post_logout_redirect_uris": ["https://rp.example/bye", "https://www.other.example/"]},
        {"grant_types": ["authorization_code", "refresh_token"]},
        {"client_name#sv": "Förlitande part", "client_name#en-GB": "Relying party"},
        {"client_name": "Öresunds Återvinning & Söner (2026)"},
        {"request_object_signing_alg": "ES256", "jwks": jwks()},
        {"default_max_age": 3600, "require_auth_time": True, "default_acr_values": [TERMS.acr]},
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
    terms = dataclasses.replace(TERMS, signing_algs=("RS256",))
    assert refusal(terms=terms, id_token_signed_response_alg="ES256").member == "id_token_signed_response_alg"
    only_es = dataclasses.replace(TERMS, signing_algs=("ES256",))
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


def test_http_on_this_machine_is_for_the_sandbox() -> None:
    loopback: dict[str, Any] = {
        "redirect_uris": ["http://localhost:8001/cb"],
        "backchannel_logout_uri": "http://localhost:8001/out",
    }
    assert read(terms=SANDBOX, **loopback)["redirect_uris"] == loopback["redirect_uris"]
    assert refusal(**loopback).member == "redirect_uris"
    assert refusal(terms=SANDBOX, redirect_uris=["http://10.0.0.1/cb"]).member == "redirect_uris"


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"null", b"true", b"7", b'"text"', b"[]", b"[{}]", b"{", b'{"a":1}x', b'{"a":1,}', b"{'a':1}", b"\xff\xfe",
        b'{"client_name":"A","client_name":"B"}', b'{"redirect_uris":[],"redirect_uris":["https://evil.example"]}',
        b'{"jwks":{"keys":[{"kty":"EC","kty":"oct"}]}}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1e999}',
        b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", b'{"a":' + b"9" * 5_000 + b"}",
        b"client_name=A&redirect_uris=B", b"<xml/>", b"\x1f\x8b\x08\x00" + b"\x00" * 20,
    ],
)  # fmt: skip
def test_a_body_that_is_not_one_plain_object_is_refused(body: bytes) -> None:
    with pytest.raises(MetadataRefused) as refused:
        read_body(body)
    assert (refused.value.code, refused.value.member) == ("invalid_client_metadata", "body")


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


@pytest.mark.parametrize(
    "name",
    [
        "BankıD",
        "BankĺD",
        "Vi på PreZerø",
        "Preƶero",
        "Prɛzero",
        "PɾeZero",
        "PreZer°",
        "ＰｒｅＺｅｒｏ",
        "Ring 0900, http://evil.example",
        "evil.example/login",
    ],
)
def test_a_name_that_looks_like_another_or_like_an_address_is_refused(name: str) -> None:
    assert refusal(client_name=name).member == "client_name"
