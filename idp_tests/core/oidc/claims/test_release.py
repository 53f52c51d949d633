"""What a client learns about a person, and where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from idp.core.oidc.claims.claim_names import (
    AUTHN_EVIDENCE_CLAIM,
    AUTHN_PROVIDER_CLAIM,
    COORDINATION_NUMBER_CLAIM,
    DEVICE_IP_CLAIM,
    ORG_NAME_CLAIM,
    ORG_NUMBER_CLAIM,
    PERSONAL_NUMBER_CLAIM,
    USER_SIGNATURE_CLAIM,
    VALID_FROM_CLAIM,
    VALID_TO_CLAIM,
)
from idp.core.oidc.claims.release import event_claims, id_token_claims, userinfo_claims
from idp.core.oidc.clients.client import Client
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.people.digits import passes_luhn
from idp.core.people.identity import Evidence, Identity
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.builders import NOW, a_customer, an_authentication, an_identity
from idp_tests.tokens import ALL_SCOPES, InMemory, partner, portal

NUMBER_SCOPE = "https://id.oidc.se/scope/naturalPersonNumber"
INFO_SCOPE = "https://id.oidc.se/scope/naturalPersonInfo"
PERMITTED = portal(personal_number_allowed=True, evidence_claims_allowed=True)
NAMES = {"name": "Anna Svensson", "given_name": "Anna", "family_name": "Svensson", "birthdate": "1990-01-01"}


def live(memory: InMemory | None = None, **grant: Any) -> LiveGrant:
    memory = memory or InMemory()
    found = memory.grants.find_live_with_more(memory.grant(**grant).id, NOW, evidence=True)
    assert found is not None
    return found


def userinfo(given: LiveGrant, *scope: str, client: Client | None = None) -> dict[str, Any]:
    return userinfo_claims(given, client or portal(), frozenset({"openid", *scope}))


def id_token(given: LiveGrant, *scope: str, client: Client | None = None) -> dict[str, Any]:
    return id_token_claims(given, client or portal(), frozenset({"openid", *scope}))


def test_openid_alone_says_nothing_about_the_person() -> None:
    assert userinfo(live()) == {}
    assert id_token(live()) == {}


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("profile", {**NAMES, "updated_at": 1775390400}),
        (INFO_SCOPE, NAMES),
        ("email", {"email": "anna@example.se", "email_verified": False}),
        ("phone", {"phone_number": "+46701234567", "phone_number_verified": False}),
        ("offline_access", {}),
        ("address", {}),
        (NUMBER_SCOPE, {}),
    ],
)
def test_a_scope_opens_its_claims_in_userinfo_and_nothing_in_the_id_token(scope: str, claims: dict[str, Any]) -> None:
    assert userinfo(live(), scope) == claims
    assert id_token(live(), scope) == {}


def test_the_customer_scope_tells_for_whom_the_person_acts() -> None:
    given = live()
    in_id_token = {"customer_number": "10012345", ORG_NUMBER_CLAIM: "5560160680"}
    assert id_token(given, "customer") == in_id_token
    claims = userinfo(given, "customer")
    assert {name: claims[name] for name in (*in_id_token, ORG_NAME_CLAIM, "link_assurance")} == {
        **in_id_token,
        ORG_NAME_CLAIM: "Exempelbolaget AB",
        "link_assurance": "legacy_knowledge",
    }
    assert [one["org_name"] for one in claims["customers"]] == ["Exempelbolaget AB", "Andra AB"]
    assert claims["customers"][0] == {
        "customer_number": "10012345",
        "org_number": "5560160680",
        "org_name": "Exempelbolaget AB",
        "role": "user",
        "linked_at": int(NOW.timestamp()),
    }


def test_a_link_is_told_to_be_fresh_until_those_concerned_have_had_time_to_read_of_it() -> None:
    memory = InMemory()
    found = live(memory)
    for hours, fresh in ((71, True), (72, False)):
        given = replace(found, read_at=NOW + timedelta(hours=hours))
        assert userinfo(given, "customer")["fresh_link"] is fresh
        assert "fresh_link" not in userinfo(given, "profile")


def test_without_an_active_customer_there_is_no_customer_number() -> None:
    claims = userinfo(live(customer_id=None), "customer")
    assert set(claims) == {"customers"}
    assert id_token(live(customer_id=None), "customer") == {}


def test_a_sole_traders_number_is_a_personal_number() -> None:
    memory = InMemory()
    number = OrganisationNumber("1212121212")
    person = memory.grants.people["p1"]
    memory.grants.people["p1"] = replace(person, links=(a_customer(organisation_number=number),))
    given = live(memory)
    assert ORG_NUMBER_CLAIM not in userinfo(given, "customer") | id_token(given, "customer")
    assert "org_number" not in userinfo(given, "customer")["customers"][0]
    assert userinfo(given, "customer", client=PERMITTED)[ORG_NUMBER_CLAIM] == "1212121212"
    assert userinfo(given, "customer", client=PERMITTED)["customers"][0]["org_number"] == "1212121212"


def test_the_personal_number_needs_scope_and_permission() -> None:
    given = live(scope=("openid", NUMBER_SCOPE))
    both = {PERSONAL_NUMBER_CLAIM: "191212121212"}
    assert userinfo(given, NUMBER_SCOPE, client=PERMITTED) == id_token(given, NUMBER_SCOPE, client=PERMITTED) == both
    assert userinfo(given, NUMBER_SCOPE) == id_token(given, NUMBER_SCOPE) == {}
    assert userinfo(given, client=PERMITTED) == id_token(given, client=PERMITTED) == {}


def test_a_coordination_number_has_its_own_claim() -> None:
    memory = InMemory()
    memory.grants.identities["p1"] = an_identity("197010632391")
    given = live(memory, scope=("openid", NUMBER_SCOPE))
    assert userinfo(given, NUMBER_SCOPE, client=PERMITTED) == {COORDINATION_NUMBER_CLAIM: "197010632391"}
    by_name = live(memory, claims={"userinfo": {COORDINATION_NUMBER_CLAIM: None, PERSONAL_NUMBER_CLAIM: None}})
    assert userinfo(by_name, client=PERMITTED) == {COORDINATION_NUMBER_CLAIM: "197010632391"}


def test_an_unknown_day_makes_a_coordination_number_and_no_birthdate() -> None:
    memory = InMemory()
    number = next(f"19150660239{last}" for last in "0123456789" if passes_luhn(f"150660239{last}"))
    memory.grants.identities["p1"] = an_identity(number)
    memory.grants.people["p1"] = replace(memory.grants.people["p1"], birthdate=None)
    given = userinfo(live(memory, scope=("openid", "profile", NUMBER_SCOPE)), "profile", NUMBER_SCOPE, client=PERMITTED)
    assert given[COORDINATION_NUMBER_CLAIM] == number
    assert "birthdate" not in given


def test_a_name_that_a_person_has_not_is_no_claim() -> None:
    """OpenID Connect Core 5.3.2."""
    memory = InMemory()
    memory.grants.people["p1"] = replace(memory.grants.people["p1"], name="Tolvan", given_name="", surname="Tolvan")
    told = userinfo(live(memory), "profile")
    assert (told["name"], told["family_name"]) == ("Tolvan", "Tolvan")
    assert "given_name" not in told


def test_the_personal_number_is_read_only_when_it_is_asked_for() -> None:
    assert live(scope=tuple(sorted(ALL_SCOPES - {NUMBER_SCOPE}))).identity is None
    assert live(claims={"userinfo": {PERSONAL_NUMBER_CLAIM: None}}).identity == an_identity()


def test_a_key_of_another_scheme_is_no_personal_number() -> None:
    memory = InMemory()
    memory.grants.identities["p1"] = Identity(scheme="no.birth_number", key="191212121212")
    given = userinfo(live(memory, scope=("openid", NUMBER_SCOPE)), NUMBER_SCOPE, client=PERMITTED)
    assert PERSONAL_NUMBER_CLAIM not in given
    assert COORDINATION_NUMBER_CLAIM not in given


def test_the_personal_number_is_not_shown() -> None:
    assert "191212121212" not in repr(live(scope=("openid", NUMBER_SCOPE)))


@pytest.mark.parametrize("place", ["userinfo", "id_token"])
def test_no_way_of_asking_opens_what_somebody_merely_typed(place: str) -> None:
    """A site that knows people by `email` made anybody who typed the owner's address its owner."""
    names = ("email", "email_verified", "phone_number", "phone_number_verified")
    given = live(claims={place: {name: {"essential": True} for name in names}})
    assert userinfo(given, "email", "phone", client=partner()) == id_token(given, client=partner()) == {}


