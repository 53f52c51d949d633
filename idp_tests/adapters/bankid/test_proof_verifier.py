"""BankID's proof in sealed evidence verifies by itself, and tampered evidence is refused by two verifiers."""

from dataclasses import replace

import pytest

from idp.adapters.bankid.proof_verifier import BankIdProofVerifier
from idp.core.evidence.bundle import Bundle, Identification
from idp.core.evidence.seal import content_of
from idp.core.evidence.verify_evidence import ProvedIdentification
from idp_sandbox.bankid.keystore import KeyStore
from idp_tests.cases import each
from idp_tests.evidence_exports import TEXT, Exported, published_pair, simulated
from idp_tests.evidence_tampering import believed, ours, theirs

VERIFY = BankIdProofVerifier().verify
EXPORTS = ("pair", "simulator")
SELECTION = 150
"""Of tamperings with each export; `python -m idp_tests.evidence_tampering` tries a thousand."""


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exported]:
    return {"pair": published_pair(), "simulator": simulated(KeyStore(tmp_path_factory.mktemp("simulator")))}


def first_login(exported: Exported) -> Identification:
    found = Bundle.from_bytes(content_of(exported.sealed[0])).identification
    assert found is not None
    return found


def test_bankids_own_published_pair_proves_its_login(exports: dict[str, Exported]) -> None:
    proved = VERIFY(first_login(exports["pair"]))
    assert isinstance(proved, ProvedIdentification)
    assert (proved.person, proved.shown, proved.root) == ("198501139995", None, None)
    assert proved.issuer == "Testbank A AB (publ), Testbank A Customer CA1 v1 for BankID Test"
    assert proved.relying_party.startswith("cn=FP Testcert")


def test_an_order_of_the_simulator_proves_what_was_shown_up_to_the_root(exports: dict[str, Exported]) -> None:
    proved = VERIFY(first_login(exports["simulator"]))
    assert isinstance(proved, ProvedIdentification)
    assert (proved.person, proved.shown) == ("199001012385", TEXT)
    assert {proved.root} == exports["simulator"].pins.roots


@each("name", EXPORTS)
def test_both_verifiers_believe_what_was_exported(exports: dict[str, Exported], name: str) -> None:
    assert ours(exports[name].file(), exports[name])
    assert theirs(exports[name].file(), exports[name])


@each("name", EXPORTS)
def test_both_verifiers_refuse_what_was_tampered_with(exports: dict[str, Exported], name: str) -> None:
    [other] = [exports[each] for each in EXPORTS if each != name]
    results = list(believed(exports[name], other, seed=7, count=SELECTION))
    assert len(results) == SELECTION
    assert [way for way, one, second in results if one or second] == []


@each(
    "change, why",
    {
        "what was never proved": ({"unproved": "no chain"}, "it was not proved when it was sealed: no chain"),
        "no OCSP answer": ({"ocsp": ""}, "parts of the proof are missing or unknown"),
        "an unknown part": ({"more": "x"}, "parts of the proof are missing or unknown"),
        "a text that was not shown": ({"visible": "x"}, "the signed data have other parts than the order"),
        "another person asked for": ({"required_number": "1"}, "another person was asked for"),
        "a root that is no certificate": ({"root": "AAAA"}, None),
    },
)
def test_a_proof_that_does_not_fit_says_why(
    exports: dict[str, Exported], change: dict[str, str], why: str | None
) -> None:
    found = first_login(exports["pair"])
    answer = VERIFY(replace(found, parts={**found.parts, **change}))
    assert isinstance(answer, str)
    assert why in {None, answer}
