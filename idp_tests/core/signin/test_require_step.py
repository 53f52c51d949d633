from idp.core.events import StepRequired
from idp.core.signin.identification import ReasonToIdentify
from idp.core.signin.require_step import RequireStep
from idp.core.signin.steps.choose_customer import ChooseCustomer, ReasonToChoose
from idp.core.signin.steps.link_customer import ReasonToLink
from idp_tests.builders import NOW, a_journey, a_pending_identity, an_interaction, identified
from idp_tests.fakes import FakeAudit


def test_which_step_a_known_person_was_sent_to_and_why_is_written_down() -> None:
    audit = FakeAudit()
    RequireStep(audit=audit)(
        a_journey(interaction=an_interaction()), ChooseCustomer(), ReasonToChoose.SEVERAL_CUSTOMERS, NOW
    )
    assert audit.events == [
        StepRequired(
            person_id="p1", client_id="minasidor", interaction_id="i1", step="choose", reason="several_customers"
        )
    ]


def test_so_is_it_for_somebody_identified_without_an_account() -> None:
    audit = FakeAudit()
    interaction = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
    journey = a_journey(session=None, interaction=interaction)
    RequireStep(audit=audit)(journey, ChooseCustomer(), ReasonToLink.UNKNOWN_PERSON, NOW)
    assert [event.name for event in audit.events] == ["login.step_required"]


def test_a_stranger_fills_no_log_by_reloading_a_page() -> None:
    audit = FakeAudit()
    RequireStep(audit=audit)(
        a_journey(session=None, interaction=an_interaction()), ChooseCustomer(), ReasonToIdentify.NO_SESSION, NOW
    )
    assert audit.events == []
