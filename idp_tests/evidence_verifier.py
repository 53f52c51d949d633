"""A second verifier of exported evidence, written from `idp/EVIDENCE.md`; it shares no code with the product.

python idp_tests/evidence_verifier.py FILE [--seal THUMBPRINT]… [--root SHA256]…
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DS, BID = "{http://www.w3.org/2000/09/xmldsig#}", "{http://www.bankid.com/signature/v1.0.0/types}"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ALWAYS = {"signature", "ocsp", "personal_number", "device_uhi", "pin_code", "policies"}
SOMETIMES = {"visible", "hidden", "required_number", "order_ref", "root"}
SLACK = timedelta(minutes=10)


class Untrustworthy(Exception):
    """The file does not prove what it says."""


def need(ok: object, why: str) -> None:
    if not ok:
        raise Untrustworthy(why)


def plain(text: str) -> bytes:
    decoded = base64.b64decode(text, validate=True)
    need(base64.b64encode(decoded).decode() == text, "base64")
    return decoded


def url(text: str) -> bytes:
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(base64.urlsafe_b64encode(decoded).decode().rstrip("=") == text, "base64url")
    return decoded


def unseal(line: str, kind: str, seals: Collection[str]) -> dict[str, Any]:
    header, payload, signature = line.split(".")
    jwk = json.loads(url(header))["jwk"]
    known = {"alg": "Ed25519", "jwk": {"crv": "Ed25519", "kty": "OKP", "x": jwk["x"]}, "typ": kind}
    need(json.dumps(known, sort_keys=True, separators=(",", ":")).encode() == url(header), "header")
    Ed25519PublicKey.from_public_bytes(url(jwk["x"])).verify(url(signature), f"{header}.{payload}".encode())
    digest = hashlib.sha256(json.dumps(known["jwk"], sort_keys=True, separators=(",", ":")).encode()).digest()
    thumbprint = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    need(not seals or thumbprint in seals, "sealed by another key")
    members = json.loads(url(payload))
    canonical = json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    need(canonical == url(payload), "payload is not canonical")
    return dict(members)


def issued(certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> None:
    certificate.verify_directly_issued_by(issuer)
    need(isinstance(certificate.signature_hash_algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512), "weak digest")
    for each in (certificate, issuer):
        need(each.not_valid_before_utc <= at <= each.not_valid_after_utc, "validity")
    need(issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca, "authority")
    need(issuer.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign, "authority's usage")


def check_rsa(certificate: x509.Certificate, signature: bytes, content: bytes, digest: hashes.HashAlgorithm) -> None:
    key = certificate.public_key()
    need(isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048, "key")
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, content, padding.PKCS1v15(), digest)


def canonical(element: ET.Element) -> bytes:
    ET.register_namespace("", element.tag[1:].partition("}")[0])
    return ET.canonicalize(ET.tostring(element, encoding="unicode")).encode()


def check_signature(signature: str) -> tuple[ET.Element, list[x509.Certificate]]:
    raw = plain(signature)
    need(b"<!" not in raw and raw.count(b"<?") <= 1, "document type, comment or CDATA")
    document = ET.fromstring(raw)
    info, value, key_info, wrapper = document
    need(document.tag == f"{DS}Signature", "root element")
    layout = [f"{DS}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo", "Object")]
    need([each.tag for each in document] == layout, "layout")
    [data] = wrapper
    ids = [each.get("Id") for each in document.iter() if each.get("Id") is not None]
    need((data.tag, ids) == (f"{BID}bankIdSignedData", ["bidKeyInfo", "bidSignedData"]), "names")
    need([info[0].get("Algorithm"), info[1].get("Algorithm")] == [C14N, RSA_SHA256], "algorithms")
    for reference, target, element in zip(info[2:], ("#bidSignedData", "#bidKeyInfo"), (data, key_info), strict=True):
        transforms, method, digest = reference
        found = (reference.get("URI"), [each.get("Algorithm") for each in transforms], method.get("Algorithm"))
        need(found == (target, [C14N], SHA256), "reference")
        need(hashlib.sha256(canonical(element)).digest() == plain(digest.text or ""), "digest")
    chain = [x509.load_der_x509_certificate(plain(each.text or "")) for each in key_info[0]]
    check_rsa(chain[0], plain(value.text or ""), canonical(info), hashes.SHA256())
    return data, chain


def check_data(data: ET.Element, leaf: x509.Certificate, parts: dict[str, str]) -> None:
    visible, hidden = data.find(f"{BID}usrVisibleData"), data.findtext(f"{BID}usrNonVisibleData")
    need((visible is None) == ("visible" not in parts) and hidden == parts.get("hidden"), "hidden or shown data")
    if visible is not None:
        need(visible.attrib == {"charset": "UTF-8", "visible": "wysiwys"}, "how it was shown")
        need(plain(visible.text or "") == parts["visible"].encode(), "shown text")
    client = f"{BID}clientInfo/{BID}"
    need(data.findtext(f"{client}funcId") == "Identification", "function")
    need(data.findtext(f"{client}env/{BID}ai/{BID}uhi") == parts["device_uhi"], "device")
    [number] = [str(each.value) for each in leaf.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    need(number == parts["personal_number"] == parts.get("required_number", number), "person")
    policies = leaf.extensions.get_extension_for_class(x509.CertificatePolicies).value
    named, allowed = {each.policy_identifier.dotted_string for each in policies}, set(parts["policies"].split())
    need(not allowed or named & allowed, "kind of BankID")
    need(leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature, "usage")


def check_ocsp(parts: dict[str, str], leaf: x509.Certificate, issuer: x509.Certificate, at: datetime) -> None:
    answer = ocsp.load_der_ocsp_response(plain(parts["ocsp"]))
    need(answer.certificate_status is ocsp.OCSPCertStatus.GOOD, "status")
    question = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1()).build()
    for name in ("serial_number", "issuer_key_hash", "issuer_name_hash"):
        need(getattr(answer, name) == getattr(question, name), "another certificate's answer")
    [responder] = answer.certificates
    issued(responder, issuer, answer.produced_at_utc)
    purposes = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    need(ExtendedKeyUsageOID.OCSP_SIGNING in purposes and answer.responder_name == responder.subject, "responder")
    assert answer.signature_hash_algorithm is not None
    check_rsa(responder, answer.signature, answer.tbs_response_bytes, answer.signature_hash_algorithm)
    need(abs(answer.produced_at_utc - at) <= SLACK and abs(answer.this_update_utc - at) <= SLACK, "time of the answer")
    nonce = answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    need(nonce[:20] == hashlib.sha1(parts["signature"].encode()).digest(), "another signature's answer")


def check_login(found: dict[str, Any], act_at: str, roots: Collection[str]) -> None:
    parts, at = dict(found["parts"]), datetime.fromisoformat(found["at"]).astimezone(UTC)
    need(found["at"] == act_at and found["kind"] == "signature", "time or kind")
    need(ALWAYS <= parts.keys() <= ALWAYS | SOMETIMES, "parts")
    data, chain = check_signature(parts["signature"])
    need(2 <= len(chain) <= 5, "length of the chain")
    root = x509.load_der_x509_certificate(plain(parts["root"])) if "root" in parts else None
    above = [*chain[1:], root] if root is not None else chain[1:]
    for certificate, issuer in zip(chain, above, strict=root is not None):
        issued(certificate, issuer, at)
    if root is not None:
        issued(root, root, at)
    fingerprint = hashlib.sha256(root.public_bytes(Encoding.DER)).hexdigest() if root is not None else None
    need(not roots or fingerprint in roots, "another root")
    check_data(data, chain[0], parts)
    check_ocsp(parts, chain[0], chain[1], at)


def verify(file: bytes, seals: Collection[str] = (), roots: Collection[str] = ()) -> int:
    """How many bundles are proved; raises an exception, of whatever type, when one is not."""
    need(file.endswith(b"\n"), "cut off")
    *lines, last = file.decode("ascii").removesuffix("\n").split("\n")
    logins: dict[str, tuple[str, dict[str, Any]]] = {}
    references = set()
    for line in lines:
        bundle = unseal(line, "idp-evidence+jws", seals)
        act, sha256 = bundle["act"], hashlib.sha256(line.encode()).hexdigest()
        need(bundle["format"] == "idp-evidence/1" and bundle["reference"] not in references, "format or reference")
        references.add(bundle["reference"])
        if act["kind"] == "login":
            check_login(bundle["identification"], act["at"], roots)
            logins[bundle["reference"]] = (sha256, act)
        elif "rests_on" in bundle:
            known, login = logins[bundle["rests_on"]["reference"]]
            need(known == bundle["rests_on"]["sha256"] and login["at"] <= act["at"], "rests on another login")
            need(login.get("person_id", act["person_id"]) == act["person_id"], "another person's act")
        else:
            need(act["kind"] == "freeze", "rests on no login")
    end = unseal(last, "idp-evidence-export+jws", seals)
    whole = "".join(f"{line}\n" for line in lines).encode()
    told = (end["format"], end["bundles"], end["sha256"])
    need(told == ("idp-evidence-export/1", str(len(lines)), hashlib.sha256(whole).hexdigest()), "lines are missing")
    return len(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seal", action="append", default=[])
    parser.add_argument("--root", action="append", default=[])
    asked = parser.parse_args()
    try:
        print(verify(asked.file.read_bytes(), asked.seal, asked.root), "bundles are proved")
    except Exception as refused:  # noqa: BLE001 - whatever it stumbles over
        sys.exit(f"refused: {type(refused).__name__} {refused}")
