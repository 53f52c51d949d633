"""Evidence proves one login of one person, or it is refused with a reason."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from idp.adapters.bankid.evidence import Evidence, EvidenceRefused, Expected, verify_evidence
from idp_tests.adapters.bankid.people import (
    MOBILE,
    NOW,
    PERSON,
    RP_SUBJECT,
    UHI,
    People,
    a_key,
    a_name,
    answer_ocsp,
    issue,
    sign,
    signed_data,
    some_people,
)

DATA = Path(__file__).parent / "data"
EXPECTED = Expected(
    personal_number=PERSON,
    device_uhi=UHI,
    at=NOW,
    visible_data="Logga in",
    non_visible_data=b"binding",
    relying_party=RP_SUBJECT,
    policy_oids=frozenset({MOBILE}),
)
PAIR = Expected(
    personal_number="198501139995",
    device_uhi="gp/YxsZsWZjFmtNF1CfdUaJqd2yo",
    at=datetime(2022, 9, 16, 9, 3, 15, tzinfo=UTC),
    visible_data=None,
)
SINGLE = Expected(
    personal_number="191212121212",
    device_uhi=UHI,
    at=datetime(2022, 9, 20, tzinfo=UTC),
    visible_data="signeringstext",
    non_visible_data=b"ej synlig",
    policy_oids=frozenset({"1.2.3.4.5"}),
)


def golden(name: str) -> str:
    return (DATA / name).read_text().strip()


@pytest.fixture(scope="module")
def people() -> People:
    return some_people()


@pytest.fixture(scope="module")
def signature(people: People) -> str:
    return sign(signed_data(), *people.chain)


def refusal(signature: str, ocsp_b64: str | None, expected: Expected, *roots: x509.Certificate) -> str:
    with pytest.raises(EvidenceRefused) as refused:
        verify_evidence(signature, ocsp_b64, expected, roots)
    return refused.value.reason


# BankID's own


def test_a_genuine_pair_proves_the_login() -> None:
    evidence = verify_evidence(
        golden("bankid-test-pair-signature.b64"), golden("bankid-test-pair-ocsp-response.b64"), PAIR
    )
    assert evidence == Evidence(
        policy_oids=frozenset({"1.2.3.4.5"}),
        credential_valid_from=datetime(2022, 6, 16, 22, 0, tzinfo=UTC),
        credential_valid_to=datetime(2023, 6, 17, 21, 59, 59, tzinfo=UTC),
        issuer_organisation="Testbank A AB (publ)",
        issuer_name="Testbank A Customer CA1 v1 for BankID Test",
        serial_number=1638148403710036249,
        chain_validated=False,
        ocsp_validated=True,
    )


def test_a_genuine_signature_proves_what_was_shown() -> None:
    evidence = verify_evidence(golden("bankid-test-signature.b64"), None, SINGLE)
    assert not evidence.ocsp_validated


def test_a_genuine_signature_names_the_relying_party() -> None:
    others = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "FP Testcert 4")])
    assert refusal(golden("bankid-test-signature.b64"), None, replace(SINGLE, relying_party=others)) == (
        "the person approved for somebody else"
    )


def test_the_response_of_another_order_is_refused() -> None:
    assert refusal(
        golden("bankid-test-signature.b64"),
        golden("bankid-test-pair-ocsp-response.b64"),
        replace(SINGLE, at=PAIR.at),
    )


def test_no_bit_of_a_genuine_response_can_be_turned() -> None:
    """Every 7th byte and each of its bits; position 357 counts the unused bits of the signature, which changes no value."""
    genuine = base64.b64decode(golden("bankid-test-pair-ocsp-response.b64"))
    signature = golden("bankid-test-pair-signature.b64")
    positions = [position for position in range(0, len(genuine), 7) if position != 357]
    for position in positions:
        for bit in range(8):
            turned = bytearray(genuine)
            turned[position] ^= 1 << bit
            assert refusal(signature, base64.b64encode(bytes(turned)).decode(), PAIR)


# Ours, wrong in one point


def test_evidence_proves_the_login_up_to_the_root(people: People, signature: str) -> None:
    evidence = verify_evidence(signature, answer_ocsp(people, signature), EXPECTED, [people.root.certificate])
    assert evidence.chain_validated
    assert evidence.ocsp_validated
    assert evidence.issuer_organisation == "Testbank"
    assert evidence.serial_number == people.leaf.certificate.serial_number


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


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"personal_number": "198001019876"}, "the certificate is another person's"),
        ({"device_uhi": "other"}, "the signature is from another device"),
        ({"visible_data": "Betala"}, "the person approved another text"),
        ({"visible_data": None}, "the signed data have other parts than the order"),
        ({"non_visible_data": b"other"}, "the hidden data are another order's"),
        ({"non_visible_data": None}, "the signed data have other parts than the order"),
        ({"policy_oids": frozenset({"1.2.3.4.5"})}, "this kind of BankID is not accepted"),
        ({"at": NOW + timedelta(days=101)}, "a certificate was not valid at the time"),
        ({"at": NOW - timedelta(days=101)}, "a certificate was not valid at the time"),
    ],
)
def test_evidence_of_something_else_is_refused(signature: str, change: dict[str, object], reason: str) -> None:
    assert refusal(signature, None, replace(EXPECTED, **change)) == reason  # type: ignore[arg-type]


def test_every_kind_is_accepted_when_none_is_named(signature: str) -> None:
    assert verify_evidence(signature, None, replace(EXPECTED, policy_oids=frozenset())).policy_oids == {MOBILE}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (signed_data(function="Signing"), "the signature is no identification"),
        (signed_data(shown_as='charset="UTF-8"'), "the text was not shown as it was sent"),
        (signed_data(shown_as='charset="UTF-16" visible="wysiwys"'), "the text was not shown as it was sent"),
        (signed_data(relying_party="cn=Thief AB,c=SE"), "the person approved for somebody else"),
        (signed_data(relying_party="no name"), "the relying party's name is malformed"),
        (signed_data().replace("<uhi>", "<id>").replace("</uhi>", "</id>"), "ai needs exactly one uhi"),
        (signed_data().replace("<srvInfo>", "<srvInfo><name></name>"), "srvInfo needs exactly one name"),
    ],
)
def test_signed_data_about_something_else_are_refused(people: People, data: str, reason: str) -> None:
    assert refusal(sign(data, *people.chain), None, EXPECTED) == reason


@pytest.mark.parametrize(
    "name",
    [
        "c=SE,o=Bank\\, AB,serialNumber=5560160680,name=Example,cn=Example AB",
        "C=SE, O=Bank\\, AB, SERIALNUMBER=5560160680, name=Example, CN=Example AB",
    ],
)
def test_the_relying_partys_name_is_compared_as_a_set(people: People, name: str) -> None:
    assert verify_evidence(sign(signed_data(relying_party=name), *people.chain), None, EXPECTED).policy_oids == {MOBILE}


def test_a_leaf_without_an_issuer_is_refused(people: People) -> None:
    assert refusal(sign(signed_data(), people.leaf), None, EXPECTED) == "the number of certificates differs"


def test_a_chain_of_strangers_is_refused(people: People) -> None:
    strangers = some_people()
    assert refusal(sign(signed_data(), people.leaf, strangers.customers), None, EXPECTED) == "a signature is wrong"


def test_a_short_key_is_refused(people: People) -> None:
    weak = issue(a_name("Tolvan", serial=PERSON), a_key(1024), people.customers)
    assert "2048 bits" in refusal(sign(signed_data(), weak, people.customers), None, EXPECTED)


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


def test_a_nameless_leaf_is_refused(people: People) -> None:
    nameless = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tolvan")])
    leaf = issue(nameless, a_key(), people.customers)
    assert (
        refusal(sign(signed_data(), leaf, people.customers), None, EXPECTED) == "a name in a certificate is incomplete"
    )


def test_an_authority_must_be_valid_too(people: People) -> None:
    old = issue(a_name("Old CA"), a_key(), people.bank, ca=True, valid_to=NOW - timedelta(days=1))
    leaf = issue(a_name("Tolvan", serial=PERSON), a_key(), old)
    assert (
        refusal(sign(signed_data(), leaf, old, people.bank), None, EXPECTED)
        == "a certificate was not valid at the time"
    )


def test_a_certificate_for_other_uses_is_refused(people: People) -> None:
    leaf = issue(a_name("Tolvan", serial=PERSON), a_key(), people.customers, digital_signature=False)
    assert refusal(sign(signed_data(), leaf, people.customers), None, EXPECTED) == "the certificate may not sign"


# The OCSP response


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


def test_a_reason_tells_nothing_about_the_person(signature: str) -> None:
    reason = refusal(signature, None, replace(EXPECTED, personal_number="198001019876"))
    assert not any(character.isdigit() for character in reason)
