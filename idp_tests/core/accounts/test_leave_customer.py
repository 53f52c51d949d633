from typing import Any

from idp.core.accounts.leave_customer import LeaveCustomer, Left, NotLinked
from idp.core.events import LinkLeft
from idp.core.linking.ports import Concerned
from idp.core.messages import USER_LEFT_KIND
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.recorder import Recorder

CONCERNED = Concerned(
    customer_name="Exempelbolaget AB",
    person_name="Anna Svensson",
    contact_on_file="info@bolaget.se",
    colleagues={"p2": "bo@bolaget.se"},
)


def leave(ports: Recorder, **more: Any) -> Any:
    ports.answers = {"links.leave": "10012345", "links.concerned": CONCERNED, **ports.answers}
    use_case = LeaveCustomer(
        links=ports.port("links"),
        access=ports.port("access"),
        outbox=ports.port("outbox"),
        audit=ports.port("audit"),
    )
    return use_case("p1", "c1", NOW, **more)


def test_the_link_ends_first_then_what_was_reached_by_it_and_the_contact_on_file_is_told() -> None:
    ports = Recorder()
    assert leave(ports) == Left()
    assert ports.names == ["links.leave", "access.end", "audit link.left", "links.concerned", "outbox.put"]
    assert ports.arguments("access.end") == ("p1", "c1", NOW)
    assert ports.event(LinkLeft) == LinkLeft(person_id="p1", customer_id="c1")
    kind, _, payload, _ = ports.arguments("outbox.put")
    assert kind == USER_LEFT_KIND
    assert payload == {
        "to": "info@bolaget.se",
        "customer_name": "Exempelbolaget AB",
        "customer_number": "10012345",
        "person_name": "Anna Svensson",
        "left_at": NOW.isoformat(),
    }


@each("since", [None, NOW])
def test_how_old_the_link_may_be_is_part_of_the_one_statement(since: Any) -> None:
    ports = Recorder()
    leave(ports, made_since=since)
    assert ports.calls[0][2] == {"made_since": since}


def test_a_link_that_does_not_stand_ends_nothing() -> None:
    ports = Recorder({"links.leave": lambda *_, **__: None})
    assert leave(ports) == NotLinked()
    assert ports.names == ["links.leave"]


def test_a_company_without_an_address_on_file_is_told_nothing() -> None:
    silent = Concerned(customer_name="A", person_name="B", contact_on_file=None, colleagues={})
    ports = Recorder({"links.concerned": silent})
    assert leave(ports) == Left()
    assert "outbox.put" not in ports.names
