import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from idp_sandbox.bankid.personas import PERSONAS, Persona
from idp_tests.sandbox.bankid.rig import Rig, encoded
from idp_tests.sandbox.bankid.verifier import Untrustworthy, Verified, verify_ocsp, verify_signature

TEXT = "Logga in på PreZero MinaSidor.\n\nIdentifiera dig inte om någon annan ber dig."


def complete(rig: Rig, persona_id: str = "anna", operation: str = "auth", **request: Any) -> dict[str, Any]:
    rig.scenario.set_up({"script": [{"after_seconds": 0, "do": "approve", "persona": persona_id}]})
    order = dict(rig.call(operation, {"endUserIp": "192.0.2.7"} | request).json or {})
    answer = rig.collect(order)
    assert answer["status"] == "complete", answer
    return dict(answer["completionData"])


def root(rig: Rig) -> x509.Certificate:
    return x509.load_pem_x509_certificate((rig.keys.directory / "people-root.pem").read_bytes())


def verified(rig: Rig, data: dict[str, Any]) -> Verified:
    return verify_signature(data["signature"], root(rig))


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.id)
def test_everybodys_evidence_holds(rig: Rig, persona: Persona) -> None:
    if persona.id in {"bertil", "gunnar"}:
        rig.scenario.set_up({"script": [{"after_seconds": 0, "do": "approve", "persona": persona.id}]})
        assert rig.collect(rig.auth())["status"] == "failed"
        return
    data = complete(rig, persona.id)
    signature = verified(rig, data)
    verify_ocsp(data["ocspResponse"], data["signature"], signature.chain)
    assert signature.person_number == data["user"]["personalNumber"] == persona.person_number
    assert signature.policies == {persona.policy}
    assert signature.uhi == data["device"]["uhi"]


def test_the_signature_binds_what_was_asked_and_by_whom(rig: Rig) -> None:
    data = complete(rig, userVisibleData=encoded(TEXT), userNonVisibleData=encoded("hemligt"))
    signature = verified(rig, data)
    assert (signature.visible, signature.non_visible) == (TEXT, "hemligt")
    assert signature.function == "Identification"
    assert signature.display_name == "PreZero"
    assert signature.relying_party == {
        "cn": "PreZero BankID-simulator",
        "name": "PreZero",
        "serialNumber": "5560000001",
        "o": "PreZero",
        "c": "SE",
    }


def test_a_sign_says_so(rig: Rig) -> None:
    data = complete(rig, operation="sign", userVisibleData=encoded(TEXT))
    assert verified(rig, data).function == "Signing"


def test_what_was_not_sent_is_absent(rig: Rig) -> None:
    signature = verified(rig, complete(rig))
    assert signature.visible is None
    assert signature.non_visible is None


def test_evidence_has_the_size_of_real_evidence(rig: Rig) -> None:
    data = complete(rig, userVisibleData=encoded(TEXT))
    assert 6_000 <= len(data["signature"]) <= 12_000
    assert 1_500 <= len(data["ocspResponse"]) <= 3_500


def test_the_ocsp_response_is_of_this_moment(rig: Rig) -> None:
    data = complete(rig)
    answer = verify_ocsp(data["ocspResponse"], data["signature"], verified(rig, data).chain)
    assert abs(answer.produced_at_utc - datetime.now(UTC)) < timedelta(seconds=30)
    assert answer.this_update_utc == answer.produced_at_utc
    assert answer.next_update_utc is None


def test_one_orders_ocsp_response_does_not_fit_another(rig: Rig) -> None:
    first, second = complete(rig), complete(rig)
    with pytest.raises(Untrustworthy, match="binding"):
        verify_ocsp(first["ocspResponse"], second["signature"], verified(rig, second).chain)


def swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: raw.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (swap(b"<funcId>Identification", b"<funcId>Signing"), "digest"),
        (swap(b"<X509Certificate>", b"<X509Certificate>\n"), "digest"),
        (swap(b"#rsa-sha256", b"#rsa-sha512"), "algorithms"),
        (swap(b"<Object>", b"<Object><!-- -->"), "comment"),
        (swap(b"<SignatureValue>", b"<SignatureValue>AAAA"), "signature value"),
        (swap(b"</Object>", b"<x></x></Object>"), "object"),
    ],
)
def test_the_verifier_sees_every_change(rig: Rig, change: Callable[[bytes], bytes], why: str) -> None:
    raw = base64.b64decode(complete(rig)["signature"])
    changed = change(raw)
    assert changed != raw
    with pytest.raises(Untrustworthy, match=why):
        verify_signature(base64.b64encode(changed).decode(), root(rig))
