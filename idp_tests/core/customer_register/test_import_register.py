"""Carrying a plan out: register, links, what was reached through them, and the audit log, or nothing of it."""

from dataclasses import replace
from typing import Any

from idp.core.customer_register.import_register import Imported, ImportRegister, RegisterChanged
from idp.core.customer_register.plan import ImportOptions, plan
from idp.core.customer_register.ports import EndedLink
from idp.core.events import CustomersImported, LinkEnded
from idp.core.people.customer import CustomerNumber
from idp_tests.builders import NOW
from idp_tests.core.customer_register.sayings import ACTIVE, TWO, said, stored
from idp_tests.recorder import Recorder

LINK = EndedLink(
    person_id="p1",
    customer_id="c1",
    number=CustomerNumber("1001"),
    customer_name="Bolaget AB",
    persons_address=None,
    contact_on_file=None,
)
MOVE = plan([said("1001", org=TWO)], [stored(n1001=ACTIVE)], ImportOptions(allow_moved=True))


def carry_out(ports: Recorder, made: object = MOVE) -> Imported | RegisterChanged:
    import_register = ImportRegister(
        register=ports.port("register"),
        links=ports.port("links"),
        outbox=ports.port("outbox"),
        access=ports.port("access"),
        audit=ports.port("audit"),
    )
    return import_register(made, "v1", NOW, operator="eva", progress=lambda *_: None)  # type: ignore[arg-type]


def test_links_end_after_the_numbers_are_written_and_with_them_what_was_reached() -> None:
    ports = Recorder({"register.save": True, "links.end_moved": [LINK]})
    assert carry_out(ports) == Imported((LINK,))
    assert ports.names == [
        "register.save",
        "links.end_moved",
        "access.end",
        "audit link.ended",
        "access.end_for_closed",
        "audit customers.imported",
    ]
    assert ports.arguments("access.end")[:2] == ("p1", "c1")
    assert ports.event(LinkEnded) == LinkEnded(person_id="p1", customer_id="c1", operator="eva", reason="number_moved")
    assert ports.event(CustomersImported) == CustomersImported(
        operator="eva", new=1, changed=1, closed=1, moved=1, refused=0
    )


def told(*links: EndedLink) -> list[tuple[str, dict[str, Any]]]:
    """Key and notice of each message."""
    ports = Recorder({"register.save": True, "links.end_moved": links})
    carry_out(ports)
    put = [arguments for name, arguments, _ in ports.calls if name == "outbox.put"]
    assert {kind for kind, _, _, _ in put} <= {"mail.access_ended"}
    return [(key, notice) for _, key, notice, _ in put]


def test_each_person_and_once_for_all_of_a_number_the_contact_on_file_is_told() -> None:
    anna = replace(LINK, persons_address="anna@example.se", contact_on_file="info@bolaget.se")
    notices = told(anna, replace(anna, person_id="p2", persons_address="bo@example.se"))
    assert [notice["to"] for _, notice in notices] == ["anna@example.se", "info@bolaget.se", "bo@example.se"]
    assert len({key for key, _ in notices}) == 3
    assert notices[0][1] == {
        "to": "anna@example.se",
        "recipient": "person",
        "customer_name": "Bolaget AB",
        "customer_number": "1001",
        "ended_at": NOW.isoformat(),
    }
    assert notices[1][1]["recipient"] == "contact_on_file"


def test_the_contact_on_file_is_told_of_each_number() -> None:
    first = replace(LINK, contact_on_file="info@bolaget.se")
    notices = told(first, replace(first, number=CustomerNumber("1002")))
    assert [notice["customer_number"] for _, notice in notices] == ["1001", "1002"]
    assert len({key for key, _ in notices}) == 2


def test_where_no_address_is_known_nobody_is_told() -> None:
    assert told(LINK) == []


def test_nothing_follows_where_the_register_has_changed() -> None:
    ports = Recorder({"register.save": False})
    assert carry_out(ports) == RegisterChanged()
    assert ports.names == ["register.save"]


def test_an_import_that_changes_nothing_is_not_written_down() -> None:
    ports = Recorder({"register.save": True, "links.end_moved": []})
    unchanged = plan([said("1001")], [stored(n1001=ACTIVE)])
    assert carry_out(ports, unchanged) == Imported(())
    assert ports.names == ["register.save", "links.end_moved"]


def test_a_link_that_an_earlier_import_left_behind_ends_too() -> None:
    ports = Recorder({"register.save": True, "links.end_moved": [LINK]})
    carry_out(ports, plan([said("1001")], [stored(n1001=ACTIVE)]))
    assert "audit link.ended" in ports.names
