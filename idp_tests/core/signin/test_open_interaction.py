from datetime import timedelta

from idp.core.signin.interaction import InteractionLifetime
from idp.core.signin.open_interaction import OpenInteraction
from idp_tests.builders import NOW, a_request
from idp_tests.recorder import Recorder

LIFETIME = InteractionLifetime(idle=timedelta(minutes=30), absolute=timedelta(minutes=60))


def open_interaction(ports: Recorder) -> OpenInteraction:
    return OpenInteraction(
        interactions=ports.port("interactions"), pushed_requests=ports.port("pushed_requests"), lifetime=LIFETIME
    )


def test_the_request_is_stored_for_the_browser_that_asked() -> None:
    ports = Recorder()
    opened = open_interaction(ports)(a_request(), "browser", "en")
    assert ports.names == ["interactions.open"]
    assert ports.arguments("interactions.open") == (opened, "browser")
    assert (opened.request, opened.client_id, opened.language) == (a_request(), "minasidor", "en")
    assert (opened.arrived_at, opened.expires_at) == (NOW, NOW + timedelta(minutes=30))
    assert (opened.version, opened.outcome, opened.identified) == (0, None, None)


def test_no_two_interactions_have_the_same_id() -> None:
    opens = open_interaction(Recorder())
    assert len({opens(a_request(), "browser", "sv").id for _ in range(100)}) == 100


def test_a_pushed_request_is_found_again_until_the_login_is_over() -> None:
    ports = Recorder()
    open_interaction(ports)(a_request(pushed_reference_hash="hash"), "browser", "sv")
    assert ports.arguments("pushed_requests.visit") == ("hash", "minasidor", NOW, NOW + timedelta(minutes=60))
