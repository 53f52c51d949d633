"""Grants: what a reader of one reads with it."""

from idp.core.oidc.claims.claim_names import COORDINATION_NUMBER_CLAIM, PERSONAL_NUMBER_CLAIM
from idp.core.oidc.claims.scopes import NATURAL_PERSON_NUMBER
from idp_tests.builders import NOW
from idp_tests.tokens import InMemory


def test_the_personal_number_is_read_for_those_who_will_be_told() -> None:
    memory = InMemory()
    assert not memory.grant(scope=("openid", "profile", "customer")).asks_personal_number
    assert memory.grant(scope=("openid", NATURAL_PERSON_NUMBER)).asks_personal_number
    for place in ("id_token", "userinfo"):
        for claim in (PERSONAL_NUMBER_CLAIM, COORDINATION_NUMBER_CLAIM):
            assert memory.grant(claims={place: {claim: None}}).asks_personal_number


def test_a_live_grant_is_a_source_of_claims() -> None:
    memory = InMemory()
    live = memory.grants.find_live(memory.grant(claims={"userinfo": {"name": None}}).id, NOW)
    assert live is not None
    assert live.sid == "sid-minasidor"
    assert live.requested_claims == {"userinfo": {"name": None}}
