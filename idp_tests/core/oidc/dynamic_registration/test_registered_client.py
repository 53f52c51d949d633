"""A registered client: what it can never be, whatever it says."""

from typing import Any

from idp.core.oidc.clients.client import AuthMethod, SecurityProfile, SubjectType
from idp_tests.registrations import (
    Endpoints,
    FakeRegisteredClients,
    jwks,
    many,
    tokens_with,
)


def test_a_registered_client_is_a_third_party_whatever_it_says() -> None:
    endpoints = Endpoints()
    told = endpoints.register(
        first_party=True, personal_number_allowed=True, sso_group="prezero", user_message_allowed=True
    )
    client = endpoints.client(told)
    assert client.security_profile is SecurityProfile.THIRD_PARTY
    assert not client.first_party
    assert not client.personal_number_allowed
    assert not client.evidence_claims_allowed
    assert not client.user_message_allowed
    assert client.require_pkce
    assert client.sso_group == client.client_id
    assert client.token_endpoint_auth_methods == {AuthMethod.CLIENT_SECRET_BASIC}
    assert client.subject_type is SubjectType.PAIRWISE
    assert client.refresh_lifetime is None


def test_not_even_the_swedish_profile_lets_a_stranger_write_in_the_bankid_app() -> None:
    endpoints = Endpoints(FakeRegisteredClients(tokens_with(security_profile=SecurityProfile.SWEDEN)))
    client = endpoints.client(endpoints.register(jwks=jwks()))
    assert client.security_profile is SecurityProfile.SWEDEN
    assert not client.user_message_allowed
    assert client.reidentify_without_prompt


def test_pairwise_subjects_belong_to_the_host_that_receives_the_logins() -> None:
    endpoints = many()
    assert endpoints.client(endpoints.register()).sector_identifier == "rp.example"
    native: dict[str, Any] = {"application_type": "native", "token_endpoint_auth_method": "none"}
    for uris in (["http://127.0.0.1/cb"], ["com.rp.app:/cb"], ["https://rp.example/cb", "http://127.0.0.1/cb"]):
        told = endpoints.register(**native, redirect_uris=uris)
        assert endpoints.client(told).sector_identifier == told["client_id"]


def test_a_confidential_third_party_that_registers_may_do_without_pkce_where_it_sends_a_nonce() -> None:
    """Nothing in a registration says whether the client can PKCE: one that registers must be able to log in."""
    endpoints = many()
    assert endpoints.client(endpoints.register()).nonce_may_replace_pkce
    public: dict[str, Any] = {"application_type": "native", "token_endpoint_auth_method": "none"}
    told = endpoints.register(**public, redirect_uris=["http://127.0.0.1/cb"])
    assert not endpoints.client(told).nonce_may_replace_pkce
    for profile in (SecurityProfile.FAPI2, SecurityProfile.SWEDEN):
        strict = Endpoints(FakeRegisteredClients(tokens_with(security_profile=profile)))
        assert not strict.client(strict.register(jwks=jwks())).nonce_may_replace_pkce
