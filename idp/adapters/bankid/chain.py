"""Trust in the certificates of people's BankID: who issued whom, until when, for which use (RFC 5280)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

_DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def require_valid_at(certificate: x509.Certificate, at: datetime) -> None:
    """Raise ValueError unless the certificate is valid at that time."""
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise ValueError("a certificate was not valid at the time")


def require_issued_by(certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> None:
    """Raise ValueError or InvalidSignature unless the issuer is an authority, valid then, that signed the certificate."""
    if not isinstance(certificate.signature_hash_algorithm, _DIGESTS):
        raise ValueError("a certificate is signed with a weak digest")  # noqa: TRY004 - a value of the certificate
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) or key.key_size < 256:
        raise ValueError("an issuer's key is of an unknown kind")
    certificate.verify_directly_issued_by(issuer)
    require_valid_at(issuer, at)
    extensions = issuer.extensions
    if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
        raise ValueError("an issuer is not an authority")
    if not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
        raise ValueError("an issuer may not sign certificates")


def require_linked(chain: Sequence[x509.Certificate], at: datetime) -> None:
    """Raise unless each certificate is issued by the next and the first is valid at that time."""
    require_valid_at(chain[0], at)
    for certificate, issuer in pairwise(chain):
        require_issued_by(certificate, issuer, at)


def require_anchored(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], at: datetime
) -> x509.Certificate:
    """Return the root that issued the last certificate of the chain; raise unless there is one."""
    last = chain[-1]
    for root in roots:
        if root.subject == last.issuer:
            require_issued_by(last, root, at)
            return root
    raise ValueError("no configured root issued the chain")


def policy_oids(certificate: x509.Certificate) -> frozenset[str]:
    """The certificate policies as dotted numbers; they tell the kind of BankID."""
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    return frozenset(policy.policy_identifier.dotted_string for policy in policies)
