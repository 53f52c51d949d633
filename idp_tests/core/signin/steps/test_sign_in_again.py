from datetime import timedelta

from idp.core.signin.steps.sign_in_again import ReasonToSignInAgain, SignInAgain
from idp_tests.builders import NOW, a_journey, a_person, an_interaction, identified


def test_who_has_just_registered_logs_in_again() -> None:
    person = a_person(registered_at=NOW + timedelta(minutes=2))
    interaction = an_interaction(identified=identified(at=NOW + timedelta(minutes=1)))
    journey = a_journey(session=None, person=person, interaction=interaction)
    assert SignInAgain().pending(journey) is ReasonToSignInAgain.JUST_REGISTERED


def test_logging_in_at_the_very_moment_of_registering_is_not_logging_in_again() -> None:
    person = a_person(registered_at=NOW)
    journey = a_journey(session=None, person=person, interaction=an_interaction(identified=identified(at=NOW)))
    assert SignInAgain().pending(journey) is ReasonToSignInAgain.JUST_REGISTERED


def test_a_login_after_registering_ends_the_first_visit() -> None:
    person = a_person(registered_at=NOW + timedelta(minutes=2))
    interaction = an_interaction(identified=identified(at=NOW + timedelta(minutes=3)))
    assert SignInAgain().pending(a_journey(session=None, person=person, interaction=interaction)) is None


def test_who_has_no_account_or_is_not_identified_yet_has_nothing_to_repeat() -> None:
    assert SignInAgain().pending(a_journey(session=None, interaction=an_interaction())) is None
    assert SignInAgain().pending(a_journey(session=None, person=a_person(registered_at=NOW))) is None
