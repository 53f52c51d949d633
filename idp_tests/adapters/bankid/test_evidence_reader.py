"""What the evidence of a completed order must hold before a login is called proved."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.bankid.answers import Environment
from idp.adapters.bankid.evidence_reader import BankIdEvidence
from idp.core.identification.bankid.api import Completion
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.trust import SignedFacts
from idp_tests.adapters.bankid.people import (
    NOW,
    PERSON,
    RP_SUBJECT,
    UHI,
    People,
    answer_ocsp,
    b64,
    sign,
    signed_data,
    some_people,
)
from idp_tests.builders import a_completion


@pytest.fixture(scope="module")
def people() -> People:
    return some_people()


@pytest.fixture(scope="module")
def completion(people: People) -> Completion:
    signature = sign(signed_data(), *people.chain)
    user = replace(a_completion().user, personal_number=PERSON)
    return a_completion(user=user, device_uhi=UHI, signature=signature, ocsp=answer_ocsp(people, signature))


def read(
    people: People, completion: Completion, *, ocsp_required: bool, kind: BankIdKind = BankIdKind.MOBILE
) -> SignedFacts | str:
    reader = BankIdEvidence(
        Environment.TEST,
        relying_party=RP_SUBJECT,
        kinds=frozenset({kind}),
        roots=[people.root.certificate],
        ocsp_required=ocsp_required,
    )
    return reader.read(completion, visible="Logga in", hidden=b"binding", at=NOW)


@pytest.mark.parametrize("ocsp_required", [True, False])
def test_whole_evidence_is_read_up_to_the_root(people: People, completion: Completion, ocsp_required: bool) -> None:
    facts = read(people, completion, ocsp_required=ocsp_required)
    assert isinstance(facts, SignedFacts)
    assert (facts.kind, facts.chain_validated) == (BankIdKind.MOBILE, True)
    root = b64(people.root.certificate.public_bytes(Encoding.DER))
    assert facts.kept == {"policies": "1.2.3.4.25", "root": root}


def test_without_an_ocsp_answer_it_is_refused_where_that_is_required(people: People, completion: Completion) -> None:
    """A login could else be proved by a certificate that the bank has revoked."""
    without = replace(completion, ocsp="")
    assert read(people, without, ocsp_required=True) == "there is no OCSP answer"
    assert isinstance(read(people, without, ocsp_required=False), SignedFacts)


def test_a_wrong_ocsp_answer_is_refused_everywhere(people: People, completion: Completion) -> None:
    wrong = replace(completion, ocsp=answer_ocsp(people, "c2lnbmF0dXJl"))
    assert isinstance(read(people, wrong, ocsp_required=True), str)
    assert isinstance(read(people, wrong, ocsp_required=False), str)


@pytest.mark.parametrize("kind", [BankIdKind.CARD, BankIdKind.FILE])
def test_a_bankid_of_a_kind_that_the_settings_do_not_name_is_refused(
    people: People, completion: Completion, kind: BankIdKind
) -> None:
    """Also when BankID itself let it through: the certificate says which kind signed."""
    assert read(people, completion, ocsp_required=True, kind=kind) == "this kind of BankID is not accepted"
