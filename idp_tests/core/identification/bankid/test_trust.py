"""What is seen of a completed order, and what becomes of it; the table itself is shown in `test_risk_policy`."""

from datetime import timedelta
from typing import Any

import pytest

from idp.core.identification.assertion import Assertion
from idp.core.identification.bankid.api import Risk
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.proof import proof_of
from idp.core.identification.bankid.risk_policy import Relation, Seen, Together
from idp.core.identification.bankid.trust import (
    Distrust,
    Distrusted,
    JudgeOrder,
    SignedFacts,
    TrustPolicy,
    methods,
    see,
)
from idp.core.identification.verdict import Verdict
from idp_tests.builders import (
    METHOD,
    NOW,
    a_completion,
    a_profile,
    a_risk_policy,
    an_identity,
    an_order,
    an_order_request,
)
from idp_tests.cases import each
from idp_tests.recorder import Recorder

POLICY = TrustPolicy(risk=a_risk_policy(), evidence_required=False)
FACTS = SignedFacts(
    kind=BankIdKind.CARD,
    valid_from=NOW - timedelta(days=1),
    valid_to=NOW + timedelta(days=1),
    chain_validated=True,
    kept={"policies": "1.2.3"},
)
HERE, ELSEWHERE, SIX = "192.0.2.1", "198.51.100.7", "2001:db8::1"


def a_same_device_order(**changes: Any) -> Order:
    return an_order(launch=Launch.SAME_DEVICE, **changes)


def seen_of(order: Order, **completion: Any) -> Seen:
    return see(order, a_completion(**completion))


@each(
    "order, together",
    {
        "a scanned code": (an_order(), Together.SCANNED),
        "an app that came back": (a_same_device_order(return_nonce_hash="n", returned_at=NOW), Together.RETURNED),
        "an app that has yet to come back": (a_same_device_order(return_nonce_hash="n"), Together.NOT_RETURNED),
        "an app that has no way back": (a_same_device_order(), Together.ADDRESS_ALONE),
    },
)
def test_what_shows_that_app_and_browser_are_together(order: Order, together: Together) -> None:
    assert seen_of(order).together is together


@pytest.mark.parametrize("risk", [None, *Risk])
def test_the_risk_is_bankids(risk: Risk | None) -> None:
    assert seen_of(an_order(), risk=risk).risk is risk


def test_addresses_are_those_that_the_browser_certainly_has() -> None:
    order = a_same_device_order(request=an_order_request(browser_addresses=(SIX, HERE)))
    assert seen_of(order, device_ip=HERE).relation is Relation.SAME
    assert seen_of(order, device_ip=ELSEWHERE).relation is Relation.OTHER
    assert seen_of(a_same_device_order(request=an_order_request(browser_addresses=()))).relation is Relation.UNKNOWN


@pytest.mark.parametrize(
    ("launch", "kind", "amr"),
    [
        (Launch.QR, BankIdKind.MOBILE, ("swk", "mfa", "mca")),
        (Launch.SAME_DEVICE, BankIdKind.MOBILE, ("swk", "mfa")),
        (Launch.SAME_DEVICE, BankIdKind.FILE, ("swk", "pin", "mfa")),
        (Launch.SAME_DEVICE, BankIdKind.CARD, ("sc", "pin", "mfa")),
        (Launch.QR, None, ("swk", "mfa", "mca")),
    ],
)
def test_the_methods_say_only_what_is_known(launch: Launch, kind: BankIdKind | None, amr: tuple[str, ...]) -> None:
    facts = SignedFacts(kind=kind, valid_from=NOW, valid_to=NOW, chain_validated=True) if kind else None
    assert methods(launch, facts) == amr


def judge(
    order: Order, evidence: SignedFacts | str = FACTS, *, required: bool = False, **risk: Any
) -> Assertion | Distrusted:
    ports = Recorder({"evidence.read": evidence})
    policy = TrustPolicy(risk=a_risk_policy(**risk), evidence_required=required)
    return JudgeOrder(evidence=ports.port("evidence"), policy=policy, method=METHOD)(order)


