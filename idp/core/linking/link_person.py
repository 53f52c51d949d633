"""Link a person: a proved number opens its customer to a person with an account, unless something stands in the way."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from idp.core.audit_log import Audit
from idp.core.events import LinkMade, LinkShutOut
from idp.core.linking.ports import AlreadyLinked, Linked, Links, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.people.customer import LinkAssurance


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPerson:
    """Makes the link, and tells the audit log what came of it."""

    links: Links
    audit: Audit

    def __call__(self, person_id: str, proved: Proved, now: datetime) -> Linked | AlreadyLinked | ShutOut | NumberMoved:
        customer_id = proved.customer_id
        outcome = self.links.link(person_id, customer_id, proved.number, LinkAssurance.LEGACY_KNOWLEDGE, now)
        match outcome:
            case Linked():
                self.audit.record(LinkMade(person_id=person_id, customer_id=customer_id), now)
            case ShutOut():
                self.audit.record(LinkShutOut(person_id=person_id, customer_id=customer_id), now)
            case AlreadyLinked() | NumberMoved():
                pass
            case _:
                assert_never(outcome)
        return outcome
