"""An independent verifier of BankID evidence, written from the signature profile: shares no code with the simulator."""

import base64
import hashlib
import threading
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
BID: Final = "{http://www.bankid.com/signature/v1.0.0/types}"
C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_registry = threading.Lock()


class Untrustworthy(Exception):
    """The evidence does not hold."""


@dataclass(frozen=True)
class Verified:
    """What a signature that holds says."""

    person_number: str
    policies: frozenset[str]
    visible: str | None
    non_visible: str | None
    function: str
    relying_party: dict[str, str]
    display_name: str
    uhi: str
    chain: tuple[x509.Certificate, ...]


def need(ok: object, why: str) -> None:
    if not ok:
        raise Untrustworthy(why)


def canonical(element: ET.Element) -> bytes:
    with _registry:
        ET.register_namespace("", element.tag[1:].partition("}")[0])
        return ET.canonicalize(ET.tostring(element, encoding="unicode")).encode()


def check_rsa(certificate: x509.Certificate, signature: bytes, content: bytes, algorithm: hashes.HashAlgorithm) -> None:
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(signature, content, padding.PKCS1v15(), algorithm)
    except InvalidSignature as error:
        raise Untrustworthy("signature value") from error


def verify_signature(signature: str, root: x509.Certificate) -> Verified:
    raw = base64.b64decode(signature, validate=True)
    need(len(raw) < 400_000 and b"<!" not in raw and raw.count(b"<?") == 1, "DTD, comment or CDATA")
    document = ET.fromstring(raw)
    layout = [f"{DS}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo", "Object")]
    need(document.tag == f"{DS}Signature" and [each.tag for each in document] == layout, "layout")
    info, value, key_info, credential = document
    need([each.tag for each in credential] == [f"{BID}bankIdSignedData"], "object")
    data = credential[0]
    ids = [each.get("Id") for each in document.iter() if each.get("Id") is not None]
    need(ids == ["bidKeyInfo", "bidSignedData"], "ids")
    check_digests(info, {"#bidSignedData": data, "#bidKeyInfo": key_info})
    chain = tuple(
        x509.load_der_x509_certificate(base64.b64decode(each.text or ""))
        for each in key_info.iter(f"{DS}X509Certificate")
    )
    check_rsa(chain[0], base64.b64decode(value.text or ""), canonical(info), hashes.SHA256())
    check_chain(chain, root)
    return read(data, chain)


def check_digests(info: ET.Element, targets: dict[str, ET.Element]) -> None:
    names = ["CanonicalizationMethod", "SignatureMethod", "Reference", "Reference"]
    need([each.tag for each in info] == [DS + name for name in names], "signed info")
    need([info[0].get("Algorithm"), info[1].get("Algorithm")] == [C14N, RSA_SHA256], "algorithms")
    for reference in info[2:]:
        element = targets.pop(str(reference.get("URI")), None)
        need(element is not None, "reference")
        assert element is not None
        need([each.get("Algorithm") for each in reference.iter(f"{DS}Transform")] == [C14N], "transform")
        need([each.get("Algorithm") for each in reference.iter(f"{DS}DigestMethod")] == [SHA256], "digest algorithm")
        expected = base64.b64decode(reference.findtext(f"{DS}DigestValue") or "")
        need(hashlib.sha256(canonical(element)).digest() == expected, "digest")


def check_chain(chain: tuple[x509.Certificate, ...], root: x509.Certificate) -> None:
    need(len(chain) == 3, "length of chain")
    for certificate, issuer in zip(chain, (*chain[1:], root), strict=True):
        need(certificate.issuer == issuer.subject, "issuer")
        check_issued(certificate, issuer)
        need(issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca, "authority")
    usage = chain[0].extensions.get_extension_for_class(x509.KeyUsage)
    need(usage.critical and usage.value.digital_signature, "key usage")


def check_issued(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    algorithm = certificate.signature_hash_algorithm
    assert algorithm is not None
    check_rsa(issuer, certificate.signature, certificate.tbs_certificate_bytes, algorithm)


def read(data: ET.Element, chain: tuple[x509.Certificate, ...]) -> Verified:
    def text(path: str) -> str | None:
        return data.findtext("/".join(BID + part for part in path.split("/")))

    def decoded(path: str) -> str | None:
        found = text(path)
        return None if found is None else base64.b64decode(found, validate=True).decode()

    need(len(base64.b64decode(text("srvInfo/nonce") or "")) == 20, "nonce of the server")
    policies = chain[0].extensions.get_extension_for_class(x509.CertificatePolicies).value
    [serial] = chain[0].subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return Verified(
        person_number=str(serial.value),
        policies=frozenset(each.policy_identifier.dotted_string for each in policies),
        visible=decoded("usrVisibleData"),
        non_visible=decoded("usrNonVisibleData"),
        function=text("clientInfo/funcId") or "",
        relying_party=dict(part.split("=", 1) for part in (decoded("srvInfo/name") or "").split(",")),
        display_name=decoded("srvInfo/displayName") or "",
        uhi=text("clientInfo/env/ai/uhi") or "",
        chain=chain,
    )


def verify_ocsp(response: str, signature: str, chain: tuple[x509.Certificate, ...]) -> ocsp.OCSPResponse:
    leaf, issuer = chain[:2]
    answer = ocsp.load_der_ocsp_response(base64.b64decode(response, validate=True))
    need(answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL, "status of the response")
    need(answer.certificate_status is ocsp.OCSPCertStatus.GOOD, "status of the certificate")
    question = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1()).build()
    for name in ("serial_number", "issuer_key_hash", "issuer_name_hash"):
        need(getattr(answer, name) == getattr(question, name), name)
    [responder] = answer.certificates
    need(responder.issuer == issuer.subject and answer.responder_name == responder.subject, "responder")
    check_issued(responder, issuer)
    purposes = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    need(ExtendedKeyUsageOID.OCSP_SIGNING in purposes.value, "responder's purpose")
    check_rsa(responder, answer.signature, answer.tbs_response_bytes, hashes.SHA256())
    nonce = answer.extensions.get_extension_for_class(x509.OCSPNonce)
    need(nonce.critical and len(nonce.value.nonce) == 32, "nonce")
    need(nonce.value.nonce[:20] == hashlib.sha1(signature.encode()).digest(), "binding of the nonce")
    return answer
