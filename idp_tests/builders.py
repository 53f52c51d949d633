"""Builders: values that are valid by default; a test overrides by name what it is about."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from idp.core.evidence.bundle import Act, ActKind, Bundle, Identification
from idp.core.evidence.ports import Kept
from idp.core.evidence.seal import SealKey, digest_of
from idp.core.identification.assertion import Assertion
from idp.core.identification.bankid.api import Completion, Risk, User
from idp.core.identification.bankid.facts import bankid_facts
from idp.core.identification.bankid.order import Launch, Order, OrderState
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.risk_policy import RiskPolicy
from idp.core.identification.caller_address import KnownAddress
from idp.core.identification.verdict import Verdict
from idp.core.linking.attempts import Claimant
from idp.core.linking.claim import Claim, LastFour
from idp.core.linking.limits import LinkingLimits
from idp.core.linking.ports import Company
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.clients.client import AuthMethod, Client, SecurityProfile
from idp.core.oidc.errors import ResponseMode
from idp.core.oidc.keys.reference_tokens import ReferenceTokens, SecretKey
from idp.core.people.contact import Contact, Email, Phone
from idp.core.people.customer import CustomerNumber, LinkedCustomer
from idp.core.people.digits import passes_luhn
from idp.core.people.identity import SIGNATURE_EVIDENCE, SWEDISH_PERSONAL_NUMBER, Evidence, Identity
from idp.core.people.organisation_number import OrganisationNumber
from idp.core.people.person import PendingIdentity, Person, Profile
from idp.core.signin.interaction import Identified, Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.session import Session
from idp.settings_bankid import BankIdRisk
from idp.settings_linking import Linking

NOW = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
REFERENCE_TOKENS = ReferenceTokens(
    tokens=(SecretKey(version=1, value=b"s" * 32),), identity=SecretKey(version=1, value=b"i" * 32)
)
SEAL_KEY = SealKey.of(b"e" * 32)
METHOD = bankid_facts("http://id.swedenconnect.se/loa/1.0/uncertified-loa3")


def a_client(**changes: Any) -> Client:
    members: dict[str, Any] = {
        "client_id": "minasidor",
        "client_name": "MinaSidor",
        "security_profile": SecurityProfile.WEB_CONFIDENTIAL,
        "redirect_uris": frozenset({"https://minasidor.example/cb"}),
        "token_endpoint_auth_methods": frozenset({AuthMethod.PRIVATE_KEY_JWT}),
        "token_endpoint_auth_signing_algs": frozenset({"ES256"}),
        "assertion_audiences": frozenset({"https://id.example"}),
        "scopes": frozenset({"openid", "profile", "email", "phone", "customer"}),
        "grant_types": frozenset({"authorization_code"}),
        "id_token_signed_response_alg": "ES256",
        "first_party": True,
        "sso_group": "prezero",
    }
    return Client(**members | changes)


def a_request(**changes: Any) -> AuthorizationRequest:
    members: dict[str, Any] = {
        "client_id": "minasidor",
        "redirect_uri": "https://minasidor.example/cb",
        "response_mode": ResponseMode.QUERY,
        "scope": ("openid",),
        "state": "s",
        "nonce": "n",
        "code_challenge": "c" * 43,
        "arrived_at": NOW,
    }
    return AuthorizationRequest(**members | changes)


def a_customer(customer_id: str = "c1", **changes: Any) -> LinkedCustomer:
    members: dict[str, Any] = {
        "customer_id": customer_id,
        "number": CustomerNumber("10012345"),
        "organisation_number": OrganisationNumber.parse("556016-0680"),
        "name": "Exempelbolaget AB",
        "city": "Malmö",
        "linked_at": NOW,
        "fresh_until": NOW + timedelta(days=3),
    }
    return LinkedCustomer(**members | changes)


def a_contact() -> Contact:
    return Contact(name="Anna Svensson", phone=Phone("+46701234567"), email=Email("anna@example.se"))


def a_person(**changes: Any) -> Person:
    members: dict[str, Any] = {
        "id": "p1",
        "sub": "sub-1",
        "name": "Anna Svensson",
        "given_name": "Anna",
        "surname": "Svensson",
        "birthdate": date(1990, 1, 1),
        "contact": a_contact(),
        "registered_at": NOW - timedelta(days=30),
        "links": (a_customer(),),
    }
    return Person(**members | changes)


def an_authentication(**changes: Any) -> Authentication:
    members: dict[str, Any] = {
        "id": "a1",
        "person_id": "p1",
        "at": NOW - timedelta(minutes=5),
        "method": METHOD.name,
        "provider": METHOD.provider,
        "acr": METHOD.acr,
        "amr": ("swk", "mfa"),
        "txn": "t1",
        "device_ip": "192.0.2.1",
    }
    return Authentication(**members | changes)


def a_session(**changes: Any) -> Session:
    members: dict[str, Any] = {
        "id": "s1",
        "person": a_person(),
        "authentication": an_authentication(),
        "verdict": Verdict.ALLOW,
        "sso_group": "prezero",
        "started_at": NOW - timedelta(minutes=5),
        "seen_at": NOW - timedelta(minutes=1),
        "expires_at": NOW + timedelta(minutes=55),
    }
    return Session(**members | changes)


def an_identity(personal_number: str = "191212121212") -> Identity:
    return Identity(scheme=SWEDISH_PERSONAL_NUMBER, key=personal_number)


def a_profile(**changes: Any) -> Profile:
    members: dict[str, Any] = {
        "name": "Tolvan Tolvansson",
        "given_name": "Tolvan",
        "surname": "Tolvansson",
        "birthdate": date(1912, 12, 12),
    }
    return Profile(**members | changes)


def a_pending_identity() -> PendingIdentity:
    return PendingIdentity(identity=an_identity(), profile=a_profile())


def identified(**changes: Any) -> Identified:
    members: dict[str, Any] = {
        "at": NOW,
        "authentication_id": "a1",
        "person_id": "p1",
        "pending": None,
        "verdict": Verdict.ALLOW,
    }
    return Identified(**members | changes)


def an_interaction(**changes: Any) -> Interaction:
    members: dict[str, Any] = {
        "id": "i1",
        "client_id": "minasidor",
        "request": a_request(),
        "language": "sv",
        "arrived_at": NOW,
        "acted_at": NOW,
        "expires_at": NOW + timedelta(minutes=30),
        "version": 0,
    }
    return Interaction(**members | changes)


def a_journey(**changes: Any) -> Journey:
    """A returning person with a live session; override to take something away."""
    session = changes.get("session", a_session())
    person = changes.get("person", session.person if session else None)
    members: dict[str, Any] = {
        "request": a_request(),
        "client": a_client(),
        "session": session,
        "interaction": None,
        "person": person,
        "subject": person.sub if person else None,
        "allowed_scope": frozenset(),
    }
    return Journey(**members | changes)


def a_completion(**changes: Any) -> Completion:
    members: dict[str, Any] = {
        "user": User(
            personal_number="191212121212", name="Tolvan Tolvansson", given_name="Tolvan", surname="Tolvansson"
        ),
        "device_ip": "192.0.2.1",
        "device_uhi": "uhi",
        "issue_date": date(2025, 1, 1),
        "signature": "c2ln",
        "ocsp": "b2NzcA==",
        "risk": Risk.LOW,
    }
    return Completion(**members | changes)


def an_assertion(**changes: Any) -> Assertion:
    members: dict[str, Any] = {
        "method": METHOD,
        "reference": "o1",
        "identity": an_identity(),
        "profile": a_profile(),
        "at": NOW,
        "amr": ("swk", "mfa"),
        "device_ip": "192.0.2.1",
        "evidence": Evidence(kind=SIGNATURE_EVIDENCE, parts={"signature": "c2ln", "ocsp": "b2NzcA=="}),
    }
    return Assertion(**members | changes)


def an_order_request(**changes: Any) -> OrderRequest:
    members: dict[str, Any] = {
        "end_user_ip": "192.0.2.1",
        "user_visible_data": "Logga in",
        "user_non_visible_data": b"bound",
        "browser_addresses": ("192.0.2.1",),
    }
    return OrderRequest(**members | changes)


def an_order(**changes: Any) -> Order:
    members: dict[str, Any] = {
        "id": "o1",
        "identification_id": "i1",
        "launch": Launch.QR,
        "state": OrderState.COMPLETE,
        "wanted_at": NOW,
        "restarts": 0,
        "request": an_order_request(),
        "completion": a_completion(),
        "completed_at": NOW,
    }
    return Order(**members | changes)


def an_act(**changes: Any) -> Act:
    members: dict[str, Any] = {"kind": ActKind.LOGIN, "at": NOW, "person_id": "p1", "client_id": "minasidor"}
    return Act(**members | changes)


def a_bundle(**changes: Any) -> Bundle:
    """Of a login; override `identification` with None for another act."""
    found = Identification(
        method="bankid",
        reference="o1",
        at=NOW,
        kind=SIGNATURE_EVIDENCE,
        parts={"signature": "c2ln", "ocsp": "b2NzcA=="},
    )
    members: dict[str, Any] = {
        "reference": "e1",
        "issuer": "https://id.example",
        "act": an_act(),
        "identification": found,
    }
    return Bundle(**members | changes)


def kept(bundle: Bundle, authentication_id: str | None = "a1") -> Kept:
    """The bundle as it is stored."""
    sealed = SEAL_KEY.seal(bundle.to_bytes())
    return Kept(
        reference=bundle.reference,
        act=bundle.act,
        authentication_id=authentication_id,
        sha256=digest_of(sealed),
        sealed=sealed,
    )


def a_claim(number: str, digits: str) -> Claim:
    """Of four digits, or of a whole organisation number."""
    return Claim(
        customer_number=CustomerNumber(number),
        digits=LastFour(digits) if len(digits) == 4 else OrganisationNumber(digits),
    )


def a_claimant(identity: Identity | None = None, **changes: Any) -> Claimant:
    """Somebody at 192.0.2.7 who has no account yet."""
    members: dict[str, Any] = {
        "identity": identity or an_identity(),
        "person_id": None,
        "authentication_id": "a1",
        "verdict": "allow",
        "interaction_id": "i1",
        "networks": KnownAddress(ip_address("192.0.2.7")).networks,
        "reference": "ABCD2345",
    }
    return Claimant(**members | changes)


def a_company(counted_as: str = "c1", *, is_known: bool = True, owned: bool = False) -> Company:
    customer_id = counted_as if is_known else None
    return Company(counted_as=counted_as, customer_id=customer_id, owned=customer_id if owned else None)


def an_organisation_number(serial: int) -> str:
    """Ten digits with the right check digit, another for each serial number."""
    nine = f"559{serial:06}"
    return next(f"{nine}{check}" for check in range(10) if passes_luhn(f"{nine}{check}"))


def linking_limits(**changes: int) -> LinkingLimits:
    """Those that the settings have without a word."""
    names = {each.name for each in fields(LinkingLimits)}
    return LinkingLimits(**Linking().model_dump(include=names) | changes)


def a_risk_policy(**changes: Any) -> RiskPolicy:
    """As the settings have it where they say nothing."""
    return RiskPolicy(**{**BankIdRisk().model_dump(), "same_address_suffices": True, **changes})
