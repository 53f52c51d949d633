"""The person: blocked or not, and linked to which customers."""

from datetime import UTC, datetime

from idp.core.people.customer import CustomerNumber, LinkedCustomer
from idp.core.people.organisation_number import OrganisationNumber
from idp.core.people.person import Person

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_person(*customer_ids: str, blocked_at: datetime | None = None) -> Person:
    return Person(
        id="p1",
        sub="s1",
        name="Åsa Öberg",
        given_name="Åsa",
        surname="Öberg",
        birthdate=None,
        blocked_at=blocked_at,
        links=tuple(
            LinkedCustomer(
                customer_id=customer_id,
                number=CustomerNumber("10012345"),
                organisation_number=OrganisationNumber.parse("556016-0680"),
                name="Exempelbolaget AB",
                city="Stockholm",
                linked_at=NOW,
            )
            for customer_id in customer_ids
        ),
    )


def test_a_person_is_blocked_from_a_time_on() -> None:
    assert a_person(blocked_at=NOW).is_blocked
    assert not a_person().is_blocked


def test_a_link_is_found_by_its_customer() -> None:
    person = a_person("c1", "c2")
    assert person.link_to("c2") is person.links[1]
    assert person.link_to("c3") is None
