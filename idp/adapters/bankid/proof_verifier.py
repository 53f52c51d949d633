"""Proof verifier: BankID's signature, certificates and OCSP answer as they lie in sealed evidence, years later."""

import base64
import hashlib
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from idp.adapters.bankid.canonical_xml import Element
from idp.adapters.bankid.evidence import Evidence, EvidenceRefused, Expected, verify_evidence
from idp.adapters.bankid.signature import strict_base64
from idp.core.evidence.bundle import Identification
from idp.core.evidence.verify_evidence import ProvedIdentification

_ALWAYS = {"signature", "ocsp", "personal_number", "device_uhi", "pin_code", "policies"}
_SOMETIMES = {"visible", "hidden", "required_number", "order_ref", "root"}


class BankIdProofVerifier:
    """The port `ProofVerifier` for evidence of the kind `signature`; it asks nobody and knows no setting."""

    def verify(self, identification: Identification) -> ProvedIdentification | str:
        parts = identification.parts
        if "unproved" in parts:
            return f"it was not proved when it was sealed: {parts['unproved']}"
        if not _ALWAYS <= parts.keys() <= _ALWAYS | _SOMETIMES or not parts["ocsp"]:
            return "parts of the proof are missing or unknown"
        if parts.get("required_number", parts["personal_number"]) != parts["personal_number"]:
            return "another person was asked for"
        try:
            return self._verify(identification, parts)
        except EvidenceRefused as refused:
            return refused.reason
        except ValueError as problem:
            return str(problem)

    @staticmethod
    def _verify(identification: Identification, parts: Mapping[str, str]) -> ProvedIdentification:
        expected = Expected(
            personal_number=parts["personal_number"],
            device_uhi=parts["device_uhi"],
            at=identification.at,
            visible_data=parts.get("visible"),
            non_visible_data=strict_base64(parts["hidden"]) if "hidden" in parts else None,
            policy_oids=frozenset(parts["policies"].split()),
        )
        roots = [_load_root(parts["root"])] if "root" in parts else []
        evidence = verify_evidence(parts["signature"], parts["ocsp"], expected, roots)
        leaf = evidence.document.chain[0]
        return ProvedIdentification(
            person=parts["personal_number"],
            person_name=_common_name(leaf),
            shown=parts.get("visible"),
            relying_party=_relying_party(evidence.document.data),
            issuer=f"{evidence.issuer_organisation}, {evidence.issuer_name}",
            serial_number=str(evidence.serial_number),
            valid_from=evidence.credential_valid_from,
            valid_to=evidence.credential_valid_to,
            root=_fingerprint(evidence),
        )


def _load_root(text: str) -> x509.Certificate:
    """A root vouches for itself, so that no byte of it can be changed unseen."""
    root = x509.load_der_x509_certificate(strict_base64(text))
    try:
        root.verify_directly_issued_by(root)
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        raise ValueError("the root does not vouch for itself") from None
    return root


def _relying_party(data: Element) -> str:
    return base64.b64decode(data.only("srvInfo").only("name").text).decode()


def _common_name(certificate: x509.Certificate) -> str:
    return " ".join(str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))


def _fingerprint(evidence: Evidence) -> str | None:
    return None if evidence.root is None else hashlib.sha256(evidence.root.public_bytes(Encoding.DER)).hexdigest()
