"""The table of claims: who may ask for what, and that everything else about claims is made from it."""

import ast
from pathlib import Path

import idp
from idp.core.oidc.claims import claim_names
from idp.core.oidc.claims.claim import Needs, Permission, Place
from idp.core.oidc.claims.claim_names import (
    AUTHN_EVIDENCE_CLAIM,
    COORDINATION_NUMBER_CLAIM,
    DEVICE_IP_CLAIM,
    PERSONAL_NUMBER_CLAIM,
    USER_SIGNATURE_CLAIM,
    VALID_FROM_CLAIM,
    VALID_TO_CLAIM,
)
from idp.core.oidc.claims.scopes import CUSTOMER, NATURAL_PERSON_NUMBER, SCOPES
from idp.core.oidc.claims.table import (
    CLAIMS,
    OPEN_SCOPES,
    consent_items,
    consent_word,
    may_ask,
    needs,
    opened_by,
    scope_needs_personal_number_allowed,
)
from idp.core.oidc.discovery import metadata
from idp.web.language import Catalogs
from idp_tests.authorization_requests import an_rp

NUMBERS = (PERSONAL_NUMBER_CLAIM, COORDINATION_NUMBER_CLAIM)
EVIDENCE = (DEVICE_IP_CLAIM, VALID_FROM_CLAIM, VALID_TO_CLAIM, USER_SIGNATURE_CLAIM, AUTHN_EVIDENCE_CLAIM)
EVENT = {claim.name for claim in CLAIMS.values() if claim.place in {Place.EVERY_ID_TOKEN, Place.SOME_ID_TOKENS}}


def test_no_claim_stands_twice() -> None:
    module = Path(idp.__file__).parent / "core/oidc/claims/table.py"
    rows = [
        node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Claim"
    ]  # fmt: skip
    assert len(CLAIMS) == len(rows)


def test_every_scope_of_a_claim_is_a_scope_of_ours_and_opens_it() -> None:
    for claim in CLAIMS.values():
        assert set(claim.scopes) <= SCOPES.keys(), claim.name
        for scope in claim.scopes:
            assert claim.name in opened_by(frozenset({scope}))
    assert opened_by(frozenset({"openid", "offline_access"})) == frozenset()


def test_only_a_claim_with_scopes_is_given_by_scope() -> None:
    """A row that nobody could ever get would be silent; so would one of the login that waits for a scope."""
    for claim in CLAIMS.values():
        by_scope = claim.permission in {Permission.SCOPE, Permission.PERSONAL_NUMBER}
        assert bool(claim.scopes) is by_scope, claim.name
        assert (claim.permission is Permission.EVERYBODY) is (claim.name in EVENT), claim.name


def test_discovery_lists_exactly_the_table() -> None:
    told = metadata(issuer="https://id.example", acrs=("a",), signing_algs=["RS256"])
    assert told["claims_supported"] == ["iss", *sorted(CLAIMS)]


def test_every_name_that_is_an_address_is_in_the_table() -> None:
    names = {value for name, value in vars(claim_names).items() if name.endswith("_CLAIM")}
    assert names == {name for name in CLAIMS if name.startswith("https://")}


def test_claims_about_the_login_are_everybodys_and_the_others_are_not() -> None:
    nobody = an_rp(scopes=frozenset({"openid"}))
    assert {name for name in CLAIMS if may_ask(name, nobody)} == EVENT
    everybody = an_rp(scopes=frozenset(SCOPES), personal_number_allowed=True, evidence_claims_allowed=True)
    assert {name for name in CLAIMS if may_ask(name, everybody)} == CLAIMS.keys()
    assert not may_ask("shoe_size", everybody)


def test_an_identity_number_needs_both_permission_and_scope() -> None:
    scope = frozenset({"openid", NATURAL_PERSON_NUMBER})
    for number in NUMBERS:
        assert not may_ask(number, an_rp(scopes=scope))
        assert not may_ask(number, an_rp(personal_number_allowed=True))
        assert may_ask(number, an_rp(scopes=scope, personal_number_allowed=True))


def test_evidence_needs_permission_and_no_scope() -> None:
    for claim in EVIDENCE:
        assert not may_ask(claim, an_rp(scopes=frozenset(SCOPES), personal_number_allowed=True))
        assert may_ask(claim, an_rp(evidence_claims_allowed=True))


def test_one_scope_needs_the_personal_number_to_be_allowed() -> None:
    assert [scope for scope in SCOPES if scope_needs_personal_number_allowed(scope)] == [NATURAL_PERSON_NUMBER]
    assert set(SCOPES) - set(OPEN_SCOPES) == {NATURAL_PERSON_NUMBER}


def test_more_is_read_only_for_claims_that_will_be_given() -> None:
    openid = ("openid",)
    assert needs(("openid", "profile", "email", "phone"), {"id_token": None}) == frozenset()
    assert needs(("openid", CUSTOMER), {}) == {Needs.CUSTOMERS}
    assert needs(openid, {"userinfo": {"customers": None}}) == {Needs.CUSTOMERS}
    assert needs(openid, {"id_token": {"customers": None, USER_SIGNATURE_CLAIM: None}}) == frozenset()
    assert needs(openid, {"userinfo": {AUTHN_EVIDENCE_CLAIM: None, DEVICE_IP_CLAIM: None}}) == {Needs.EVIDENCE}
    assert needs(("openid", NATURAL_PERSON_NUMBER), {}) == {Needs.PERSONAL_NUMBER}
    for place in ("id_token", "userinfo"):
        for number in NUMBERS:
            assert needs(openid, {place: {number: None}}) == {Needs.PERSONAL_NUMBER}


def test_a_claim_is_asked_about_in_the_word_of_its_scope_or_by_itself() -> None:
    assert consent_word("given_name") == "profile"
    assert consent_word(USER_SIGNATURE_CLAIM) == USER_SIGNATURE_CLAIM
    assert [name for name in CLAIMS if consent_word(name) is None] == [
        *EVENT_IN_ORDER,
        VALID_FROM_CLAIM,
        VALID_TO_CLAIM,
    ]


EVENT_IN_ORDER = [name for name in CLAIMS if name in EVENT]


def test_a_person_reads_what_a_scope_means() -> None:
    for words, items in (
        ({"openid"}, ("identity",)),
        ({"openid", "profile"}, ("identity", "name", "birthdate")),
        ({"email"}, ("email",)),
        ({"phone"}, ("phone",)),
        ({CUSTOMER}, ("customer",)),
        ({"offline_access"}, ("offline",)),
        ({NATURAL_PERSON_NUMBER}, ("personal_number",)),
        ({USER_SIGNATURE_CLAIM, NATURAL_PERSON_NUMBER}, ("personal_number", "signature")),
        ({AUTHN_EVIDENCE_CLAIM, DEVICE_IP_CLAIM}, ("device", "signature")),
    ):
        assert consent_items(frozenset(words)) == items


def test_no_word_that_a_person_is_asked_about_is_without_a_text() -> None:
    """A scope or claim that the page could not name would be allowed unread."""
    asked = {*SCOPES, *filter(None, map(consent_word, CLAIMS))}
    assert [word for word in asked if not consent_items(frozenset({word}))] == []
    for texts in Catalogs.load().texts.values():
        missing = [item for item in consent_items(frozenset(asked)) if f"signin.consent.{item}" not in texts]
        assert missing == []
