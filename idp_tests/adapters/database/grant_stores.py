"""What keeps grants, with the rows that a grant points to: a database, or the memory that tests of the core stand on."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from idp.adapters.database.engine import connection
from idp.adapters.database.evidence import DatabaseEvidence
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.tables import authentications, identities, links, people
from idp.core.evidence.bundle import ActKind, Identification
from idp.core.ids import new_id
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.customer import CustomerNumber
from idp.core.people.identity import Evidence
from idp.core.people.organisation_number import OrganisationNumber
from idp.core.people.person import Person
from idp_tests.adapters.database.seeds import add_authentication, add_customer, add_link, add_person
from idp_tests.builders import a_bundle, a_customer, a_person, an_act, an_authentication, an_identity
from idp_tests.builders import kept as as_kept
from idp_tests.databases import CIPHER, NOW
from idp_tests.fakes import FakeGrants

NUMBER = "199001010017"
"""Of the one person."""
CONSENT = an_act(kind=ActKind.CONSENT)
"""Of the same login; its evidence has no identification to give."""


@dataclass(frozen=True)
class InDatabase:
    """Inside of a unit of work."""

    grants: DatabaseGrants = field(default_factory=lambda: DatabaseGrants(CIPHER))

    def person(self) -> Person:
        return add_person(NUMBER)

    def authentication(self, person: Person) -> Authentication:
        event = add_authentication(person)
        identity = select(identities.c.id).where(identities.c.person_id == person.id).scalar_subquery()
        row = update(authentications).where(authentications.c.id == event.id)
        connection().execute(row.values(identity_id=identity))
        return event

    def prove(self, event: Authentication, kept: Evidence) -> None:
        found = Identification(method="bankid", reference="o1", at=event.at, kind=kept.kind, parts=kept.parts)
        bundles = a_bundle(identification=found), a_bundle(reference="e2", act=CONSENT, identification=None)
        for bundle in bundles:
            DatabaseEvidence(CIPHER).keep(as_kept(bundle, event.id))

    def link(self, person: Person, number: str = "123456", organisation_number: str = "5560160680") -> str:
        customer_id = add_customer(number=number, organisation_number=organisation_number)
        add_link(person, customer_id, number=number)
        return customer_id

    def end_links(self) -> None:
        connection().execute(update(links).values(ended_at=NOW))

    def block(self, at: datetime | None = NOW) -> None:
        connection().execute(update(people).values(blocked_at=at))


@dataclass(frozen=True)
class InMemory:
    """The same without rows."""

    grants: FakeGrants = field(default_factory=FakeGrants)

    def person(self) -> Person:
        person = a_person(id=new_id(NOW), contact=None, registered_at=None, links=())
        self.grants.people[person.id] = person
        self.grants.identities[person.id] = an_identity(NUMBER)
        return person

    def authentication(self, person: Person) -> Authentication:
        event = an_authentication(id=new_id(NOW), person_id=person.id)
        self.grants.authentications[event.id] = event
        return event

    def prove(self, event: Authentication, kept: Evidence) -> None:
        self.grants.evidence[event.id] = kept

    def link(self, person: Person, number: str = "123456", organisation_number: str = "5560160680") -> str:
        organisation = OrganisationNumber.parse(organisation_number)
        customer = a_customer(new_id(NOW), number=CustomerNumber(number), organisation_number=organisation)
        known = self.grants.people[person.id]
        self.grants.people[person.id] = replace(known, links=(*known.links, customer))
        return customer.customer_id

    def end_links(self) -> None:
        self._change(links=())

    def block(self, at: datetime | None = NOW) -> None:
        self._change(blocked_at=at)

    def _change(self, **fields: Any) -> None:
        for person in list(self.grants.people.values()):
            self.grants.people[person.id] = replace(person, **fields)


Store = InDatabase | InMemory
