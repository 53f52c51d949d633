"""The values of claims, and what is left out where something is not known or not to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from idp.core.oidc.claims import values
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.identity import Evidence, Identity
from idp.core.people.organisation_number import OrganisationNumber
from idp.core.people.person import LinkedCustomer, Person
from idp_tests.authorization_requests import an_rp
from idp_tests.builders import NOW, a_customer, a_person, an_authentication, an_identity

PERMITTED = an_rp(personal_number_allowed=True)
SOLE_TRADER = a_customer(organisation_number=OrganisationNumber("1212121212"))


@dataclass(frozen=True)
class Known:
    """A source of claims."""

    person: Person = field(default_factory=a_person)
    customer: LinkedCustomer | None = field(default_factory=a_customer)
    authentication: Authentication = field(default_factory=an_authentication)
    sid: str | None = "sid"
    identity: Identity | None = field(default_factory=an_identity)
    evidence: Evidence | None = None
    read_at: datetime = NOW
    requested_claims: Mapping[str, Any] = field(default_factory=dict)


def test_a_sole_traders_number_is_told_only_where_the_personal_number_may_be() -> None:
    known = Known(customer=SOLE_TRADER, person=a_person(links=(SOLE_TRADER,)))
    assert values.org_number(known, an_rp()) is None
    assert values.org_number(known, PERMITTED) == "1212121212"
    assert "org_number" not in values.customers(known, an_rp(first_party=True))[0]
    assert values.org_number(Known(customer=None), PERMITTED) is None


def test_a_third_party_is_told_of_the_active_customer_and_our_own_of_all() -> None:
    known = Known(person=a_person(links=(a_customer(), a_customer("c2", name="Andra AB"))))
    assert [one["org_name"] for one in values.customers(known, an_rp(first_party=True))] == [
        "Exempelbolaget AB", "Andra AB",
    ]  # fmt: skip
    assert [one["org_name"] for one in values.customers(known, an_rp())] == ["Exempelbolaget AB"]
    assert values.customers(Known(customer=None), an_rp()) == []


def test_a_link_that_is_not_made_yet_is_neither_fresh_nor_old() -> None:
    assert values.fresh_link(Known(customer=a_customer(fresh_until=None)), an_rp()) is None
    assert values.fresh_link(Known(customer=None), an_rp()) is None
    assert values.fresh_link(Known(), an_rp()) is True


def test_an_address_that_somebody_merely_typed_is_told_only_to_those_whose_file_says_so() -> None:
    free = an_rp(unconfirmed_contact_allowed=True)
    assert (values.email(Known(), free), values.email_verified(Known(), free)) == ("anna@example.se", False)
    assert (values.email(Known(), an_rp()), values.email_verified(Known(), an_rp())) == (None, None)
    confirmed = Known(person=a_person(email_confirmed=True))
    assert (values.email(confirmed, an_rp()), values.email_verified(confirmed, an_rp())) == ("anna@example.se", True)


def test_a_telephone_number_is_told_only_to_those_whose_file_says_so_because_nobody_confirms_one() -> None:
    free, confirmed = an_rp(unconfirmed_contact_allowed=True), Known(person=a_person(email_confirmed=True))
    assert (values.phone_number(confirmed, an_rp()), values.phone_number_verified(confirmed, an_rp())) == (None, None)
    assert (values.phone_number(Known(), free), values.phone_number_verified(Known(), free)) == ("+46701234567", False)


def test_without_contact_details_there_is_neither_address_nor_number() -> None:
    known = Known(person=a_person(contact=None))
    for value in (values.email, values.email_verified, values.phone_number, values.phone_number_verified):
        assert value(known, an_rp(unconfirmed_contact_allowed=True)) is None


def test_a_number_is_a_personal_or_a_coordination_number() -> None:
    cases = (
        (an_identity("191212121212"), (True, False)),
        (an_identity("197010632391"), (False, True)),
        (Identity(scheme="no.birth_number", key="191212121212"), (False, False)),
        (None, (False, False)),
    )
    for identity, kinds in cases:
        known = Known(identity=identity)
        told = (
            values.identity_number(known, coordination=False) is not None,
            values.identity_number(known, coordination=True) is not None,
        )
        assert told == kinds


def test_evidence_is_told_by_those_who_know_its_kind() -> None:
    ours, other = (
        Evidence(kind="signature", parts={"signature": "c2ln"}),
        Evidence(kind="other", parts={"signature": "x"}),
    )
    assert values.signature_evidence(Known(evidence=ours), "signature") == "c2ln"
    assert values.signature_evidence(Known(evidence=ours), "ocsp") is None
    assert values.signature_evidence(Known(evidence=other), "signature") is None
    assert values.signature_evidence(Known(), "signature") is None


def test_times_are_whole_seconds_and_the_unknown_is_left_out() -> None:
    assert values.seconds(datetime(2026, 1, 1, 0, 0, 0, 900_000, tzinfo=UTC)) == 1767225600
    assert values.seconds(None) is None
    assert values.without_unknown({"a": None, "b": False, "c": ""}) == {"b": False, "c": ""}