def test_a_confirmed_address_is_told_to_all() -> None:
    memory = InMemory()
    memory.grants.people["p1"] = replace(memory.grants.people["p1"], email_confirmed=True)
    confirmed = {"email": "anna@example.se", "email_verified": True}
    assert userinfo(live(memory), "email", client=partner()) == userinfo(live(memory), "email") == confirmed


def test_what_is_not_known_is_left_out() -> None:
    memory = InMemory()
    person = memory.grants.people["p1"]
    memory.grants.people["p1"] = replace(person, contact=None, birthdate=None, registered_at=None)
    claims = userinfo(live(memory), "profile", "email", "phone")
    assert claims == {"name": "Anna Svensson", "given_name": "Anna", "family_name": "Svensson"}


@pytest.mark.parametrize("place", ["id_token", "userinfo"])
def test_a_claim_asked_for_by_name_comes_where_it_was_asked(place: str) -> None:
    given = live(claims={place: {"email": {"essential": True}, "name": None}})
    asked = {"email": "anna@example.se", "name": "Anna Svensson"}
    assert id_token(given) == (asked if place == "id_token" else {})
    assert userinfo(given) == (asked if place == "userinfo" else {})


def test_a_claim_asked_for_by_name_needs_the_same_permission() -> None:
    asked = {"email": None, PERSONAL_NUMBER_CLAIM: None, DEVICE_IP_CLAIM: None, "customer_number": None}
    given = live(claims={"id_token": asked, "userinfo": asked})
    narrow = portal(scopes=frozenset({"openid", "customer"}))
    assert id_token(given, client=narrow) == userinfo(given, client=narrow) == {"customer_number": "10012345"}


