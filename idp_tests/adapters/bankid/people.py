"""A small BankID of the tests' own: authorities, a person's certificate, and evidence that can be made wrong in one point."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from idp.adapters.bankid.evidence import EvidenceRefused, Expected, verify_evidence

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PERSON = "191212121212"
UHI = "giCsUsVYgZEg96P/l/7QIxWjusqW"
MOBILE = "1.2.3.4.25"
RP_NAME = "cn=Example AB,name=Example,serialNumber=5560160680,o=Bank\\, AB,c=SE"
RP_SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Bank, AB"),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, "5560160680"),
        x509.NameAttribute(x509.ObjectIdentifier("2.5.4.41"), "Example"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Example AB"),
    ]
)

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_TYPES = "http://www.bankid.com/signature/v1.0.0/types"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def a_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def a_name(common_name: str, *, serial: str = "111111111111") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Testbank"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, serial),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def issue(
    name: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: Issued | None = None,
    *,
    ca: bool = False,
    may_sign_certificates: bool | None = None,
    digital_signature: bool = True,
    responder: bool = False,
    valid_from: datetime = NOW - timedelta(days=100),
    valid_to: datetime = NOW + timedelta(days=100),
    policy: str = MOBILE,
    extended_usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.OCSP_SIGNING,
    digest: hashes.SHA224 | hashes.SHA256 | None = None,
    host: str | None = None,
) -> Issued:
    usage = x509.KeyUsage(
        digital_signature=not ca and digital_signature,
        content_commitment=responder,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca if may_sign_certificates is None else may_sign_certificates,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    policies = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(policy), None)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(policies, critical=False)
    )
    if host is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    if responder:
        builder = builder.add_extension(x509.ExtendedKeyUsage([extended_usage]), critical=True)
    return Issued(builder.sign(issuer.key if issuer else key, digest or hashes.SHA256()), key)


@dataclass(frozen=True)
class People:
    """The authorities above a person, the person, and the responder."""

    root: Issued
    bank: Issued
    customers: Issued
    leaf: Issued
    responder: Issued

    @property
    def chain(self) -> tuple[Issued, ...]:
        return (self.leaf, self.customers, self.bank)


def some_people() -> People:
    root = issue(a_name("Root"), a_key(), ca=True)
    bank = issue(a_name("Bank CA"), a_key(), root, ca=True)
    customers = issue(a_name("Customer CA"), a_key(), bank, ca=True)
    return People(
        root=root,
        bank=bank,
        customers=customers,
        leaf=issue(a_name("Tolvan", serial=PERSON), a_key(), customers),
        responder=issue(a_name("Customer CA OCSP Signing"), a_key(), customers, responder=True),
    )


def signed_data(
    *,
    visible: str | None = "Logga in",
    hidden: bytes | None = b"binding",
    relying_party: str = RP_NAME,
    function: str = "Identification",
    uhi: str = UHI,
    shown_as: str = 'charset="UTF-8" visible="wysiwys"',
) -> str:
    """The element bankIdSignedData in canonical form."""
    seen = "" if visible is None else f"<usrVisibleData {shown_as}>{b64(visible.encode())}</usrVisibleData>"
    unseen = "" if hidden is None else f"<usrNonVisibleData>{b64(hidden)}</usrNonVisibleData>"
    return (
        f'<bankIdSignedData xmlns="{_TYPES}" Id="bidSignedData">{seen}{unseen}'
        f"<srvInfo><name>{b64(relying_party.encode())}</name><nonce>{b64(bytes(20))}</nonce>"
        f"<displayName>{b64(b'Example')}</displayName></srvInfo>"
        f"<clientInfo><funcId>{function}</funcId><version>{b64(b'Personal=7')}</version>"
        f"<env><ai><type>{b64(b'IOS')}</type><uhi>{uhi}</uhi></ai></env></clientInfo></bankIdSignedData>"
    )


def sign(data: str, signer: Issued, *authorities: Issued) -> str:
    """The field completionData.signature over this element."""
    chain = "".join(
        f"<X509Certificate>{b64(each.certificate.public_bytes(Encoding.DER))}</X509Certificate>"
        for each in (signer, *authorities)
    )
    key_info = f'<KeyInfo xmlns="{_DSIG}" Id="bidKeyInfo"><X509Data>{chain}</X509Data></KeyInfo>'
    info = (
        f'<SignedInfo xmlns="{_DSIG}"><CanonicalizationMethod Algorithm="{_C14N}"></CanonicalizationMethod>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>'
        + _reference(f'Type="{_TYPES}" URI="#bidSignedData"', data)
        + _reference('URI="#bidKeyInfo"', key_info)
        + "</SignedInfo>"
    )
    value = b64(signer.key.sign(info.encode(), padding.PKCS1v15(), hashes.SHA256()))
    return b64(
        (
            '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
            f'<Signature xmlns="{_DSIG}">{info}<SignatureValue>{value}</SignatureValue>{key_info}'
            f"<Object>{data}</Object></Signature>"
        ).encode()
    )


def _reference(attributes: str, element: str) -> str:
    return (
        f'<Reference {attributes}><Transforms><Transform Algorithm="{_C14N}"></Transform></Transforms>'
        '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
        f"<DigestValue>{b64(hashlib.sha256(element.encode()).digest())}</DigestValue></Reference>"
    )


def answer_ocsp(
    people: People,
    signature_b64: str,
    *,
    about: x509.Certificate | None = None,
    issuer: x509.Certificate | None = None,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    responder: Issued | None = None,
    named: x509.Certificate | None = None,
    signed_by: rsa.RSAPrivateKey | None = None,
    embedded: tuple[x509.Certificate, ...] | None = None,
    nonce: bytes | None = b"",
    produced_at: datetime = NOW,
    next_update: datetime | None = None,
) -> str:
    """The field completionData.ocspResponse for this signature; `nonce=None` leaves it out, b"" makes the right one."""
    answering = responder or people.responder
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=about or people.leaf.certificate,
            issuer=issuer or people.customers.certificate,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=produced_at,
            next_update=next_update,
            revocation_time=produced_at if revoked else None,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.NAME, named or answering.certificate)
    )
    if carried := (answering.certificate,) if embedded is None else embedded:
        builder = builder.certificates(carried)
    if nonce is not None:
        raw = nonce or hashlib.sha1(signature_b64.encode()).digest() + bytes(12)
        oid = x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.2")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, raw), critical=True)
    made = builder.sign(answering.key, hashes.SHA256())
    return b64(_dated(made, produced_at, signed_by or answering.key))


def _dated(response: ocsp.OCSPResponse, produced_at: datetime, key: rsa.RSAPrivateKey) -> bytes:
    """Put the time into a response, which the builder takes from the clock, and sign it again; no length changes."""
    built_at, wanted_at = (f"{at:%Y%m%d%H%M%S}Z".encode() for at in (response.produced_at_utc, produced_at))
    signed = response.tbs_response_bytes.replace(built_at, wanted_at, 1)
    value = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    whole = response.public_bytes(Encoding.DER)
    return whole.replace(response.tbs_response_bytes, signed).replace(response.signature, value)


EXPECTED = Expected(
    personal_number=PERSON,
    device_uhi=UHI,
    at=NOW,
    visible_data="Logga in",
    non_visible_data=b"binding",
    relying_party=RP_SUBJECT,
    policy_oids=frozenset({MOBILE}),
)


def refusal(signature: str, ocsp_b64: str | None, expected: Expected, *roots: x509.Certificate) -> str:
    with pytest.raises(EvidenceRefused) as refused:
        verify_evidence(signature, ocsp_b64, expected, roots)
    return refused.value.reason
