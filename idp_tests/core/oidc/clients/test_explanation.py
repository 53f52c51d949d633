"""A client's file in words: the operator who approves it reads what it gives away."""

from datetime import timedelta
from typing import Any

from idp.core.oidc.clients.client import AuthMethod, SecurityProfile, SubjectType
from idp.core.oidc.clients.explanation import explain
from idp_tests.authorization_requests import an_rp


def words(**changes: Any) -> str:
    return "\n".join(explain(an_rp(**changes)))


def test_the_dangerous_things_are_said_loudly() -> None:
    number = "https://id.oidc.se/scope/naturalPersonNumber"
    assert "PERSONAL IDENTITY NUMBER" in words(personal_number_allowed=True, scopes=frozenset({"openid", number}))
    assert "PERSONAL IDENTITY NUMBER" not in words(personal_number_allowed=True)
    assert "PKCE is NOT required" in words(require_pkce=False)
    assert "DISABLED" in words(disabled=True)
    assert "BankID's signature" in words(evidence_claims_allowed=True)


def test_it_says_who_gets_in_and_who_is_asked() -> None:
    assert "asked for consent" in words()
    assert "Nobody is asked for consent" in words(first_party=True)
    assert "linked customer number" in words(require_customer_link=True)
    assert "no customer number" in words(require_customer_link=False)


def test_it_names_every_address() -> None:
    text = words(
        post_logout_redirect_uris=frozenset({"https://rp.example/bye"}),
        backchannel_logout_uri="https://rp.example/bc",
        frontchannel_logout_uri="https://rp.example/fc",
    )
    for address in (
        "https://rp.example/cb",
        "https://rp.example/bye",
        "https://rp.example/bc",
        "https://rp.example/fc",
    ):
        assert address in text


def test_it_tells_keys_secrets_and_public_clients_apart() -> None:
    assert "client-key" in words()
    assert "keeps no secret" in words(token_endpoint_auth_methods=frozenset({AuthMethod.NONE}))
    secrets = words(
        token_endpoint_auth_methods=frozenset({AuthMethod.CLIENT_SECRET_BASIC}),
        client_secret_hashes=("a" * 64, "b" * 64),
    )
    assert "Two secrets" in secrets
    assert "aaaa" not in secrets


def test_it_says_how_long_things_live() -> None:
    grants = frozenset({"authorization_code", "refresh_token"})
    assert "with offline_access, 1 d in all" in words(grant_types=grants, refresh_lifetime=timedelta(days=1))
    assert "No refresh tokens" in words(grant_types=grants)
    assert "90 s" in words(access_token_lifetime=timedelta(seconds=90))
    assert "ending with the browser's session" in words(
        grant_types=grants, refresh_lifetime=timedelta(hours=2), refresh_bound_to_session=True, refresh_rotated=False
    )


def test_it_says_of_refresh_tokens_what_becomes_of_them() -> None:
    grants = frozenset({"authorization_code", "refresh_token"})
    one: dict[str, Any] = {"grant_types": grants, "refresh_lifetime": timedelta(days=1)}
    public = one | {"token_endpoint_auth_methods": frozenset({AuthMethod.NONE}), "jwks": {"keys": []}}
    assert "1 d in all, the same at every use." in words(**one)
    assert "1 d in all, replaced at every use unless bound to a DPoP key." in words(**public)
    assert "1 d in all, replaced at every use." in words(**public, dpop_allowed=False)
    assert "1 d in all, the same at every use." in words(**public, dpop_bound_access_tokens=True)
    assert "1 d in all, the same at every use." in words(**public, refresh_rotated=False)


def test_it_tells_what_the_client_learns_about_people() -> None:
    text = words(
        subject_type=SubjectType.PAIRWISE, sector_identifier="rp.example", scopes=frozenset({"openid", "phone"})
    )
    assert "sector rp.example" in text
    assert "only once the person has confirmed it" in text
    assert "phone opens nothing" in text
    assert "that a person TYPED" in words(unconfirmed_contact_allowed=True)
    assert "sector" not in words()


def test_it_tells_what_a_profile_brings() -> None:
    fapi = words(profile=SecurityProfile.FAPI2, dpop_bound_access_tokens=True)
    assert "pushed first" in fapi
    assert "DPoP" in fapi
    sweden = words(profile=SecurityProfile.SWEDEN, userinfo_signed_response_alg="RS256")
    assert "asks for BankID again" in sweden
    assert "its own message" in sweden
    assert "UserInfo is signed" in sweden
    assert "must be signed" in words(require_signed_request_object=True)
    assert "port may differ" in words(application_type="native", redirect_uris=frozenset({"http://127.0.0.1/cb"}))
    assert "access tokens for https://api.example" in words(resources=frozenset({"https://api.example"}))
    assert "introspect tokens for https://api.example" in words(
        introspection_audiences=frozenset({"https://api.example"})
    )
