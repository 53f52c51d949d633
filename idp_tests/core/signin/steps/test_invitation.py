from dataclasses import replace
from typing import Any

import pytest

from idp.core.linking.invitation import LIVES, Invitation
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson
from idp.core.overtaken import Overtaken
from idp.core.people.customer import LinkAssurance
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.steps.invitation import BeInvited, NoInvitation, TakeInvitation
from idp_tests.builders import NOW, a_journey, a_pending_identity, an_identity, an_interaction, identified
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PENDING = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
NOBODY_YET = a_journey(session=None, person=None, interaction=PENDING)
PROVED = ProvedNumber(at=NOW, customer_id="c1", number="10012345")
GIVEN = Invitation(
    id="i1",
    customer_id="c1",
    number="10012345",
    customer_name="Bolaget AB",
    email="bo@example.se",
    inviter_id=None,
    inviter_name=None,
    invited_at=NOW,
    expires_at=NOW + LIVES,
)


def take(ports: Recorder) -> Any:
    ports.answers.setdefault("interactions.hold", lambda interaction, _: replace(interaction, version=7))
    use_case = TakeInvitation(
        accept_proof=ports.function("accept_proof"),  # type: ignore[arg-type]
        invitations=ports.port("invitations"),
        interactions=ports.port("interactions"),
        people=ports.port("people"),
    )
    return use_case(NOBODY_YET, "secret", NOW)


def test_the_step_is_needed_while_a_right_claim_waits_for_an_invitation() -> None:
    for policy in SecondPerson:
        waiting = replace(NOBODY_YET, interaction=replace(PENDING, linked=replace(PROVED, waits_for=policy)))
        assert (BeInvited().pending(waiting) is not None) is (policy is SecondPerson.INVITE_ONLY)
    assert BeInvited().pending(NOBODY_YET) is None


@each("inviter, assurance", [(None, LinkAssurance.SUPPORT_VERIFIED), ("p2", LinkAssurance.OWNER_APPROVED)])
def test_an_invitation_is_taken_and_proves_as_much_as_who_gave_it(
    inviter: str | None, assurance: LinkAssurance
) -> None:
    given = replace(GIVEN, inviter_id=inviter)
    ports = Recorder({"invitations.find": given, "invitations.take": True, "accept_proof": PROVED})
    assert take(ports) == PROVED
    assert ports.names == ["invitations.find", "interactions.hold", "invitations.take", "accept_proof"]
    assert ports.arguments("invitations.take") == ("i1", an_identity("191212121212"), NOW)
    _, held, proved, _ = ports.arguments("accept_proof")
    assert (held.version, proved) == (7, Proved(customer_id="c1", number="10012345", assurance=assurance))


def test_one_that_this_person_took_is_tried_again() -> None:
    ports = Recorder({"invitations.taken_by": GIVEN, "invitations.take": True, "accept_proof": PROVED})
    assert take(ports) == PROVED


@each("answers", [{}, {"invitations.find": GIVEN, "invitations.take": False}])
def test_what_is_over_or_somebody_elses_proves_nothing(answers: dict[str, Any]) -> None:
    ports = Recorder(dict(answers))
    assert take(ports) == NoInvitation()
    assert "accept_proof" not in ports.names


def test_a_lost_race_takes_nothing() -> None:
    ports = Recorder({"invitations.find": GIVEN, "interactions.hold": Overtaken})
    with pytest.raises(Overtaken):
        take(ports)
    assert "invitations.take" not in ports.names
