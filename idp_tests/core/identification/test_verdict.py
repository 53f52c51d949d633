import pytest

from idp.core.identification.verdict import Verdict, strictest


def test_each_verdict_includes_the_milder_ones() -> None:
    assert Verdict.STEP_UP.is_at_least(Verdict.WARN)
    assert Verdict.STEP_UP.is_at_least(Verdict.STEP_UP)
    assert not Verdict.WARN.is_at_least(Verdict.STEP_UP)


def test_the_strictest_counts_in_whatever_order() -> None:
    assert strictest([Verdict.WARN, Verdict.REFUSE, Verdict.ALLOW]) is Verdict.REFUSE
    assert strictest(reversed(Verdict)) is Verdict.REFUSE


def test_nothing_decides_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        strictest([])
