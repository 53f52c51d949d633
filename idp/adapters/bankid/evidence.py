"""Verification of a completion's evidence: that this person approved this very login, with which BankID.

BankID has checked all of it before it answers; checking again catches a confused or false upstream and makes the stored
evidence worth keeping.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from idp.adapters.bankid.canonical_xml import Element
from idp.adapters.bankid.chain import policy_oids, require_anchored, require_linked
from idp.adapters.bankid.ocsp import verify_ocsp
from idp.adapters.bankid.signature import SignedDocument, strict_base64, verify_signature

_SHORT_NAMES = {
    NameOID.COMMON_NAME: "cn",
    NameOID.ORGANIZATION_NAME: "o",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "ou",
    NameOID.COUNTRY_NAME: "c",
    NameOID.SERIAL_NUMBER: "serialnumber",
    NameOID.LOCALITY_NAME: "l",
    NameOID.STATE_OR_PROVINCE_NAME: "st",
    x509.ObjectIdentifier("2.5.4.41"): "name",
}
_ATTRIBUTE = re.compile(r"\s*([A-Za-z0-9.]+)\s*=\s*((?:\\.|[^\\,])*)(?:,|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class EvidenceRefused(Exception):
    """The evidence does not prove the login; `reason` is for the log and holds nothing personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the evidence must be about: the order as we sent it, and the completion as BankID told it.

    `at` is when the completion arrived. An empty `policy_oids` accepts every kind of BankID. `relying_party` is the subject
    of our BankID certificate; None leaves it unchecked.
    """

    personal_number: str = field(repr=False)
    device_uhi: str = field(repr=False)
    at: datetime
    visible_data: str | None
    non_visible_data: bytes | None = field(default=None, repr=False)
    relying_party: x509.Name | None = None
    policy_oids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the evidence proved."""

    policy_oids: frozenset[str]
    credential_valid_from: datetime
    credential_valid_to: datetime
    issuer_organisation: str
    """The bank that issued the BankID."""
    issuer_name: str
    serial_number: int
    """Of the person's certificate: what to ask the bank about in a dispute."""
    root: x509.Certificate | None
    """The one that the chain leads to; None when no root was configured."""
    ocsp_validated: bool
    document: SignedDocument = field(repr=False, compare=False)

    @property
    def chain_validated(self) -> bool:
        return self.root is not None


def verify_evidence(
    signature_b64: str, ocsp_b64: str | None, expected: Expected, roots: Sequence[x509.Certificate] = ()
) -> Evidence:
    """Check signature, certificates, OCSP response and what they are bound to; raises EvidenceRefused."""
    try:
        return _verify(signature_b64, ocsp_b64, expected, roots)
    except InvalidSignature:
        raise EvidenceRefused("a signature is wrong") from None
    except (x509.ExtensionNotFound, x509.DuplicateExtension, UnsupportedAlgorithm):
        raise EvidenceRefused("a certificate lacks what it needs") from None
    except (ValueError, TypeError, OverflowError) as problem:
        raise EvidenceRefused(str(problem) or "the evidence is malformed") from None


def _verify(
    signature_b64: str, ocsp_b64: str | None, expected: Expected, roots: Sequence[x509.Certificate]
) -> Evidence:
    document = verify_signature(signature_b64)
    leaf = document.chain[0]
    require_linked(document.chain, expected.at)
    root = require_anchored(document.chain, roots, expected.at) if roots else None
    policies = _check_leaf(leaf, expected)
    _check_data(document.data, expected)
    if ocsp_b64 is not None:
        response = strict_base64(ocsp_b64)
        verify_ocsp(response, signature_b64, leaf=leaf, issuer=document.chain[1], at=expected.at)
    return Evidence(
        policy_oids=policies,
        credential_valid_from=leaf.not_valid_before_utc,
        credential_valid_to=leaf.not_valid_after_utc,
        issuer_organisation=_one(leaf.issuer, NameOID.ORGANIZATION_NAME),
        issuer_name=_one(leaf.issuer, NameOID.COMMON_NAME),
        serial_number=leaf.serial_number,
        root=root,
        ocsp_validated=ocsp_b64 is not None,
        document=document,
    )


def _check_leaf(leaf: x509.Certificate, expected: Expected) -> frozenset[str]:
    if _one(leaf.subject, NameOID.SERIAL_NUMBER) != expected.personal_number:
        raise ValueError("the certificate is another person's")
    if not leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
        raise ValueError("the certificate may not sign")
    policies = policy_oids(leaf)
    if expected.policy_oids and not policies & expected.policy_oids:
        raise ValueError("this kind of BankID is not accepted")
    return policies


def _one(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    values = name.get_attributes_for_oid(oid)
    if len(values) != 1:
        raise ValueError("a name in a certificate is incomplete")
    return str(values[0].value)


def _check_data(data: Element, expected: Expected) -> None:
    visible = None if expected.visible_data is None else expected.visible_data.encode()
    parts = [
        *(["usrVisibleData"] if visible is not None else []),
        *(["usrNonVisibleData"] if expected.non_visible_data is not None else []),
        "srvInfo",
        "clientInfo",
    ]
    if data.child_names() != parts:
        raise ValueError("the signed data have other parts than the order")
    if visible is not None:
        _check_visible(data.only("usrVisibleData"), visible)
    hidden = expected.non_visible_data
    if hidden is not None and strict_base64(data.only("usrNonVisibleData").text) != hidden:
        raise ValueError("the hidden data are another order's")
    _check_server(data.only("srvInfo"), expected.relying_party)
    client = data.only("clientInfo")
    if client.only("funcId").text != "Identification":
        raise ValueError("the signature is no identification")
    if client.only("env").only("ai").only("uhi").text != expected.device_uhi:
        raise ValueError("the signature is from another device")


def _check_visible(element: Element, visible: bytes) -> None:
    if element.attributes.get("charset") != "UTF-8" or element.attributes.get("visible") != "wysiwys":
        raise ValueError("the text was not shown as it was sent")
    if strict_base64(element.text) != visible:
        raise ValueError("the person approved another text")


def _check_server(server: Element, relying_party: x509.Name | None) -> None:
    named = _read_name(strict_base64(server.only("name").text).decode())
    if relying_party is not None and named != _attributes(relying_party):
        raise ValueError("the person approved for somebody else")


def _read_name(text: str) -> frozenset[tuple[str, str]]:
    """Read "cn=…,o=…" as a set: its order and spelling of types differ from the certificate's."""
    attributes, position = [], 0
    while position < len(text):
        match = _ATTRIBUTE.match(text, position)
        if match is None:
            raise ValueError("the relying party's name is malformed")
        attributes.append((match[1].lower(), _ESCAPED.sub(r"\1", match[2]).strip()))
        position = match.end()
    return frozenset(attributes)


def _attributes(name: x509.Name) -> frozenset[tuple[str, str]]:
    return frozenset(
        (_SHORT_NAMES.get(attribute.oid, attribute.oid.dotted_string), str(attribute.value).strip())
        for attribute in name
    )
