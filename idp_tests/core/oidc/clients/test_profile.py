"""Security profiles: what one word promises, held for every row of the table."""

import ast
import dataclasses
from datetime import timedelta
from pathlib import Path

import idp
from idp.core.oidc.clients.client import AuthMethod, SecurityProfile
from idp.core.oidc.clients.profile import PROFILES, PROFILES_TO_REGISTER, Defaults
from idp.core.oidc.tokens.token_endpoint import GRANT_TYPES
from idp_tests.cases import each

OTHERS = [profile for profile in SecurityProfile if profile is not SecurityProfile.THIRD_PARTY]


def test_every_profile_has_its_row() -> None:
    assert PROFILES.keys() == set(SecurityProfile)


@each("profile", list(SecurityProfile))
def test_a_default_is_always_among_what_is_allowed(profile: SecurityProfile) -> None:
    row = PROFILES[profile]
    defaults = row.defaults
    assert defaults.token_endpoint_auth_methods <= row.auth_methods_allowed
    assert defaults.token_endpoint_auth_signing_algs == row.signing_algs
    assert defaults.id_token_signed_response_alg in row.answer_algs_allowed
    assert defaults.grant_types <= row.grant_types_allowed
    assert "openid" in defaults.scopes
    assert row.fixed <= {one.name for one in dataclasses.fields(Defaults)}
    assert not any(alg.startswith("HS") or alg == "none" for alg in row.signing_algs | row.answer_algs_allowed)


@each("profile", OTHERS)
def test_only_a_third_party_may_waive_pkce_or_keep_a_secret(profile: SecurityProfile) -> None:
    row = PROFILES[profile]
    assert not row.pkce_may_be_waived
    assert row.auth_methods_allowed <= {AuthMethod.PRIVATE_KEY_JWT, AuthMethod.NONE}


def test_fapi_never_signs_with_rsa_pkcs1_and_always_pushes_and_binds() -> None:
    row = PROFILES[SecurityProfile.FAPI2]
    assert "RS256" not in row.signing_algs | row.answer_algs_allowed
    assert row.defaults.require_pushed_authorization_requests
    assert row.defaults.dpop_bound_access_tokens
    assert row.fixed == {"require_pushed_authorization_requests", "dpop_bound_access_tokens"}
    assert row.assertion_is_for_the_issuer_alone
    assert not row.defaults.refresh_rotated


def test_the_swedish_profile_signs_userinfo_and_keeps_id_tokens_short() -> None:
    row = PROFILES[SecurityProfile.SWEDEN]
    assert row.signed_userinfo_required
    assert row.defaults.reidentify_without_prompt
    assert row.fixed == {"reidentify_without_prompt"}
    assert row.longest_id_token <= timedelta(minutes=5)


def test_only_the_swedish_profile_and_our_own_are_told_unasked_who_identified_the_person() -> None:
    told = {profile for profile, row in PROFILES.items() if row.told_of_provider}
    assert told == {SecurityProfile.WEB_CONFIDENTIAL, SecurityProfile.NATIVE_PUBLIC, SecurityProfile.SWEDEN}


def test_only_our_own_clients_skip_consent_and_share_a_login() -> None:
    ours = {SecurityProfile.WEB_CONFIDENTIAL, SecurityProfile.NATIVE_PUBLIC}
    assert {profile for profile, row in PROFILES.items() if row.defaults.first_party} == ours
    assert {profile for profile, row in PROFILES.items() if row.defaults.sso_group == "prezero"} == ours


def test_our_own_profiles_are_not_for_clients_that_register_themselves() -> None:
    ours = {SecurityProfile.WEB_CONFIDENTIAL, SecurityProfile.NATIVE_PUBLIC}
    assert set(PROFILES_TO_REGISTER) == set(SecurityProfile) - ours


def test_every_grant_type_is_for_some_profile_and_every_profiles_grant_type_is_answered() -> None:
    """A new grant type is nobody's until a profile allows it."""
    allowed = frozenset().union(*(row.grant_types_allowed for row in PROFILES.values()))
    assert allowed == GRANT_TYPES.keys()


def test_no_other_module_asks_which_profile_a_client_has() -> None:
    """What a profile means stands in its row; elsewhere only the row is asked."""
    product = Path(idp.__file__).parent
    names = {profile.name for profile in SecurityProfile}
    found = {
        path.relative_to(product).as_posix()
        for path in product.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id == "SecurityProfile" and node.attr in names
    }
    assert found == {
        "assembly/clients.py",  # makes one client, for our own pages
        "core/oidc/clients/profile.py",
        "core/oidc/dynamic_registration/registered_client.py",
    }
