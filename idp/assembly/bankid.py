"""BankID: our certificate there, the connection that it opens, what verifies its signatures, and the method made of it."""

from collections.abc import Sequence
from datetime import datetime

from idp.adapters.bankid.answers import Environment
from idp.adapters.bankid.certificate import CertificateProblem, RelyingPartyCertificate, load_roots, load_server_roots
from idp.adapters.bankid.client import BankIdClient
from idp.adapters.bankid.evidence_reader import BankIdEvidence
from idp.assembly.store import Store
from idp.core.identification.bankid.address_probe import AddressProbe
from idp.core.identification.bankid.facts import bankid_facts
from idp.core.identification.bankid.method import BankIdMethod
from idp.core.identification.bankid.order_limits import OrderLimits
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.risk_policy import RiskPolicy
from idp.core.identification.bankid.start_order import OrderPolicy, StartOrder
from idp.core.identification.bankid.trust import EvidenceReader, JudgeOrder, TrustPolicy
from idp.core.oidc.keys.ports import Keys
from idp.settings import Settings
from idp.settings_bankid import BankIdSettings


def load_certificate(settings: Settings, now: datetime) -> RelyingPartyCertificate:
    """Read our certificate. Raises CertificateProblem, in production also for the one whose key everybody has."""
    chosen = settings.bankid
    certificate = RelyingPartyCertificate.load(
        chosen.client_certificate, now=now, key_path=chosen.client_key, passphrase_path=chosen.passphrase_file
    )
    if certificate.is_public_test_certificate and not settings.is_sandbox:
        raise CertificateProblem(certificate.path, "this is BankID's public test certificate, whose key everybody has")
    return certificate


def make_client(chosen: BankIdSettings, certificate: RelyingPartyCertificate) -> BankIdClient:
    """Make what calls BankID over mutual TLS. Raises CertificateProblem."""
    return BankIdClient(
        chosen.api_url,
        certificate=certificate,
        server_roots=load_server_roots(chosen.api_url, chosen.server_ca),
        environment=_environment(chosen),
    )


def make_evidence_reader(chosen: BankIdSettings, certificate: RelyingPartyCertificate) -> BankIdEvidence:
    """Make what verifies signatures. Raises CertificateProblem."""
    return BankIdEvidence(
        _environment(chosen),
        relying_party=certificate.subject,
        kinds=frozenset(BankIdKind(kind) for kind in chosen.certificate_policies),
        roots=load_roots(*chosen.people_roots),
        ocsp_required=chosen.evidence_required,
    )


def make_address_probe(keys: Keys) -> AddressProbe:
    """Make what signs the addresses that a browser is seen with, by the keys as they are at each use."""

    def digests(purpose: str, data: bytes) -> Sequence[bytes]:
        return keys.reference_tokens.passing_digests(purpose, data)

    return AddressProbe(digests=digests)


def make_method(settings: Settings, store: Store, evidence: EvidenceReader) -> BankIdMethod:
    """Make BankID one of the methods of identification."""
    chosen = settings.bankid
    return BankIdMethod(
        start_order=_start_order(settings, store),
        judge=JudgeOrder(evidence=evidence, policy=_trust_policy(chosen), method=bankid_facts(chosen.acr)),
        orders=store.orders,
        audit=store.audit,
    )


def _start_order(settings: Settings, store: Store) -> StartOrder:
    chosen = settings.bankid
    return StartOrder(
        orders=store.orders,
        budgets=store.budgets,
        audit=store.audit,
        limits=OrderLimits(
            per_browser=chosen.orders_per_browser,
            per_address=chosen.orders_per_address,
            per_network=chosen.orders_per_network,
        ),
        policy=order_policy(settings),
    )


def order_policy(settings: Settings) -> OrderPolicy:
    """What the settings say about orders; the page offers only what it allows."""
    chosen = settings.bankid
    return OrderPolicy(
        issuer=settings.issuer,
        launch_url=chosen.launch_url,
        kinds=frozenset(BankIdKind(kind) for kind in chosen.certificate_policies),
        pin_code=chosen.pin_code,
        same_address_suffices=chosen.same_address_suffices,
    )


def _trust_policy(chosen: BankIdSettings) -> TrustPolicy:
    return TrustPolicy(
        risk=RiskPolicy(**chosen.risk.model_dump(), same_address_suffices=chosen.same_address_suffices),
        evidence_required=chosen.evidence_required,
    )


def _environment(chosen: BankIdSettings) -> Environment:
    return Environment.TEST if chosen.test_environment else Environment.PRODUCTION
