"""The client certificate: reads from an RP certificate who the relying party is."""

from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from idp_sandbox.bankid.certificates import NAME_ATTRIBUTE
from idp_sandbox.bankid.start_request import RelyingParty

_SHORT_NAMES: Final = (
    (NameOID.COMMON_NAME, "cn"),
    (NAME_ATTRIBUTE, "name"),
    (NameOID.SERIAL_NUMBER, "serialNumber"),
    (NameOID.ORGANIZATION_NAME, "o"),
    (NameOID.COUNTRY_NAME, "c"),
)


@lru_cache(maxsize=64)
def read_relying_party(certificate_der: bytes) -> RelyingParty:
    """The relying party behind a certificate; people see its `name`, else its organisation."""
    certificate = x509.load_der_x509_certificate(certificate_der)
    values = {each.oid: str(each.value) for each in certificate.subject}
    return RelyingParty(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        name=values.get(NAME_ATTRIBUTE) or values.get(NameOID.ORGANIZATION_NAME) or "?",
        distinguished_name=",".join(f"{short}={values[oid]}" for oid, short in _SHORT_NAMES if oid in values),
    )