def test_evidence_is_for_clients_that_may_have_it() -> None:
    names = (DEVICE_IP_CLAIM, VALID_FROM_CLAIM, VALID_TO_CLAIM, USER_SIGNATURE_CLAIM, AUTHN_EVIDENCE_CLAIM)
    memory = InMemory()
    year = datetime(2027, 1, 1, tzinfo=UTC)
    memory.grants.authentications["a1"] = an_authentication(credential_valid_from=NOW, credential_valid_to=year)
    memory.grants.evidence["a1"] = Evidence(kind="signature", parts={"signature": "c2ln", "ocsp": "b2NzcA=="})
    given = live(memory, claims={"id_token": dict.fromkeys(names), "userinfo": dict.fromkeys(names)})
    small = {
        DEVICE_IP_CLAIM: "192.0.2.1",
        VALID_FROM_CLAIM: int(NOW.timestamp()),
        VALID_TO_CLAIM: int(year.timestamp()),
    }
    large = {USER_SIGNATURE_CLAIM: "c2ln", AUTHN_EVIDENCE_CLAIM: "b2NzcA=="}
    assert id_token(given, client=PERMITTED) == small
    assert userinfo(given, client=PERMITTED) == small | large
    assert id_token(given) == userinfo(given) == {}


def test_unknown_and_protocol_claims_are_not_made_up() -> None:
    asked = dict.fromkeys(("iss", "aud", "exp", "nonce", "sub", "address", "picture", "acr"))
    given = live(claims={"id_token": asked, "userinfo": asked})
    assert id_token(given, client=PERMITTED) == userinfo(given, client=PERMITTED) == {}


def test_a_place_without_claims_does_no_harm() -> None:
    assert userinfo(live(claims={"id_token": None, "userinfo": None})) == {}


def test_the_event_is_told_as_it_was() -> None:
    given = live()
    assert event_claims(given, portal(told_of_provider=True)) == {
        "auth_time": int(given.authentication.at.timestamp()),
        "acr": given.authentication.acr,
        "amr": ["swk", "mfa"],
        "sid": "sid-minasidor",
        "txn": "t1",
        AUTHN_PROVIDER_CLAIM: "https://www.bankid.com",
    }


def test_who_identified_the_person_is_told_unasked_only_where_the_profile_says_so() -> None:
    assert AUTHN_PROVIDER_CLAIM not in event_claims(live(), partner())
    assert id_token(live(), client=partner()) == {}


@pytest.mark.parametrize("place", ["id_token", "userinfo"])
def test_who_identified_the_person_is_told_to_everybody_who_asks_by_name(place: str) -> None:
    given = live(claims={place: {AUTHN_PROVIDER_CLAIM: None}})
    told = {"id_token": id_token(given, client=partner()), "userinfo": userinfo(given, client=partner())}
    assert {name: claims for name, claims in told.items() if claims} == {
        place: {AUTHN_PROVIDER_CLAIM: "https://www.bankid.com"}
    }


def test_without_a_session_there_is_no_sid() -> None:
    assert "sid" not in event_claims(live(sid=None), portal())
