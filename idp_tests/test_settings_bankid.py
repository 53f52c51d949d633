import pytest
from pydantic import ValidationError

from idp.core.identification.verdict import Verdict
from idp.settings_bankid import BankIdRisk
from idp_tests.cases import each

ALLOW, WARN, STEP_UP, REFUSE = Verdict


@each(
    "chosen, problem",
    {
        "moderate": ({"low": WARN, "unknown": WARN, "moderate": ALLOW}, "moderate: must not be milder than low"),
        "unknown": ({"low": WARN, "unknown": ALLOW}, "unknown: must not be milder than low"),
        "high": ({"high": WARN}, "high: must not be milder than moderate"),
    },
)
def test_a_higher_risk_is_never_worth_more(chosen: dict[str, Verdict], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        BankIdRisk.model_validate(chosen)


def test_an_operator_may_be_stricter_or_milder_altogether() -> None:
    assert BankIdRisk(low=STEP_UP, unknown=REFUSE, moderate=REFUSE).high is REFUSE
    assert BankIdRisk(moderate=ALLOW, high=ALLOW).high is ALLOW


@pytest.mark.parametrize("word", ["never", "ALLOW", ""])
def test_a_verdict_is_one_of_four_words(word: str) -> None:
    with pytest.raises(ValidationError):
        BankIdRisk.model_validate({"low": word})
