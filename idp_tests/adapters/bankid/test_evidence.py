"""Evidence proves one login of one person, or it is refused with a reason."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from idp.adapters.bankid.evidence import Evidence, Expected, verify_evidence
from idp_tests.adapters.bankid.people import (
    EXPECTED,
    MOBILE,
    NOW,
    PERSON,
    UHI,
    People,
    a_key,
    a_name,
    answer_ocsp,
    issue,
    refusal,
    sign,
    signed_data,
)

DATA = Path(__file__).parent / "data"
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
        root=None,
        ocsp_validated=True,
        document=evidence.document,
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
    assert evidence.root == people.root.certificate
    assert evidence.ocsp_validated
    assert evidence.issuer_organisation == "Testbank"
    assert evidence.serial_number == people.leaf.certificate.serial_number


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


def test_a_short_key_is_refused(people: People) -> None:
    weak = issue(a_name("Tolvan", serial=PERSON), a_key(1024), people.customers)
    assert "2048 bits" in refusal(sign(signed_data(), weak, people.customers), None, EXPECTED)


def test_a_nameless_leaf_is_refused(people: People) -> None:
    nameless = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tolvan")])
    leaf = issue(nameless, a_key(), people.customers)
    assert (
        refusal(sign(signed_data(), leaf, people.customers), None, EXPECTED) == "a name in a certificate is incomplete"
    )


def test_a_certificate_for_other_uses_is_refused(people: People) -> None:
    leaf = issue(a_name("Tolvan", serial=PERSON), a_key(), people.customers, digital_signature=False)
    assert refusal(sign(signed_data(), leaf, people.customers), None, EXPECTED) == "the certificate may not sign"


def test_a_reason_tells_nothing_about_the_person(signature: str) -> None:
    reason = refusal(signature, None, replace(EXPECTED, personal_number="198001019876"))
    assert not any(character.isdigit() for character in reason)
