"""Evidence: the XML signature and the OCSP response of a completed order (BankID signature profile; RFC 6960)."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from idp_sandbox.bankid.certificates import Credential, PeopleAuthority
from idp_sandbox.bankid.personas import Persona
from idp_sandbox.bankid.start_request import RelyingParty, StartRequest

_DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_TYPES: Final = "http://www.bankid.com/signature/v1.0.0/types"
_C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_NONCE_OID: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.2")
_PLATFORM_NAMES: Final = {"ios": "IOS", "android": "ANDROID", "macosx": "OS_X"}


def hardware_id(persona: Persona) -> str:
    """The device's unique hardware identifier (uhi): 21 bytes in base64, always the same for a persona."""
    return _b64(hashlib.sha256(f"uhi:{persona.id}".encode()).digest()[:21])


def sign_order(
    request: StartRequest, relying_party: RelyingParty, persona: Persona, bankid: Credential, people: PeopleAuthority
) -> str:
    """The field completionData.signature: base64 of an XML signature, every element in canonical form."""
    chain = (bankid.certificate, people.customers.certificate, people.bank.certificate)
    key_info = _key_info(chain)
    data = _signed_data(request, relying_party, persona)
    kind = f' Type="{_TYPES}"'
    signed_info = (
        f'<SignedInfo xmlns="{_DSIG}">'
        f'<CanonicalizationMethod Algorithm="{_C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{_RSA_SHA256}"></SignatureMethod>'
        f"{_reference('bidSignedData', data, kind)}{_reference('bidKeyInfo', key_info)}</SignedInfo>"
    )
    value = bankid.key.sign(signed_info.encode(), padding.PKCS1v15(), hashes.SHA256())
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
        f'<Signature xmlns="{_DSIG}">{signed_info}<SignatureValue>{_b64(value)}</SignatureValue>{key_info}'
        f"<Object>{data}</Object></Signature>"
    )
    return _b64(document.encode())


def _reference(identity: str, element: str, kind: str = "") -> str:
    digest = _b64(hashlib.sha256(element.encode()).digest())
    return (
        f'<Reference{kind} URI="#{identity}"><Transforms><Transform Algorithm="{_C14N}"></Transform></Transforms>'
        f'<DigestMethod Algorithm="{_SHA256}"></DigestMethod><DigestValue>{digest}</DigestValue></Reference>'
    )


def _key_info(chain: Sequence[x509.Certificate]) -> str:
    certificates = "".join(
        f"<X509Certificate>{_b64(each.public_bytes(Encoding.DER))}</X509Certificate>" for each in chain
    )
    return f'<KeyInfo xmlns="{_DSIG}" Id="bidKeyInfo"><X509Data>{certificates}</X509Data></KeyInfo>'


def _signed_data(request: StartRequest, relying_party: RelyingParty, persona: Persona) -> str:
    visible = (
        request.visible and f'<usrVisibleData charset="UTF-8" visible="wysiwys">{request.visible}</usrVisibleData>'
    )
    hidden = request.non_visible and f"<usrNonVisibleData>{request.non_visible}</usrNonVisibleData>"
    server = (
        f"<srvInfo><name>{_text(relying_party.distinguished_name)}</name><nonce>{_b64(secrets.token_bytes(20))}</nonce>"
        f"<displayName>{_text(relying_party.name)}</displayName></srvInfo>"
    )
    function = "Identification" if request.operation.is_identification else "Signing"
    client = (
        f"<clientInfo><funcId>{function}</funcId><version>{_text(_app_version(persona))}</version>"
        f"<env>{_device(persona, secure_start=not request.operation.is_by_phone)}</env></clientInfo>"
    )
    body = f"{visible or ''}{hidden or ''}{server}{client}"
    return f'<bankIdSignedData xmlns="{_TYPES}" Id="bidSignedData">{body}</bankIdSignedData>'


def _device(persona: Persona, *, secure_start: bool) -> str:
    conditions = [("CertificatePolicies", persona.policy)] + ([("TokenStartRequired", "yes")] if secure_start else [])
    written = "".join(f"<condition><type>{kind}</type><value>{value}</value></condition>" for kind, value in conditions)
    return (
        f"<ai><type>{_text(_PLATFORM_NAMES[persona.platform])}</type><deviceInfo>{_text(persona.os_version)}</deviceInfo>"
        f"<uhi>{hardware_id(persona)}</uhi><fsib>0</fsib><utb>cs1</utb><requirement>{written}</requirement>"
        "<uauth>pw</uauth></ai>"
    )


def _app_version(persona: Persona) -> str:
    uhi = quote(hardware_id(persona), safe="/")
    best_before = int((datetime.now(UTC) + timedelta(days=30)).timestamp())
    return (
        f"Personal=7.15.0&BankID_exe=7.15.0&BISP=7.15.0&platform={persona.platform}&os_version={persona.os_version}"
        f"&display_version=&uhi={uhi}&legacyuhi={uhi}&best_before={best_before}&"
    )


def answer_ocsp(signature: str, bankid: Credential, people: PeopleAuthority) -> str:
    """The field completionData.ocspResponse; its nonce starts with SHA-1 of the signature field's text."""
    nonce = hashlib.sha1(signature.encode(), usedforsecurity=False).digest() + secrets.token_bytes(12)
    while True:
        this_update = datetime.now(UTC).replace(microsecond=0)
        response = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=bankid.certificate,
                issuer=people.customers.certificate,
                algorithm=hashes.SHA1(),  # noqa: S303 - the CertID of a real response uses it
                cert_status=ocsp.OCSPCertStatus.GOOD,
                this_update=this_update,
                next_update=None,
                revocation_time=None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.NAME, people.responder.certificate)
            .certificates([people.responder.certificate])
            .add_extension(x509.UnrecognizedExtension(_NONCE_OID, nonce), critical=True)
            .sign(people.responder.key, hashes.SHA256())
        )
        if response.produced_at_utc == this_update:
            return _b64(response.public_bytes(Encoding.DER))


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _text(value: str) -> str:
    return _b64(value.encode())
