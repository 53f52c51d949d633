"""Authorities: makes keys, certificates and the three little certificate hierarchies the simulator lives on."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from idp_sandbox.bankid.personas import CARD, FILE, MOBILE, Persona

NAME_ATTRIBUTE: Final = ObjectIdentifier("2.5.4.41")
OCSP_NO_CHECK: Final = x509.OCSPNoCheck()
_BACKDATED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Credential:
    """A private key and the certificate that belongs to it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


def make_key() -> rsa.RSAPrivateKey:
    """A new RSA key of 2048 bits."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_name(*parts: tuple[ObjectIdentifier, str]) -> x509.Name:
    """A distinguished name from its parts, in order."""
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _bank_name(common_name: str, bank: str = "Testbank A AB (publ)") -> x509.Name:
    return make_name(
        (NameOID.COUNTRY_NAME, "SE"),
        (NameOID.ORGANIZATION_NAME, bank),
        (NameOID.SERIAL_NUMBER, "111111111111"),
        (NameOID.COMMON_NAME, common_name),
    )


def _key_usage(*uses: str) -> x509.KeyUsage:
    words = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only"
    )
    return x509.KeyUsage(**{word: word in uses for word in words.split()})


def _policies(*oids: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in oids])


def _issue(  # one line per decision a certificate needs
    subject: x509.Name,
    issuer: Credential | None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
    *,
    valid: timedelta,
    starts_at: datetime | None = None,
    algorithm: hashes.SHA256 | hashes.SHA512 | None = None,
) -> Credential:
    key = make_key()
    signing_key = issuer.key if issuer else key
    begins = starts_at or datetime.now(UTC) - _BACKDATED
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number() >> 96)
        .not_valid_before(begins)
        .not_valid_after(begins + valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Credential(key, builder.sign(signing_key, algorithm or hashes.SHA256()))


def make_ca(subject: x509.Name, issuer: Credential | None = None, policies: Sequence[str] = ()) -> Credential:
    """A certificate authority valid for ten years; a root when there is no issuer."""
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (_key_usage("key_cert_sign", "crl_sign"), True),
    ]
    if policies:
        extensions.append((_policies(*policies), False))
    return _issue(subject, issuer, extensions, valid=timedelta(days=3650), algorithm=hashes.SHA512())


def make_tls_ca(common_name: str) -> Credential:
    """The root of server certificates or of RP certificates."""
    return make_ca(make_name((NameOID.ORGANIZATION_NAME, "BankID-simulator"), (NameOID.COMMON_NAME, common_name)))


def server_names(host: str) -> set[str]:
    """The names and addresses under which the API can be reached when it listens on this host."""
    everywhere = {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    return {"localhost", "127.0.0.1", "::1"} | ({host} - everywhere)


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def make_server(issuer: Credential, host: str) -> Credential:
    """The API's server certificate for localhost, the loopback addresses and one more host."""
    names = [_general_name(each) for each in sorted(server_names(host))]
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName(names), False),
        (_key_usage("digital_signature", "key_encipherment"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    ]
    return _issue(make_name((NameOID.COMMON_NAME, "localhost")), issuer, extensions, valid=timedelta(days=820))


def make_relying_party(issuer: Credential, name: str, organisation_number: str) -> Credential:
    """An RP certificate; `name` is what people see in the app."""
    subject = make_name(
        (NameOID.COUNTRY_NAME, "SE"),
        (NameOID.ORGANIZATION_NAME, name),
        (NameOID.SERIAL_NUMBER, organisation_number),
        (NAME_ATTRIBUTE, name),
        (NameOID.COMMON_NAME, f"{name} BankID-simulator"),
    )
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage("digital_signature", "key_encipherment"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    ]
    return _issue(subject, issuer, extensions, valid=timedelta(days=730))


@dataclass(frozen=True, slots=True)
class PeopleAuthority:
    """The hierarchy of people's certificates: root, bank CA, customer CA, and the customer CA's OCSP responder."""

    root: Credential
    bank: Credential
    customers: Credential
    responder: Credential


def make_people_authority() -> PeopleAuthority:
    """A new hierarchy with the names and extensions of BankID's test environment."""
    every = (MOBILE, FILE, CARD)
    root_name = make_name(
        (NameOID.ORGANIZATION_NAME, "BankID-simulator"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "BankID Member Banks CA"),
        (NameOID.COMMON_NAME, "Simulated BankID Root CA v1"),
    )
    root = make_ca(root_name)
    bank = make_ca(_bank_name("Testbank A CA v1 for BankID Simulator"), root, every)
    customers = make_ca(_bank_name("Testbank A Customer CA1 v1 for BankID Simulator"), bank, every)
    return PeopleAuthority(root, bank, customers, make_responder(customers))


def make_responder(customers: Credential) -> Credential:
    """The delegated OCSP responder of a customer CA, valid for about six months."""
    name = _bank_name("Testbank A Customer CA1 v1 for BankID Simulator OCSP Signing")
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (_key_usage("content_commitment"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), True),
        (OCSP_NO_CHECK, False),
    ]
    return _issue(name, customers, extensions, valid=timedelta(days=183))


def make_bankid(customers: Credential, persona: Persona) -> Credential:
    """A persona's own certificate: valid for three years from midnight of the day of issue."""
    day = (datetime.now(UTC) - timedelta(days=persona.issued_days_ago)).date()
    issued = datetime.fromisoformat(f"{day}T00:00:00{persona.issue_suffix}").astimezone(UTC)
    kind = "BankID på fil" if persona.policy == FILE else "Mobilt BankID"
    subject = make_name(
        (NameOID.COUNTRY_NAME, "SE"),
        (NameOID.ORGANIZATION_NAME, persona.bank),
        (NameOID.SURNAME, persona.surname),
        (NameOID.GIVEN_NAME, persona.given_name),
        (NameOID.SERIAL_NUMBER, persona.person_number),
        (NAME_ATTRIBUTE, f"({day:%y%m%d} 00.00) {persona.name} - {kind}"),
        (NameOID.COMMON_NAME, persona.name),
    )
    responder = x509.UniformResourceIdentifier("http://ocsp.bankid-simulator.invalid")
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (
            x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, responder)]),
            False,
        ),
        (_policies(persona.policy), False),
        (_key_usage("digital_signature"), True),
    ]
    return _issue(subject, customers, extensions, valid=timedelta(days=1095), starts_at=issued)
