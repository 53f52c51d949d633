from idp.core.signin.identification import ReasonToIdentify
from idp.core.signin.steps.log_in import LogIn
from idp_tests.builders import a_journey


def test_it_is_needed_whenever_somebody_must_identify() -> None:
    assert LogIn("bankid").pending(a_journey(session=None)) is ReasonToIdentify.NO_SESSION
    assert LogIn("bankid").pending(a_journey()) is None
