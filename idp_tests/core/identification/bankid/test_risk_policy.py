"""What a completed order is worth: every combination of risk, return and address."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from idp.core.identification.bankid.api import Risk
from idp.core.identification.bankid.risk_policy import SENTENCES, TABLE, Relation, Seen, Together, decide, relation
from idp.core.identification.verdict import Verdict
from idp_tests.builders import a_risk_policy
from idp_tests.cases import each

BELIEVED = (Together.SCANNED, Together.RETURNED)
RISKS = (None, *Risk)


def seen(**changes: Any) -> Seen:
    return Seen(**{"risk": Risk.LOW, "together": Together.SCANNED, "relation": Relation.SAME, **changes})


def everything() -> Iterator[Seen]:
    for risk, together, lies in product(RISKS, Together, Relation):
        yield Seen(risk=risk, together=together, relation=lies)


def decided(what: Seen, **policy: Any) -> tuple[Verdict, str]:
    decision = decide(what, a_risk_policy(**policy))
    return decision.verdict, decision.row


@each(
    "risk, expected",
    {
        "low": (Risk.LOW, (Verdict.ALLOW, "risk_low")),
        "unknown": (None, (Verdict.ALLOW, "risk_unknown")),
        "moderate": (Risk.MODERATE, (Verdict.STEP_UP, "risk_moderate")),
        "high": (Risk.HIGH, (Verdict.REFUSE, "risk_high")),
    },
)
def test_by_default_moderate_risk_links_nothing_alone_and_high_risk_is_refused(
    risk: Risk | None, expected: tuple[Verdict, str]
) -> None:
    for lies in Relation:
        assert decided(seen(risk=risk, relation=lies)) == expected


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize(("name", "risk"), [("low", Risk.LOW), ("unknown", None), ("moderate", Risk.MODERATE)])
def test_the_settings_decide_by_risk(name: str, risk: Risk | None, verdict: Verdict) -> None:
    assert decided(seen(risk=risk), **{name: verdict}) == (verdict, f"risk_{name}")


@pytest.mark.parametrize("lies", Relation)
@pytest.mark.parametrize("risk", RISKS)
def test_where_a_way_back_exists_and_was_not_taken_nothing_else_will_do(risk: Risk | None, lies: Relation) -> None:
    mild = dict.fromkeys(("low", "unknown", "moderate", "high", "far_address"), Verdict.ALLOW)
    what = seen(together=Together.NOT_RETURNED, risk=risk, relation=lies)
    assert decided(what, **mild) == (Verdict.REFUSE, "not_returned")


def test_without_a_way_back_the_very_same_address_and_low_risk_are_needed() -> None:
    believed = [
        (what.risk, what.relation)
        for what in everything()
        if what.together is Together.ADDRESS_ALONE and decided(what)[0] is not Verdict.REFUSE
    ]
    assert believed == [(Risk.LOW, Relation.SAME)]


def test_the_settings_can_close_the_way_by_an_address() -> None:
    what = seen(together=Together.ADDRESS_ALONE)
    assert decided(what) == (Verdict.ALLOW, "same_address")
    assert decided(what, same_address_suffices=False) == (Verdict.REFUSE, "same_address")


@pytest.mark.parametrize(
    ("lies", "row"),
    [
        (Relation.SAME, "risk_low"),
        (Relation.NEAR, "risk_low"),
        (Relation.OTHER, "far_address"),
        (Relation.UNKNOWN, "far_address"),
    ],
)
def test_an_app_that_came_back_from_another_network_may_be_judged_by_that(lies: Relation, row: str) -> None:
    what = seen(together=Together.RETURNED, relation=lies)
    assert decided(what, far_address=Verdict.WARN)[1] == row


def test_a_code_is_scanned_by_a_telephone_of_any_network() -> None:
    assert decided(seen(relation=Relation.OTHER), far_address=Verdict.REFUSE)[0] is Verdict.ALLOW


def test_addresses_that_cannot_be_compared_are_never_better_than_others() -> None:
    """Who starts the order chooses by which kind of address he comes."""
    for risk, together, far in product(RISKS, Together, Verdict):
        verdicts = [
            decided(seen(risk=risk, together=together, relation=lies), far_address=far)[0]
            for lies in (Relation.OTHER, Relation.UNKNOWN)
        ]
        assert verdicts[0] is verdicts[1]


def test_no_row_that_applies_is_ever_outvoted_by_a_milder_one() -> None:
    for what, far in product(everything(), Verdict):
        policy = a_risk_policy(far_address=far)
        for row in TABLE:
            if row.applies(what):
                assert decide(what, policy).verdict.is_at_least(row.verdict(policy))


def test_every_row_can_decide_and_has_its_own_name() -> None:
    rows = {decided(what, far_address=far)[1] for what, far in product(everything(), Verdict)}
    assert rows == set(SENTENCES) == {row.name for row in TABLE}
    assert len(SENTENCES) == len(TABLE)


HERE, ELSEWHERE, SIX = "192.0.2.1", "198.51.100.7", "2001:db8::1"


@each(
    "ours, app, expected",
    {
        "the same": ((HERE,), HERE, Relation.SAME),
        "the same in IPv6 clothes": ((HERE,), f"::ffff:{HERE}", Relation.SAME),
        "the same IPv6 address in other letters": ((SIX,), "2001:DB8:0::1", Relation.SAME),
        "the same, proved beside another": ((SIX, HERE), HERE, Relation.SAME),
        "an IPv4 neighbour": ((HERE,), "192.0.2.200", Relation.NEAR),
        "another address of the same home": ((SIX,), "2001:db8::2", Relation.NEAR),
        "another home of the same provider": ((SIX,), "2001:db8:0:1::2", Relation.OTHER),
        "elsewhere": ((HERE,), ELSEWHERE, Relation.OTHER),
        "both kinds, neither the app's": ((HERE, SIX), ELSEWHERE, Relation.OTHER),
        "the other kind": ((SIX,), HERE, Relation.UNKNOWN),
        "the other kind the other way round": ((HERE,), SIX, Relation.UNKNOWN),
        "an unknown browser": ((), HERE, Relation.UNKNOWN),
        "an app whose address was not told": ((HERE,), "", Relation.UNKNOWN),
        "no address": ((HERE,), "nonsense", Relation.UNKNOWN),
        "two that are none": (("",), "", Relation.UNKNOWN),
    },
)
def test_how_an_address_lies_to_the_browsers(ours: tuple[str, ...], app: str, expected: Relation) -> None:
    assert relation(ours, app) is expected
