"""The OCSP response of a completed order: that the person's certificate was good, for this very signature.

BankID asks the responder with a nonce made of the signature, so the answer belongs to it (BankID RP 6.0, OCSP; RFC 6960).
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp.adapters.bankid.chain import require_issued_by, require_valid_at

CLOSE_ENOUGH = timedelta(minutes=10)
"""How far the responder's time may be from the completion: collect comes within three minutes, clocks differ."""

_DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def verify_ocsp(
    response_der: bytes, signature_b64: str, *, leaf: x509.Certificate, issuer: x509.Certificate, at: datetime
) -> None:
    """Check that the response says "good" about `leaf`, now, from the right responder, about this signature.

    Raises ValueError, cryptography's InvalidSignature or ExtensionNotFound.
    """
    response = ocsp.load_der_ocsp_response(response_der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise ValueError("the responder did not answer")
    _check_responder(response, issuer)
    _check_subject(response, leaf, issuer)
    _check_times(response, at)
    _check_nonce(response, signature_b64)


def _check_responder(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> None:
    if len(response.certificates) != 1:
        raise ValueError("the responder's certificate is missing")
    responder = response.certificates[0]
    require_issued_by(responder, issuer, response.produced_at_utc)
    require_valid_at(responder, response.produced_at_utc)
    usages = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if ExtendedKeyUsageOID.OCSP_SIGNING not in usages:
        raise ValueError("the responder may not sign answers")
    if response.responder_name is not None and response.responder_name != responder.subject:
        raise ValueError("the responder has another name")
    key, algorithm = responder.public_key(), response.signature_hash_algorithm
    if not isinstance(key, rsa.RSAPublicKey) or not isinstance(algorithm, _DIGESTS):
        raise ValueError("the response is signed with an algorithm that is not accepted")  # noqa: TRY004 - its value
    key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)


def _check_subject(response: ocsp.OCSPResponse, leaf: x509.Certificate, issuer: x509.Certificate) -> None:
    answers = list(response.responses)
    if len(answers) != 1:
        raise ValueError("the response is about several certificates")
    answer = answers[0]
    name_hash = _digest(answer.hash_algorithm, leaf.issuer.public_bytes())
    key_hash = _digest(answer.hash_algorithm, _key_bits(issuer))
    if (answer.issuer_name_hash, answer.issuer_key_hash, answer.serial_number) != (
        name_hash,
        key_hash,
        leaf.serial_number,
    ):
        raise ValueError("the response is about another certificate")
    if answer.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise ValueError("the certificate was not good")


def _digest(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    """SHA-1 only names the issuer here, as the protocol has it; the signature of the response is what binds."""
    return hashlib.new(algorithm.name, data, usedforsecurity=False).digest()


def _key_bits(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the issuer's key is not RSA")  # noqa: TRY004 - a value of the certificate
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)


def _check_times(response: ocsp.OCSPResponse, at: datetime) -> None:
    answer = next(response.responses)
    if abs(response.produced_at_utc - at) > CLOSE_ENOUGH or abs(answer.this_update_utc - at) > CLOSE_ENOUGH:
        raise ValueError("the response is from another time")
    if answer.next_update_utc is not None and answer.next_update_utc < at:
        raise ValueError("the response is out of date")


def _check_nonce(response: ocsp.OCSPResponse, signature_b64: str) -> None:
    """The nonce begins with SHA-1 of the signature's base64 text, and stands there raw.

    A raw nonce that happens to look like DER is unwrapped by the parser: look for it in the signed bytes then.
    """
    expected = hashlib.sha1(signature_b64.encode(), usedforsecurity=False).digest()
    nonce = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    if not hmac.compare_digest(nonce[: len(expected)], expected) and expected not in response.tbs_response_bytes:
        raise ValueError("the response belongs to another signature")
