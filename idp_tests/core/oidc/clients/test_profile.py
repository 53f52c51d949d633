"""Security profiles: what one word promises, held for every row of the table."""

from datetime import timedelta

import pytest

from idp.core.oidc.clients.client import AuthMethod, SecurityProfile
from idp.core.oidc.clients.profile import PROFILES

OTHERS = [profile for profile in SecurityProfile if profile is not SecurityProfile.THIRD_PARTY]


def test_every_profile_has_its_row() -> None:
    assert PROFILES.keys() == set(SecurityProfile)


@pytest.mark.parametrize("profile", list(SecurityProfile))
def test_a_default_is_always_among_what_is_allowed(profile: SecurityProfile) -> None:
    row = PROFILES[profile]
    assert row.auth_methods <= row.auth_methods_allowed
    assert row.answer_alg in row.answer_algs_allowed
    assert row.grant_types <= row.grant_types_allowed
    assert "openid" in row.scope
    assert not any(alg.startswith("HS") or alg == "none" for alg in row.signing_algs | row.answer_algs_allowed)


@pytest.mark.parametrize("profile", OTHERS)
def test_only_a_third_party_may_waive_pkce_or_keep_a_secret(profile: SecurityProfile) -> None:
    row = PROFILES[profile]
    assert not row.pkce_may_be_waived
    assert row.auth_methods_allowed <= {AuthMethod.PRIVATE_KEY_JWT, AuthMethod.NONE}


def test_fapi_never_signs_with_rsa_pkcs1_and_always_pushes_and_binds() -> None:
    row = PROFILES[SecurityProfile.FAPI2]
    assert "RS256" not in row.signing_algs | row.answer_algs_allowed
    assert row.pushed_requests_required
    assert row.dpop_required
    assert row.issuer_is_the_only_audience
    assert not row.refresh_rotated


def test_the_swedish_profile_signs_userinfo_and_keeps_id_tokens_short() -> None:
    row = PROFILES[SecurityProfile.SWEDEN]
    assert row.signed_userinfo_required
    assert row.reidentify_without_prompt
    assert row.longest_id_token <= timedelta(minutes=5)


def test_only_our_own_clients_skip_consent_and_share_a_login() -> None:
    ours = {SecurityProfile.WEB_CONFIDENTIAL, SecurityProfile.NATIVE_PUBLIC}
    assert {profile for profile, row in PROFILES.items() if row.first_party} == ours
    assert {profile for profile, row in PROFILES.items() if row.sso_group == "prezero"} == ours