def test_a_believed_order_says_who_when_and_how() -> None:
    vouched = judge(an_order(launch=Launch.SAME_DEVICE), FACTS)
    assert isinstance(vouched, Assertion)
    assert (vouched.method, vouched.identity, vouched.profile) == (METHOD, an_identity(), a_profile())
    assert (vouched.at, vouched.amr, vouched.device_ip) == (NOW, ("sc", "pin", "mfa"), HERE)
    assert vouched.evidence == proof_of(an_order(), a_completion(), FACTS.kept)
    assert (vouched.credential_valid_from, vouched.credential_valid_to) == (FACTS.valid_from, FACTS.valid_to)
    assert vouched.unproved is None


def test_what_it_is_worth_and_why_goes_along() -> None:
    vouched = judge(an_order(completion=a_completion(risk=Risk.MODERATE)))
    assert isinstance(vouched, Assertion)
    assert (vouched.verdict, vouched.decided_by) == (Verdict.STEP_UP, "risk_moderate")


@each(
    "order, reason, row",
    {
        "a high risk": (an_order(completion=a_completion(risk=Risk.HIGH)), Distrust.RISK, "risk_high"),
        "a high risk beside a doubtful device": (
            a_same_device_order(completion=a_completion(risk=Risk.HIGH)),
            Distrust.RISK,
            "risk_high",
        ),
        "no return": (a_same_device_order(return_nonce_hash="n"), Distrust.ANOTHER_DEVICE, "not_returned"),
        "no way back and another address": (
            a_same_device_order(request=an_order_request(browser_addresses=(ELSEWHERE,))),
            Distrust.ANOTHER_DEVICE,
            "address_alone",
        ),
        "another network, where the settings refuse that": (
            a_same_device_order(
                return_nonce_hash="n", returned_at=NOW, request=an_order_request(browser_addresses=(ELSEWHERE,))
            ),
            Distrust.ANOTHER_DEVICE,
            "far_address",
        ),
    },
)
def test_who_is_refused_is_told_what_helps(order: Order, reason: Distrust, row: str) -> None:
    assert judge(order, far_address=Verdict.REFUSE) == Distrusted(reason=reason, decided_by=row)


def test_nothing_of_the_person_is_ever_shown() -> None:
    shown = repr(judge(an_order(), FACTS))
    for canary in ("191212121212", "Tolvan", HERE, "c2ln"):
        assert canary not in shown


def test_the_evidence_is_read_for_what_was_asked() -> None:
    ports = Recorder({"evidence.read": FACTS})
    JudgeOrder(evidence=ports.port("evidence"), policy=POLICY, method=METHOD)(an_order(request=an_order_request()))
    [(_, (completion,), asked)] = ports.calls
    assert completion == a_completion()
    assert asked == {"visible": "Logga in", "hidden": b"bound", "at": NOW}


def test_evidence_that_is_required_and_refused_is_distrusted() -> None:
    assert judge(an_order(), "no chain", required=True) == Distrusted(reason=Distrust.EVIDENCE, detail="no chain")


def test_evidence_that_is_only_recorded_leaves_a_note() -> None:
    vouched = judge(an_order(), "no chain")
    assert isinstance(vouched, Assertion)
    assert vouched.unproved == vouched.evidence.parts["unproved"] == "no chain"
    assert vouched.credential_valid_from is None


def test_what_is_distrusted_is_not_even_read() -> None:
    ports = Recorder()
    order = a_same_device_order(return_nonce_hash="n")
    assert JudgeOrder(evidence=ports.port("evidence"), policy=POLICY, method=METHOD)(order) == Distrusted(
        reason=Distrust.ANOTHER_DEVICE, decided_by="not_returned"
    )
    assert ports.names == []


def test_only_a_complete_order_can_be_judged() -> None:
    with pytest.raises(AssertionError):
        judge(an_order(completion=None), FACTS)
