from idp.core.signin.identification import IDENTIFY_AGAIN
from idp.core.signin.identify_again import IdentifyAgain
from idp_tests.builders import NOW, a_journey, an_interaction, identified
from idp_tests.recorder import Recorder


def test_the_moment_of_asking_is_noted_in_the_interaction() -> None:
    ports, interaction = Recorder(), an_interaction(identified=identified())
    IdentifyAgain(interactions=ports.port("interactions"))(a_journey(interaction=interaction), NOW)
    assert ports.arguments("interactions.record_passed") == (interaction, IDENTIFY_AGAIN, NOW)
