"""Link a person: a proved number opens its customer to a person with an account, unless something stands in the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from idp.core.audit_log import Audit
from idp.core.events import LinkMade, LinkShutOut
from idp.core.linking.ports import AlreadyLinked, Concerned, Linked, Links, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondProof, SecondProofNeeded
from idp.core.messages import NEW_USER_KIND, Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPerson:
    """Makes the link, and tells the audit log what came of it, and of a new one everybody concerned."""

    links: Links
    outbox: Outbox
    audit: Audit
    second_proof: SecondProof
    fresh_for: timedelta
    """How long a link is told to be new."""

    def __call__(
        self, person_id: str, proved: Proved, now: datetime
    ) -> Linked | AlreadyLinked | ShutOut | NumberMoved | SecondProofNeeded:
        needed = self.second_proof(person_id, proved)
        if needed is not None:
            return needed
        customer_id = proved.customer_id
        fresh_until = now + self.fresh_for
        outcome = self.links.link(person_id, customer_id, proved.number, proved.assurance, now, fresh_until=fresh_until)
        match outcome:
            case Linked():
                self.audit.record(LinkMade(person_id=person_id, customer_id=customer_id), now)
                self._tell(person_id, proved, now)
            case ShutOut():
                self.audit.record(LinkShutOut(person_id=person_id, customer_id=customer_id), now)
            case AlreadyLinked() | NumberMoved():
                pass
            case _:
                assert_never(outcome)
        return outcome

    def _tell(self, person_id: str, proved: Proved, now: datetime) -> None:
        link = f"{person_id}:{proved.customer_id}:{now.isoformat()}"
        for recipient_id, notice in _notices(self.links.concerned(person_id, proved.customer_id)):
            payload = notice | {"customer_number": proved.number, "linked_at": now.isoformat()}
            self.outbox.put(NEW_USER_KIND, f"{NEW_USER_KIND}:{link}:{recipient_id}", payload, now)


def _notices(concerned: Concerned) -> Iterator[tuple[str, dict[str, Any]]]:
    """The contact on file, and each colleague who is not that; nobody hears of it twice."""
    told = {"customer_name": concerned.customer_name, "person_name": concerned.person_name}
    on_file = concerned.contact_on_file
    if on_file is not None:
        yield "contact", told | {"to": on_file, "recipient": "contact_on_file"}
    for colleague_id, address in concerned.colleagues.items():
        if address != on_file:
            yield colleague_id, told | {"to": address, "recipient": "linked_user"}
