"""Two exports of evidence that hold: one of BankID's own published signature pair, one of orders at the simulator."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.bankid.answers import Environment, read_ended
from idp.adapters.bankid.evidence_reader import BankIdEvidence
from idp.core.evidence.bundle import Act, ActKind, Identification, RestsOn
from idp.core.evidence.export_file import export_lines
from idp.core.evidence.keep_evidence import KeepEvidence
from idp.core.evidence.ports import Kept
from idp.core.evidence.seal import SealKey
from idp.core.evidence.verify_evidence import Pins
from idp.core.identification.bankid.api import Complete
from idp.core.identification.bankid.order_request import BankIdKind, Requirement
from idp.core.identification.bankid.proof import proof_of
from idp.core.identification.bankid.trust import SignedFacts
from idp_sandbox.bankid.keystore import KeyStore
from idp_tests.builders import an_order, an_order_request
from idp_tests.fakes import FakeAudit
from idp_tests.sandbox.bankid.rig import Rig, encoded

PUBLISHED = Path(__file__).parent / "adapters" / "bankid" / "data"
PAIR_AT = datetime(2022, 9, 16, 9, 3, 15, tzinfo=UTC)
TEXT = "Logga in hos **PreZero** (MinaSidor). Logga aldrig in om någon ringer och ber dig."
ISSUER = "https://id.example"


@dataclass
class KeptInMemory:
    """The port `KeptEvidence`."""

    rows: list[Kept] = field(default_factory=list)

    def keep(self, kept: Kept) -> None:
        self.rows.append(kept)

    def login_of(self, authentication_id: str) -> RestsOn | None:
        found = [row for row in self.rows if row.authentication_id == authentication_id and row.act.kind == "login"]
        return RestsOn(reference=found[0].reference, sha256=found[0].sha256) if found else None


@dataclass(frozen=True)
class Exported:
    """Sealed texts in their order, the key that sealed them, and what an auditor knows from elsewhere."""

    sealed: Sequence[str]
    key: SealKey
    pins: Pins

    def file(self, sealed: Iterable[str] | None = None, key: SealKey | None = None) -> bytes:
        """The export, or one of other texts with a last line that fits them."""
        lines = export_lines(self.sealed if sealed is None else sealed, key or self.key, ISSUER, PAIR_AT)
        return b"".join(lines)


def published_parts() -> dict[str, str]:
    """What the product would keep of the order that BankID's published pair is of."""
    return {
        "signature": (PUBLISHED / "bankid-test-pair-signature.b64").read_text().strip(),
        "ocsp": (PUBLISHED / "bankid-test-pair-ocsp-response.b64").read_text().strip(),
        "personal_number": "198501139995",
        "device_uhi": "gp/YxsZsWZjFmtNF1CfdUaJqd2yo",
        "pin_code": "no",
        "policies": "1.2.3.4.5",
    }


def published_pair() -> Exported:
    """A login by the pair, whose root BankID does not publish, and what the person did after it."""
    key = SealKey.of(b"1" * 32)
    sealed = _kept(key, lambda keep: login_and_acts(keep, "p1", PAIR_AT, published_parts()))
    return Exported(sealed=sealed, key=key, pins=Pins(seals=frozenset({key.thumbprint})))


def simulated(keys: KeyStore) -> Exported:
    """Logins of two people, as the product keeps them, and what they did after it."""
    pem = (keys.directory / "people-root.pem").read_bytes()
    root = x509.load_pem_x509_certificate(pem)
    key = SealKey.of(b"2" * 32)

    def fill(keep: KeepEvidence) -> None:
        for persona in ("anna", "johan"):
            parts, at = _approved(keys, root, persona)
            login_and_acts(keep, persona, at, parts)

    fingerprint = hashlib.sha256(root.public_bytes(Encoding.DER)).hexdigest()
    pins = Pins(seals=frozenset({key.thumbprint}), roots=frozenset({fingerprint}))
    return Exported(sealed=_kept(key, fill), key=key, pins=pins)


def _kept(key: SealKey, fill: Callable[[KeepEvidence], None]) -> list[str]:
    store = KeptInMemory()
    fill(KeepEvidence(kept=store, seal_key=lambda: key, audit=FakeAudit(), issuer=ISSUER))
    return [row.sealed for row in store.rows]


def login_and_acts(keep: KeepEvidence, person_id: str, at: datetime, parts: dict[str, str]) -> None:
    """Everything that evidence can be of, for one person."""
    found = Identification(method="bankid", reference=f"order-{person_id}", at=at, kind="signature", parts=parts)
    later, login = at + timedelta(minutes=2), f"login-{person_id}"
    keep.keep_login(
        Act(kind=ActKind.LOGIN, at=at, person_id=person_id, client_id="minasidor"),
        found,
        authentication_id=login,
        now=at,
    )
    acts = [
        Act(kind=ActKind.REGISTRATION, at=later, person_id=person_id),
        Act(kind=ActKind.LINK, at=later, person_id=person_id, customer_id="c1", facts={"number": "10012345"}),
        Act(kind=ActKind.CONSENT, at=later, person_id=person_id, client_id="partner", facts={"scope": ("openid",)}),
    ]
    for act in acts:
        keep.keep_act(act, authentication_id=login, now=later)
    freeze = Act(kind=ActKind.FREEZE, at=later, person_id=person_id, customer_id="c1", facts={"case": "K-17"})
    keep.keep_act(freeze, authentication_id=None, now=later)


def _approved(keys: KeyStore, root: x509.Certificate, persona: str) -> tuple[dict[str, str], datetime]:
    """Through the product's own reading and judging of an order."""
    rig = Rig(keys)
    rig.scenario.set_up({"script": [{"after_seconds": 0, "do": "approve", "persona": persona}]})
    hidden = f"binding of {persona}".encode()
    sent = {"userVisibleData": encoded(TEXT), "userNonVisibleData": base64.b64encode(hidden).decode()}
    started = rig.auth(**sent)
    rig.wait(2)
    answer = rig.call("collect", {"orderRef": started["orderRef"]}).data
    ended = read_ended(answer, started["orderRef"])
    assert isinstance(ended, Complete)
    completion, at = ended.completion, datetime.now(UTC)
    reader = BankIdEvidence(
        Environment.TEST,
        relying_party=x509.load_der_x509_certificate(rig.certificate_der).subject,
        kinds=frozenset(BankIdKind),
        roots=[root],
        ocsp_required=True,
    )
    facts = reader.read(completion, visible=TEXT, hidden=hidden, at=at)
    assert isinstance(facts, SignedFacts), facts
    request = an_order_request(
        user_visible_data=TEXT, user_non_visible_data=hidden, requirement=Requirement(kinds=frozenset(BankIdKind))
    )
    order = an_order(order_ref=started["orderRef"], request=request, completion=completion)
    return dict(proof_of(order, completion, facts.kept).parts), at
