from datetime import timedelta
from typing import Any

import pytest

from idp.core.overtaken import Overtaken
from idp.core.signin.interaction import Outcome
from idp.core.signin.steps.consent import Allowed, DecideConsent, Decision, Denied
from idp_tests.builders import NOW, a_client, a_journey, a_request, an_interaction
from idp_tests.recorder import Recorder

YEAR = timedelta(days=365)
JOURNEY = a_journey(
    client=a_client(first_party=False),
    request=a_request(scope=("openid", "email", "customer")),
    interaction=an_interaction(),
)


def decide(ports: Recorder, decision: Decision) -> Any:
    use_case = DecideConsent(
        interactions=ports.port("interactions"),
        consents=ports.port("consents"),
        audit=ports.port("audit"),
        lifetime=YEAR,
    )
    return use_case(JOURNEY, decision, NOW)


def test_an_allow_is_recorded_first_and_then_remembered() -> None:
    ports = Recorder()
    scope = ("customer", "customer:c1", "email", "openid")
    assert decide(ports, Decision.ALLOW) == Allowed(scope=scope)
    assert ports.names == ["interactions.record_passed", "consents.allow", "audit consent.allowed"]
    assert ports.arguments("interactions.record_passed")[1:] == ("consent", NOW)
    assert ports.arguments("consents.allow") == ("p1", "minasidor", scope, NOW, NOW + YEAR)


def test_a_denial_ends_the_interaction_and_remembers_nothing() -> None:
    ports = Recorder()
    answer = decide(ports, Decision.DENY)
    assert isinstance(answer, Denied)
    assert (answer.error.code, answer.error.reply_to) == ("access_denied", JOURNEY.request.reply_to)
    assert ports.names == ["interactions.finish", "audit consent.denied"]
    assert ports.arguments("interactions.finish")[1:3] == (None, Outcome.LEFT)


@pytest.mark.parametrize(
    ("decision", "lost"),
    [(Decision.ALLOW, "interactions.record_passed"), (Decision.DENY, "interactions.finish")],
)
def test_a_lost_race_is_raised_before_anything_is_remembered_or_told(decision: Decision, lost: str) -> None:
    ports = Recorder({lost: Overtaken})
    with pytest.raises(Overtaken):
        decide(ports, decision)
    assert ports.names == [lost]
