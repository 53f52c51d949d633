"""Whom a signature leads to: each certificate issued by the next, the last by a configured root (RFC 5280)."""

from datetime import timedelta

from cryptography.hazmat.primitives import hashes

from idp.adapters.bankid.evidence import verify_evidence
from idp_tests.adapters.bankid.people import (
    EXPECTED,
    NOW,
    PERSON,
    People,
    a_key,
    a_name,
    issue,
    refusal,
    sign,
    signed_data,
    some_people,
)


def test_one_of_several_roots_is_enough(people: People, signature: str) -> None:
    other = issue(a_name("Other root"), a_key(), ca=True)
    roots = [other.certificate, people.root.certificate]
    assert verify_evidence(signature, None, EXPECTED, roots).chain_validated


def test_another_root_is_not_trusted(signature: str) -> None:
    stranger = issue(a_name("Stranger"), a_key(), ca=True)
    assert refusal(signature, None, EXPECTED, stranger.certificate) == "no configured root issued the chain"


def test_a_root_of_the_same_name_is_not_trusted(signature: str) -> None:
    namesake = issue(a_name("Root"), a_key(), ca=True)
    assert refusal(signature, None, EXPECTED, namesake.certificate) == "a signature is wrong"


def test_a_chain_of_strangers_is_refused(people: People) -> None:
    strangers = some_people()
    assert refusal(sign(signed_data(), people.leaf, strangers.customers), None, EXPECTED) == "a signature is wrong"


def test_a_person_cannot_issue_certificates(people: People) -> None:
    second = issue(a_name("Tolvan 2", serial=PERSON), a_key(), people.leaf)
    chain = (second, people.leaf, people.customers)
    assert refusal(sign(signed_data(), *chain), None, EXPECTED) == "an issuer is not an authority"


def test_an_authority_needs_the_right_to_sign_certificates(people: People) -> None:
    authority = issue(a_name("Half a CA"), a_key(), people.bank, ca=True, may_sign_certificates=False)
    leaf = issue(a_name("Tolvan", serial=PERSON), a_key(), authority)
    assert (
        refusal(sign(signed_data(), leaf, authority, people.bank), None, EXPECTED)
        == "an issuer may not sign certificates"
    )


def test_a_certificate_signed_with_a_weak_digest_is_refused(people: People) -> None:
    leaf = issue(a_name("Tolvan", serial=PERSON), a_key(), people.customers, digest=hashes.SHA224())
    assert (
        refusal(sign(signed_data(), leaf, people.customers), None, EXPECTED)
        == "a certificate is signed with a weak digest"
    )


def test_an_authority_must_be_valid_too(people: People) -> None:
    old = issue(a_name("Old CA"), a_key(), people.bank, ca=True, valid_to=NOW - timedelta(days=1))
    leaf = issue(a_name("Tolvan", serial=PERSON), a_key(), old)
    assert (
        refusal(sign(signed_data(), leaf, old, people.bank), None, EXPECTED)
        == "a certificate was not valid at the time"
    )
