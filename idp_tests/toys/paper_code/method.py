"""A toy method of identification: a one-time code from a list on paper, in the form that a real one has."""

from dataclasses import dataclass, field
from datetime import datetime

from idp.core.budgets import Exhausted
from idp.core.identification.assertion import Assertion, MethodFacts, NotBelieved
from idp.core.identification.method import Identification, Standing
from idp.core.people.identity import Evidence, Identity
from idp.core.people.person import Profile

PAPER = MethodFacts(name="paper_code", provider="https://paper.example", acr="urn:example:paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose list a code stands on."""

    member: str
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperStartRequest:
    """What its page says."""

    code: str
    address: str


@dataclass(frozen=True)
class PaperCodes:
    """The port `Method`; what a real one keeps in a table, this one keeps in memory."""

    codes: dict[str, Owner]
    ready: dict[str, Assertion] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    facts = PAPER

    def start(self, identification: Identification, request: PaperStartRequest, now: datetime) -> Exhausted | None:
        owner = self.codes.pop(request.code, None)
        if owner is None:
            self.wrong.add(identification.id)
            return None
        self.wrong.discard(identification.id)
        self.ready[identification.id] = Assertion(
            method=self.facts,
            reference=f"list of {owner.member}",
            identity=Identity(scheme="paper.member", key=owner.member),
            profile=owner.profile,
            at=now,
            amr=("otp",),
            device_ip=request.address,
            evidence=Evidence(kind="paper_code", parts={"binding": identification.binding.decode()}),
        )
        return None

    def look(self, identification_id: str) -> Standing:
        if identification_id in self.ready:
            return Standing.READY
        return Standing.FAILED if identification_id in self.wrong else Standing.NOTHING

    def cancel(self, identification_id: str, now: datetime) -> Standing:
        standing = self.look(identification_id)
        self.ready.pop(identification_id, None)
        self.wrong.discard(identification_id)
        return standing

    def complete(self, identification_id: str, now: datetime) -> Assertion | NotBelieved | None:
        return self.ready.pop(identification_id, None)
