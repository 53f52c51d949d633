"""The signature holds for what BankID signed and for nothing else."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from idp.adapters.bankid.signature import strict_base64, verify_signature

DATA = Path(__file__).parent / "data"
GENUINE = base64.b64decode((DATA / "bankid-test-signature.b64").read_text())
SIGNED_DATA = GENUINE[GENUINE.index(b"<bankIdSignedData") : GENUINE.index(b"</Object>")]
KEY_INFO = GENUINE[GENUINE.index(b"<KeyInfo") : GENUINE.index(b"<Object>")]
REFERENCE = GENUINE[GENUINE.index(b"<Reference ") : GENUINE.index(b"</Reference>") + len(b"</Reference>")]


def encoded(document: bytes) -> str:
    return base64.b64encode(document).decode()


def replaced(old: bytes, new: bytes) -> bytes:
    assert old in GENUINE
    return GENUINE.replace(old, new, 1)


@pytest.mark.parametrize("name", ["bankid-test-signature.b64", "bankid-test-pair-signature.b64"])
def test_a_genuine_signature_holds(name: str) -> None:
    document = verify_signature((DATA / name).read_text().strip())
    assert [len(certificate.subject.rdns) for certificate in document.chain] == [7, 4, 4]


def test_the_signed_data_are_given() -> None:
    data = verify_signature(encoded(GENUINE)).data
    assert strict_base64(data.only("usrVisibleData").text) == b"signeringstext"


def test_other_data_are_refused() -> None:
    tampered = replaced(base64.b64encode(b"signeringstext"), base64.b64encode(b"signeringstexx"))
    with pytest.raises(ValueError, match="digest of bankIdSignedData"):
        verify_signature(encoded(tampered))


def test_another_signature_value_is_refused() -> None:
    start = GENUINE.index(b"<SignatureValue>") + len(b"<SignatureValue>")
    tampered = GENUINE[:start] + b"AAAA" + GENUINE[start + 4 :]
    with pytest.raises(InvalidSignature):
        verify_signature(encoded(tampered))


def test_a_signature_value_has_one_spelling() -> None:
    """The last character before the padding has unused bits: the same bytes, another text."""
    end = GENUINE.index(b"==</SignatureValue>")
    tampered = GENUINE[: end - 1] + bytes([GENUINE[end - 1] + 1]) + GENUINE[end:]
    start = GENUINE.index(b"<SignatureValue>") + len(b"<SignatureValue>")
    assert base64.b64decode(tampered[start : end + 2]) == base64.b64decode(GENUINE[start : end + 2])
    with pytest.raises(ValueError, match="not canonical"):
        verify_signature(encoded(tampered))


def test_other_certificates_are_refused() -> None:
    first, second, *_ = KEY_INFO.split(b"<X509Certificate>")[1:]
    with pytest.raises(ValueError, match="digest of KeyInfo"):
        verify_signature(
            encoded(replaced(first + b"<X509Certificate>" + second, second + b"<X509Certificate>" + first))
        )


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda: replaced(b"<Object>", b"<Object>" + SIGNED_DATA), id="two data in one object"),
        pytest.param(
            lambda: replaced(b"</Object>", b"</Object><Object>" + SIGNED_DATA + b"</Object>"), id="a second object"
        ),
        pytest.param(
            lambda: replaced(SIGNED_DATA, b"<wrapper>" + SIGNED_DATA + b"</wrapper>"), id="the data wrapped deeper"
        ),
        pytest.param(
            lambda: replaced(b"<usrVisibleData ", b'<usrVisibleData Id="bidSignedData" '), id="an identifier twice"
        ),
        pytest.param(
            lambda: replaced(b"<srvInfo>", b'<srvInfo xmlns="urn:other">'), id="a namespace inside the data"
        ),
        pytest.param(lambda: replaced(b"<Object>", b'<Object Id="bidSignedData">'), id="an identifier on the object"),
        pytest.param(lambda: replaced(b"<X509Data>", b'<X509Data id="x">'), id="an identifier in lower case"),
        pytest.param(lambda: replaced(b'"bidSignedData"', b'"other"'), id="the data renamed"),
        pytest.param(lambda: replaced(b"<Signature ", b"<!DOCTYPE Signature><Signature "), id="a document type"),
        pytest.param(lambda: replaced(b"<Object>", b"<Object><!-- -->"), id="a comment"),
        pytest.param(lambda: replaced(b"<funcId>Ident", b"<funcId><!-- -->Ident"), id="a comment in the data"),
        pytest.param(lambda: replaced(b"<Object>", b"<Object><?x?>"), id="a processing instruction"),
        pytest.param(lambda: replaced(b"xmldsig-more#rsa-sha256", b"xmldsig#rsa-sha1"), id="a weak signature"),
        pytest.param(lambda: replaced(b"xmlenc#sha256", b"xmldsig#sha1"), id="a weak digest"),
        pytest.param(
            lambda: replaced(b'<Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315">', b"<Transform>"),
            id="no transform",
        ),
        pytest.param(lambda: replaced(b"</Transform>", b"</Transform><Transform></Transform>"), id="another transform"),
        pytest.param(lambda: replaced(b"#bidSignedData", b"#bidKeyInfo"), id="both references to the key"),
        pytest.param(lambda: replaced(b'URI="#bidSignedData"', b'URI=""'), id="a reference to the whole"),
        pytest.param(lambda: replaced(REFERENCE, b""), id="a reference left out"),
        pytest.param(lambda: replaced(REFERENCE, REFERENCE + REFERENCE), id="a reference doubled"),
        pytest.param(lambda: replaced(KEY_INFO, b""), id="no key info"),
        pytest.param(lambda: replaced(b"<X509Data>", b"<KeyName>x</KeyName><X509Data>"), id="a key's name"),
        pytest.param(lambda: replaced(b"</X509Certificate></X509Data>", b"</X509Certificate><X509CRL></X509CRL></X509Data>"),
                     id="more than certificates"),
        pytest.param(lambda: replaced(b"<Signature xmlns", b"<Sign xmlns").replace(b"</Signature>", b"</Sign>"), id="another root"),
        pytest.param(lambda: replaced(b"<SignatureValue>", b'<SignatureValue x="1">'), id="an attribute more"),
        pytest.param(lambda: replaced(b"<DigestValue>", b"<DigestValue>AAAA"), id="another digest"),
        pytest.param(lambda: replaced(b"</SignatureMethod>", b"x</SignatureMethod>"), id="parameters for the algorithm"),
        pytest.param(lambda: replaced(b"?><Signature", b"?>\n<Signature"), id="a line break"),
        pytest.param(lambda: GENUINE + b"<x></x>", id="something behind"),
        pytest.param(lambda: b"", id="nothing"),
    ],
)  # fmt: skip
def test_a_forged_document_is_refused(forge: Callable[[], bytes]) -> None:
    with pytest.raises((ValueError, InvalidSignature)):
        verify_signature(encoded(forge()))


def test_no_bit_can_be_turned() -> None:
    """Every 29th byte of the document, and each of its bits."""
    for position in range(0, len(GENUINE), 29):
        for bit in range(8):
            turned = bytearray(GENUINE)
            turned[position] ^= 1 << bit
            with pytest.raises((ValueError, InvalidSignature)):
                verify_signature(encoded(bytes(turned)))


@pytest.mark.parametrize(
    "text", ["QQ", "QQ=", "QR==", "Q Q==", "QQ==\n", "\nQQ==", "Q-__", "QÅ==", "QQ==QQ==", "=", "A" * 800_004]
)
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        strict_base64(text)


def test_base64_is_decoded() -> None:
    assert strict_base64("QQ==") == b"A"
    assert strict_base64("") == b""
