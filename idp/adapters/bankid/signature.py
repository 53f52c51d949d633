"""The XML signature of a completed order: its layout, its digests and its signature value (BankID RP 6.0, signature).

Everything is found by position, not by search, so that a signed part cannot be wrapped away and replaced.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from idp.adapters.bankid.canonical_xml import SIZE_LIMIT, Element, read_canonical_xml

XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
BANKID_TYPES = "http://www.bankid.com/signature/v1.0.0/types"
CANONICAL_XML = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
CHAIN_LIMIT = 5

_DATA_ID = "bidSignedData"
_KEY_ID = "bidKeyInfo"


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A signature that holds: what was signed, and the certificates that came along, the signer's first."""

    data: Element
    chain: tuple[x509.Certificate, ...]


def strict_base64(text: str) -> bytes:
    """Decode standard base64 with padding and nothing else; raises ValueError.

    The unused bits of the last character must be zero: otherwise several texts would stand for one value.
    """
    if len(text) > 2 * SIZE_LIMIT:
        raise ValueError("the base64 text is too large")
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError("the base64 text is malformed") from None
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("the base64 text is not canonical")
    return decoded


def verify_signature(signature_b64: str) -> SignedDocument:
    """Check layout, algorithms, both digests and the signature value.

    Raises ValueError, or cryptography's InvalidSignature. The certificates are only parsed: nothing is said about trust.
    """
    root = read_canonical_xml(strict_base64(signature_b64))
    _need(root.name == "Signature" and root.attributes == {"xmlns": XMLDSIG}, "the root is not a signature")
    _need(root.child_names() == ["SignedInfo", "SignatureValue", "KeyInfo", "Object"], "the layout differs")
    signed_info, value, key_info, wrapper = root.children
    _need(signed_info.attributes == {"xmlns": XMLDSIG}, "the signed info differs")
    _need(value.attributes == {} and wrapper.attributes == {}, "the layout differs")
    _need(key_info.attributes == {"xmlns": XMLDSIG, "Id": _KEY_ID}, "the key info differs")
    _need(wrapper.child_names() == ["bankIdSignedData"], "the object holds something else")
    data = wrapper.children[0]
    _need(data.attributes == {"xmlns": BANKID_TYPES, "Id": _DATA_ID}, "the signed data differ")
    _refuse_more_names(root, (root, signed_info, key_info, data))
    _check_digests(signed_info, data, key_info)
    chain = _read_chain(key_info)
    key = chain[0].public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise ValueError("the signer's key is not RSA of 2048 bits or more")
    key.verify(strict_base64(value.text), signed_info.raw, padding.PKCS1v15(), hashes.SHA256())
    return SignedDocument(data=data, chain=chain)


def _need(fulfilled: object, reason: str) -> None:
    if not fulfilled:
        raise ValueError(reason)


def _refuse_more_names(root: Element, known: tuple[Element, ...]) -> None:
    """A second Id could draw a reference to itself; a second xmlns could make a known name mean something else."""
    for element in root.walk():
        if all(element is not one for one in known):
            names = {name.lower() for name in element.attributes}
            _need(not names & {"id", "xmlns"}, "there are more identifiers or namespaces than two")


def _check_digests(signed_info: Element, data: Element, key_info: Element) -> None:
    names = ["CanonicalizationMethod", "SignatureMethod", "Reference", "Reference"]
    _need(signed_info.child_names() == names, "the signed info differs")
    canonicalization, method, first, second = signed_info.children
    _need(_is_empty(canonicalization, CANONICAL_XML), "the canonicalization differs")
    _need(_is_empty(method, RSA_SHA256), "the signature algorithm is not accepted")
    _need(first.attributes == {"Type": BANKID_TYPES, "URI": f"#{_DATA_ID}"}, "the reference to the data differs")
    _need(second.attributes == {"URI": f"#{_KEY_ID}"}, "the reference to the key differs")
    _check_digest(first, data)
    _check_digest(second, key_info)


def _is_empty(element: Element, algorithm: str) -> bool:
    return element.attributes == {"Algorithm": algorithm} and not element.children and not element.text


def _check_digest(reference: Element, target: Element) -> None:
    _need(reference.child_names() == ["Transforms", "DigestMethod", "DigestValue"], "a reference differs")
    transforms, method, value = reference.children
    _need(transforms.child_names() == ["Transform"] and transforms.attributes == {}, "the transforms differ")
    _need(_is_empty(transforms.children[0], CANONICAL_XML), "the transform is not accepted")
    _need(_is_empty(method, SHA256), "the digest algorithm is not accepted")
    digest = hashlib.sha256(target.raw).digest()
    _need(hmac.compare_digest(strict_base64(value.text), digest), f"the digest of {target.name} is wrong")


def _read_chain(key_info: Element) -> tuple[x509.Certificate, ...]:
    _need(key_info.child_names() == ["X509Data"], "the key info differs")
    certificates = key_info.children[0]
    _need(set(certificates.child_names()) == {"X509Certificate"}, "the certificates differ")
    _need(2 <= len(certificates.children) <= CHAIN_LIMIT, "the number of certificates differs")
    return tuple(x509.load_der_x509_certificate(strict_base64(child.text)) for child in certificates.children)
