from idp.core.signin.identification import ReasonToIdentify
from idp.core.signin.steps.bankid_login import BankIdLogin
from idp_tests.builders import a_journey


def test_it_is_needed_whenever_somebody_must_identify() -> None:
    assert BankIdLogin().pending(a_journey(session=None)) is ReasonToIdentify.NO_SESSION
    assert BankIdLogin().pending(a_journey()) is None
