"""Link a person: a proved number opens its customer to a person with an account, unless something stands in the way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from idp.core.audit_log import Audit
from idp.core.events import LinkMade, LinkShutOut
from idp.core.evidence.bundle import Act, ActKind
from idp.core.evidence.ports import Evidence
from idp.core.linking.ports import AlreadyLinked, Linked, Links, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondProof, SecondProofNeeded
from idp.core.linking.tell_of_link import TellOfLink


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPerson:
    """Makes the link, and tells the audit log what came of it, and of a new one everybody concerned."""

    links: Links
    tell: TellOfLink
    evidence: Evidence
    audit: Audit
    second_proof: SecondProof
    fresh_for: timedelta
    """How long a link is told to be new."""

    def __call__(
        self, person_id: str, proved: Proved, now: datetime, *, authentication_id: str | None
    ) -> Linked | AlreadyLinked | ShutOut | NumberMoved | SecondProofNeeded:
        """Link; evidence of it rests on the identification of this authentication."""
        needed = self.second_proof(person_id, proved)
        if needed is not None:
            return needed
        customer_id = proved.customer_id
        fresh_until = now + self.fresh_for
        outcome = self.links.link(person_id, customer_id, proved.number, proved.assurance, now, fresh_until=fresh_until)
        match outcome:
            case Linked():
                self.audit.record(LinkMade(person_id=person_id, customer_id=customer_id), now)
                self._keep(person_id, proved, authentication_id, now)
                self.tell(person_id, proved, now)
            case ShutOut():
                self.audit.record(LinkShutOut(person_id=person_id, customer_id=customer_id), now)
            case AlreadyLinked() | NumberMoved():
                pass
            case _:
                assert_never(outcome)
        return outcome

    def _keep(self, person_id: str, proved: Proved, authentication_id: str | None, now: datetime) -> None:
        act = Act(
            kind=ActKind.LINK,
            at=now,
            person_id=person_id,
            customer_id=proved.customer_id,
            facts={"number": proved.number, "assurance": proved.assurance.value},
        )
        self.evidence.keep_act(act, authentication_id=authentication_id, now=now)
