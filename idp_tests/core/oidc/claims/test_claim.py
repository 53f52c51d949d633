"""Who may ask for a claim, by the four kinds of permission."""

from typing import Any

from idp.core.oidc.claims.claim import Claim, Permission
from idp_tests.authorization_requests import an_rp


def a_claim(permission: Permission) -> Claim:
    return Claim(name="c", value=lambda *_: "v", scopes=("profile", "phone"), permission=permission)


def test_each_permission_asks_what_it_says() -> None:
    scope: dict[str, Any] = {"scopes": frozenset({"openid", "phone"})}
    narrow: dict[str, Any] = {"scopes": frozenset({"openid"})}
    for permission, client, allowed in (
        (Permission.EVERYBODY, narrow, True),
        (Permission.SCOPE, scope, True),
        (Permission.SCOPE, narrow, False),
        (Permission.SCOPE, {**narrow, "personal_number_allowed": True, "evidence_claims_allowed": True}, False),
        (Permission.PERSONAL_NUMBER, scope, False),
        (Permission.PERSONAL_NUMBER, {**narrow, "personal_number_allowed": True}, False),
        (Permission.PERSONAL_NUMBER, {**scope, "personal_number_allowed": True}, True),
        (Permission.EVIDENCE, {**scope, "personal_number_allowed": True}, False),
        (Permission.EVIDENCE, {**narrow, "evidence_claims_allowed": True}, True),
    ):
        assert a_claim(permission).may_be_asked_by(an_rp(**client)) is allowed, (permission, client)
