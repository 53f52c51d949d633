from datetime import timedelta
from typing import Any

from idp.core.budgets import Charged, Exhausted
from idp.core.link_events import PersonInvited
from idp.core.linking.invitation import LIVES, Invite, Invited, NoSuchCompany, TooManyInvitations
from idp.core.linking.ports import OnFile
from idp.core.people.contact import Email
from idp.core.people.customer import LinkAssurance
from idp_tests.builders import NOW, a_customer, a_person
from idp_tests.recorder import Recorder

TO = Email.parse("bo@example.se")
ANNA = a_person(links=(a_customer("c1"),))
ON_FILE = OnFile(customer_id="c1", customer_name="Bolaget AB", email=None)


def inviting(ports: Recorder) -> Invite:
    return Invite(
        invitations=ports.port("invitations"),
        contacts=ports.port("contacts"),
        budgets=ports.port("budgets"),
        outbox=ports.port("outbox"),
        audit=ports.port("audit"),
    )


def by_support(ports: Recorder) -> Any:
    return inviting(ports).for_support("10012345", TO, NOW, operator="eva", case_id="K-1")


def test_an_operator_invites_with_a_case_and_the_secret_is_in_the_email_alone() -> None:
    ports = Recorder({"contacts.on_file": ON_FILE})
    assert by_support(ports) == Invited(customer_name="Bolaget AB")
    assert ports.names == ["contacts.on_file", "invitations.put", "outbox.put", "audit link.invited"]
    invitation, secret = ports.arguments("invitations.put")
    assert (invitation.expires_at, invitation.assurance) == (NOW + LIVES, LinkAssurance.SUPPORT_VERIFIED)
    assert (invitation.inviter_id, invitation.inviter_name) == (None, None)
    payload = ports.arguments("outbox.put")[2]
    assert (payload["to"], payload["secret"]) == ("bo@example.se", secret)
    event = ports.event(PersonInvited)
    assert (event.operator, event.case_id, event.person_id) == ("eva", "K-1", None)
    assert secret not in str(event)


def test_a_linked_person_invites_to_the_own_company() -> None:
    ports = Recorder({"budgets.charge": Charged({})})
    assert inviting(ports).by_person(ANNA, "c1", TO, NOW) == Invited(customer_name=a_customer("c1").name)
    invitation, _ = ports.arguments("invitations.put")
    assert (invitation.inviter_id, invitation.inviter_name) == (ANNA.id, ANNA.name)
    assert invitation.assurance is LinkAssurance.OWNER_APPROVED


def test_nobody_invites_to_an_unknown_company_or_anothers() -> None:
    ports = Recorder({})
    assert by_support(ports) == NoSuchCompany()
    assert inviting(ports).by_person(ANNA, "c2", TO, NOW) == NoSuchCompany()
    assert ports.names == ["contacts.on_file"]


def test_a_person_invites_so_many_a_day() -> None:
    ports = Recorder({"budgets.charge": Exhausted({"x": NOW + timedelta(hours=1)})})
    assert inviting(ports).by_person(ANNA, "c1", TO, NOW) == TooManyInvitations(until=NOW + timedelta(hours=1))
    assert ports.names == ["budgets.charge"]
