"""The OCSP response beside a signature: about this certificate, for this signature, from an entitled responder, of this time."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp_tests.adapters.bankid.people import (
    EXPECTED,
    NOW,
    PERSON,
    People,
    a_key,
    a_name,
    answer_ocsp,
    issue,
    refusal,
    some_people,
)


def test_a_revoked_certificate_is_refused(people: People, signature: str) -> None:
    response = answer_ocsp(people, signature, status=ocsp.OCSPCertStatus.REVOKED)
    assert refusal(signature, response, EXPECTED) == "the certificate was not good"


def test_an_unknown_certificate_is_refused(people: People, signature: str) -> None:
    response = answer_ocsp(people, signature, status=ocsp.OCSPCertStatus.UNKNOWN)
    assert refusal(signature, response, EXPECTED) == "the certificate was not good"


def test_a_response_about_another_certificate_is_refused(people: People, signature: str) -> None:
    other = issue(a_name("Other", serial=PERSON), a_key(), people.customers)
    response = answer_ocsp(people, signature, about=other.certificate)
    assert refusal(signature, response, EXPECTED) == "the response is about another certificate"


def test_a_response_about_another_issuer_is_refused(people: People, signature: str) -> None:
    response = answer_ocsp(people, signature, issuer=people.bank.certificate)
    assert refusal(signature, response, EXPECTED) == "the response is about another certificate"


def test_a_response_for_another_signature_is_refused(people: People, signature: str) -> None:
    assert refusal(signature, answer_ocsp(people, "other"), EXPECTED) == "the response belongs to another signature"


def test_a_response_without_a_nonce_is_refused(people: People, signature: str) -> None:
    assert (
        refusal(signature, answer_ocsp(people, signature, nonce=None), EXPECTED) == "a certificate lacks what it needs"
    )


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_response_from_another_time_is_refused(people: People, signature: str, minutes: int) -> None:
    response = answer_ocsp(people, signature, produced_at=NOW + timedelta(minutes=minutes))
    assert refusal(signature, response, EXPECTED) == "the response is from another time"


def test_a_response_out_of_date_is_refused(people: People, signature: str) -> None:
    response = answer_ocsp(
        people, signature, produced_at=NOW - timedelta(minutes=5), next_update=NOW - timedelta(minutes=1)
    )
    assert refusal(signature, response, EXPECTED) == "the response is out of date"


def test_a_responder_of_strangers_is_refused(people: People, signature: str) -> None:
    stranger = issue(a_name("Customer CA OCSP Signing"), a_key(), some_people().customers, responder=True)
    assert refusal(signature, answer_ocsp(people, signature, responder=stranger), EXPECTED) == "a signature is wrong"


def test_an_ordinary_certificate_cannot_answer(people: People, signature: str) -> None:
    person = issue(a_name("Person"), a_key(), people.customers)
    assert (
        refusal(signature, answer_ocsp(people, signature, responder=person), EXPECTED)
        == "a certificate lacks what it needs"
    )


def test_a_responder_for_other_uses_is_refused(people: People, signature: str) -> None:
    key = a_key()
    server = issue(
        a_name("Server"), key, people.customers, responder=True, extended_usage=ExtendedKeyUsageOID.SERVER_AUTH
    )
    response = answer_ocsp(people, signature, responder=server)
    assert refusal(signature, response, EXPECTED) == "the responder may not sign answers"


def test_a_responder_out_of_date_is_refused(people: People, signature: str) -> None:
    old = issue(a_name("Old"), a_key(), people.customers, responder=True, valid_to=NOW - timedelta(days=1))
    assert refusal(signature, answer_ocsp(people, signature, responder=old), EXPECTED) == (
        "a certificate was not valid at the time"
    )


def test_a_response_signed_with_another_key_is_refused(people: People, signature: str) -> None:
    response = answer_ocsp(people, signature, signed_by=people.leaf.key)
    assert refusal(signature, response, EXPECTED) == "a signature is wrong"


def test_a_response_without_the_responders_certificate_is_refused(people: People, signature: str) -> None:
    assert (
        refusal(signature, answer_ocsp(people, signature, embedded=()), EXPECTED)
        == "the responder's certificate is missing"
    )


def test_a_response_in_another_name_is_refused(people: People, signature: str) -> None:
    namesake = issue(a_name("Other OCSP Signing"), people.responder.key, people.customers, responder=True)
    response = answer_ocsp(people, signature, named=namesake.certificate)
    assert refusal(signature, response, EXPECTED) == "the responder has another name"


def test_an_unsuccessful_response_is_refused(signature: str) -> None:
    unsuccessful = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    response = base64.b64encode(unsuccessful.public_bytes(Encoding.DER)).decode()
    assert refusal(signature, response, EXPECTED) == "the responder did not answer"


@pytest.mark.parametrize("response", ["", "AAAA", "not base64"])
def test_what_is_no_response_is_refused(signature: str, response: str) -> None:
    assert refusal(signature, response, EXPECTED)
