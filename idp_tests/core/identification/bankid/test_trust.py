"""When a completed order is believed: every combination of launch, return, network and risk that matters."""

from datetime import timedelta
from typing import Any

import pytest

from idp.core.identification.assertion import Assertion
from idp.core.identification.bankid.api import Risk
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.trust import (
    Distrust,
    Distrusted,
    JudgeOrder,
    SignedFacts,
    TrustPolicy,
    distrust,
    methods,
)
from idp.core.people.identity import Evidence
from idp_tests.builders import METHOD, NOW, a_completion, a_profile, an_identity, an_order, an_order_request
from idp_tests.cases import each
from idp_tests.recorder import Recorder

POLICY = TrustPolicy(refuse_risk="high", same_address_suffices=True, evidence_required=False)
FACTS = SignedFacts(
    kind=BankIdKind.CARD, valid_from=NOW - timedelta(days=1), valid_to=NOW + timedelta(days=1), chain_validated=True
)
HERE, ELSEWHERE, SIX = "192.0.2.1", "198.51.100.7", "2001:db8::1"


def a_same_device_order(**changes: Any) -> Order:
    return an_order(launch=Launch.SAME_DEVICE, **changes)


def judged(order: Order, *, risk: Risk | None = Risk.LOW, ip: str = HERE, **policy: Any) -> Distrust | None:
    members: dict[str, Any] = {
        "refuse_risk": "high",
        "same_address_suffices": True,
        "evidence_required": False,
    } | policy
    return distrust(order, a_completion(risk=risk, device_ip=ip), TrustPolicy(**members))


@pytest.mark.parametrize("risk", [None, Risk.LOW, Risk.MODERATE])
def test_a_scanned_code_proves_that_the_person_saw_the_page(risk: Risk | None) -> None:
    assert judged(an_order(), risk=risk, ip=ELSEWHERE) is None


def test_an_app_that_came_back_is_on_this_device() -> None:
    order = a_same_device_order(return_nonce_hash="n", returned_at=NOW)
    assert judged(order, ip=ELSEWHERE, risk=None) is None


@pytest.mark.parametrize("ip", [HERE, ELSEWHERE, SIX])
def test_where_a_way_back_exists_nothing_else_will_do(ip: str) -> None:
    order = a_same_device_order(return_nonce_hash="n", request=an_order_request(browser_addresses=(HERE, SIX)))
    assert judged(order, ip=ip) is Distrust.ANOTHER_DEVICE


@each(
    "ours, app, risk, believed",
    {
        "the same address at low risk": ((HERE,), HERE, Risk.LOW, True),
        "the same address in IPv6 clothes": ((HERE,), f"::ffff:{HERE}", Risk.LOW, True),
        "the same IPv6 address": ((SIX,), SIX, Risk.LOW, True),
        "the same address proved beside another": ((SIX, HERE), HERE, Risk.LOW, True),
        "the same address at moderate risk": ((HERE,), HERE, Risk.MODERATE, False),
        "the same address at unknown risk": ((HERE,), HERE, None, False),
        "another address": ((HERE,), ELSEWHERE, Risk.LOW, False),
        "another address of the same home": ((SIX,), "2001:db8::2", Risk.LOW, False),
        "the other family": ((SIX,), HERE, Risk.LOW, False),
        "the other family the other way round": ((HERE,), SIX, Risk.LOW, False),
        "both families, neither the app's": ((HERE, SIX), ELSEWHERE, Risk.LOW, False),
        "an unknown browser": ((), HERE, Risk.LOW, False),
        "no address": ((HERE,), "nonsense", Risk.LOW, False),
        "two that are none": (("",), "", Risk.LOW, False),
    },
)
def test_without_a_way_back_the_very_same_address_and_low_risk_are_needed(
    ours: tuple[str, ...], app: str, risk: Risk | None, believed: bool
) -> None:
    order = a_same_device_order(request=an_order_request(browser_addresses=ours))
    assert judged(order, ip=app, risk=risk) is (None if believed else Distrust.ANOTHER_DEVICE)


def test_the_settings_can_close_the_way_by_an_address() -> None:
    order = a_same_device_order(request=an_order_request(browser_addresses=(HERE,)))
    assert judged(order, same_address_suffices=False) is Distrust.ANOTHER_DEVICE


@pytest.mark.parametrize(
    ("refused_from", "risk", "expected"),
    [
        ("high", Risk.HIGH, Distrust.RISK),
        ("high", Risk.MODERATE, None),
        ("moderate", Risk.HIGH, Distrust.RISK),
        ("moderate", Risk.MODERATE, Distrust.RISK),
        ("moderate", None, None),
        ("never", Risk.HIGH, None),
    ],
)
def test_a_risk_is_refused_from_where_the_settings_say(
    refused_from: str, risk: Risk | None, expected: Distrust | None
) -> None:
    assert judged(an_order(), risk=risk, refuse_risk=refused_from) is expected


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


def judge(order: Order, evidence: SignedFacts | str, *, required: bool = False) -> Assertion | Distrusted:
    ports = Recorder({"evidence.read": evidence})
    policy = TrustPolicy(refuse_risk="high", same_address_suffices=True, evidence_required=required)
    return JudgeOrder(evidence=ports.port("evidence"), policy=policy, method=METHOD)(order)


def test_a_believed_order_says_who_when_and_how() -> None:
    vouched = judge(an_order(launch=Launch.SAME_DEVICE), FACTS)
    assert isinstance(vouched, Assertion)
    assert (vouched.method, vouched.identity, vouched.profile) == (METHOD, an_identity(), a_profile())
    assert (vouched.at, vouched.amr, vouched.device_ip) == (NOW, ("sc", "pin", "mfa"), HERE)
    assert vouched.evidence == Evidence(kind="signature", parts={"signature": "c2ln", "ocsp": "b2NzcA=="})
    assert (vouched.credential_valid_from, vouched.credential_valid_to) == (FACTS.valid_from, FACTS.valid_to)
    assert vouched.unproved is None


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
    assert vouched.unproved == "no chain"
    assert vouched.credential_valid_from is None


def test_what_is_distrusted_is_not_even_read() -> None:
    ports = Recorder()
    order = a_same_device_order(return_nonce_hash="n")
    assert JudgeOrder(evidence=ports.port("evidence"), policy=POLICY, method=METHOD)(order) == Distrusted(
        reason=Distrust.ANOTHER_DEVICE
    )
    assert ports.names == []


def test_only_a_complete_order_can_be_judged() -> None:
    with pytest.raises(AssertionError):
        judge(an_order(completion=None), FACTS)
