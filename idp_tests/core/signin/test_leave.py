import pytest

from idp.core.identification.method import Standing
from idp.core.oidc.errors import Redirected
from idp.core.overtaken import Overtaken
from idp.core.signin.interaction import Outcome
from idp.core.signin.leave import Leave
from idp_tests.builders import NOW, a_journey, a_request, an_interaction
from idp_tests.cases import each
from idp_tests.recorder import Recorder


def leave(ports: Recorder) -> Redirected:
    use_case = Leave(
        interactions=ports.port("interactions"),
        methods=(ports.port("one"), ports.port("other")),
        audit=ports.port("audit"),
    )
    return use_case(a_journey(interaction=an_interaction()), NOW)


def test_the_end_comes_first_and_what_is_under_way_is_given_up_after_it() -> None:
    ports = Recorder()
    error = leave(ports)
    assert (error.code, error.reply_to) == ("access_denied", a_request().reply_to)
    assert ports.names == [
        "interactions.finish",
        "one.cancel",
        "other.cancel",
        "audit login.left",
    ]
    assert ports.arguments("interactions.finish") == (an_interaction(), None, Outcome.LEFT, NOW)


def test_an_interaction_that_ended_meanwhile_is_not_left() -> None:
    ports = Recorder({"interactions.finish": Overtaken})
    with pytest.raises(Overtaken):
        leave(ports)
    assert ports.names == ["interactions.finish"]


@each(
    "standing, code",
    [(each, "access_denied") for each in Standing if each is not Standing.OUT_OF_REACH]
    + [(Standing.OUT_OF_REACH, "temporarily_unavailable")],
)
def test_the_client_is_told_when_a_method_was_out_of_reach(standing: Standing, code: str) -> None:
    assert leave(Recorder({"one.cancel": Standing.NOTHING, "other.cancel": standing})).code == code
