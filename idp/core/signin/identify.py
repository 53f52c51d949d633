"""Identify: a completed identification becomes a session of a known person, or the pending identity of somebody without an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from idp.core.audit_log import Audit
from idp.core.events import EvidenceRejected, LoginIdentified, LoginRejected, SessionStarted
from idp.core.evidence.bundle import Act, ActKind, Identification
from idp.core.evidence.ports import Evidence
from idp.core.identification.assertion import Assertion, NotBelieved
from idp.core.identification.method import AnyMethod
from idp.core.identification.verdict import Verdict
from idp.core.ids import new_id
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.logout.end_session import SignedIn
from idp.core.people.person import PendingIdentity, Person
from idp.core.signin.interaction import Identified
from idp.core.signin.journey import Journey
from idp.core.signin.ports import EndSession, Interactions, People, Sessions
from idp.core.signin.session import Session
from idp.core.signin.tell_of_login import Login, TellOfLogin, Visit


class NotThisPerson(StrEnum):
    """Why a true identification logs nobody in; a fact of the audit log."""

    OTHER_PERSON = "otherPerson"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyYet:
    """No method has identified anybody for this interaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A known person, whose session opens with the new cookie from now on."""

    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Somebody without an account; the identity waits in the interaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The identification is not believed; the method's page says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SomebodyElse:
    """After registering, only the person who registered may go on in this interaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The person's account is suspended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The browser that an identification is about."""

    session_hash: str
    """Of the session's cookie, fresh for every login (session fixation, CWE-384)."""
    browser_hash: str
    """Of the cookie that binds interactions."""
    visit: Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPolicy:
    """What the settings say about a login."""

    session_life: timedelta
    """From the identification to the session's absolute end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """Uses an identification up, once. Raises Overtaken when another request was first with it or with the interaction."""

    methods: Sequence[AnyMethod]
    people: People
    interactions: Interactions
    sessions: Sessions
    end_session: EndSession
    tell_of_login: TellOfLogin
    evidence: Evidence
    audit: Audit
    policy: LoginPolicy

    def __call__(
        self, journey: Journey, caller: Caller, now: datetime
    ) -> NobodyYet | Recognised | Unknown | Rejected | SomebodyElse | Blocked:
        match self._complete(journey.ongoing.id, now):
            case None:
                return NobodyYet()
            case NotBelieved() as refused:
                self._note_evidence(refused.reference, refused.evidence_problem, now)
                self._note_rejected(journey, refused.reference, refused.reason, None, now, refused.decided_by)
                return Rejected()
            case Assertion() as assertion:
                return self._identified(journey, assertion, caller, now)

    def _complete(self, identification_id: str, now: datetime) -> Assertion | NotBelieved | None:
        """What the first method that is ready says."""
        for method in self.methods:
            completed = method.complete(identification_id, now)
            if completed is not None:
                return completed
        return None

    def _identified(
        self, journey: Journey, assertion: Assertion, caller: Caller, now: datetime
    ) -> Recognised | Unknown | SomebodyElse | Blocked:
        known = self.people.find_by_identity(assertion.identity)
        if known is not None and known.is_blocked:
            self._note_rejected(journey, assertion.reference, NotThisPerson.BLOCKED, known, now)
            return Blocked()
        if _is_somebody_else(journey, known):
            self._note_rejected(journey, assertion.reference, NotThisPerson.OTHER_PERSON, known, now)
            return SomebodyElse()
        identified = _identify(journey, assertion, known, now)
        self._believe(journey, assertion, identified, known, caller, now)
        return Unknown() if identified.person_id is None else Recognised(person_id=identified.person_id)

    def _believe(
        self,
        journey: Journey,
        assertion: Assertion,
        identified: Identified,
        known: Person | None,
        caller: Caller,
        now: datetime,
    ) -> None:
        """The interaction's comparison first; a person, a session and the audit log after it."""
        session_id = _session_id(journey, identified.person_id, now)
        self.interactions.record_identified(journey.ongoing, identified, session_id, now)
        person = self._recognise(identified.person_id, assertion, known, now)
        authentication = _authentication(assertion, identified, now)
        self.people.record_authentication(authentication, assertion)
        act = Act(
            kind=ActKind.LOGIN, at=assertion.at, person_id=identified.person_id, client_id=journey.client.client_id
        )
        self.evidence.keep_login(act, _identification(assertion), authentication_id=authentication.id, now=now)
        if person is not None and session_id is not None:
            session = _session(journey, session_id, authentication, person, assertion.verdict, self.policy, now)
            self._open(session, journey.session, caller, now)
            is_first = known is None or journey.ongoing.registered_at is not None
            login = Login(person=person, session_id=session_id, verdict=assertion.verdict, is_first=is_first)
            self.tell_of_login(login, caller.visit, now)
        self._note_evidence(assertion.reference, assertion.unproved, now)
        identified_event = LoginIdentified(
            person_id=identified.person_id,
            client_id=journey.client.client_id,
            interaction_id=journey.ongoing.id,
            authentication_id=authentication.id,
            method=assertion.method.name,
            verdict=assertion.verdict,
            decided_by=assertion.decided_by,
        )
        self.audit.record(identified_event, now)

    def _recognise(
        self, person_id: str | None, assertion: Assertion, known: Person | None, now: datetime
    ) -> Person | None:
        """The person as the assertion says, new or known; None while there is no account."""
        if person_id is None:
            return None
        if known is None:
            return self.people.create(person_id, assertion, now)
        if known.profile == assertion.profile or not assertion.profile.name:
            return known
        return self.people.refresh(known.id, assertion.profile)

    def _open(self, session: Session, old: Session | None, caller: Caller, now: datetime) -> None:
        """Renew the browser's session for the same person, or end it and start another; never merge two people."""
        if old is not None and old.id == session.id:
            self.sessions.renew(session, caller.session_hash)
            return
        if old is not None:
            self.end_session(SignedIn(session_id=old.id, person=old.person), now, reason="another_person")
        self.sessions.start(session, caller.session_hash)
        started = SessionStarted(person_id=session.person.id, session_id=session.id, browser=caller.browser_hash[:16])
        self.audit.record(started, now)

    def _note_evidence(self, reference: str, problem: str | None, now: datetime) -> None:
        if problem is not None:
            self.audit.record(EvidenceRejected(reference=reference, reason=problem), now)

    def _note_rejected(
        self,
        journey: Journey,
        reference: str,
        why: str,
        person: Person | None,
        now: datetime,
        decided_by: str | None = None,
    ) -> None:
        rejected = LoginRejected(
            person_id=person.id if person else None,
            interaction_id=journey.ongoing.id,
            reason=why,
            reference=reference,
            decided_by=decided_by,
        )
        self.audit.record(rejected, now)


def _is_somebody_else(journey: Journey, person: Person | None) -> bool:
    interaction = journey.ongoing
    identified = interaction.identified
    if identified is None or identified.person_id is None or interaction.registered_at is None:
        return False
    return person is None or person.id != identified.person_id


def _identify(journey: Journey, assertion: Assertion, known: Person | None, now: datetime) -> Identified:
    """An account is made at once only for a client that needs no customer."""
    person_id = known.id if known else None if journey.client.require_customer_link else new_id(now)
    pending = PendingIdentity(identity=assertion.identity, profile=assertion.profile) if person_id is None else None
    return Identified(
        at=assertion.at,
        authentication_id=new_id(now),
        person_id=person_id,
        pending=pending,
        verdict=assertion.verdict,
    )


def _authentication(assertion: Assertion, identified: Identified, now: datetime) -> Authentication:
    return Authentication(
        id=identified.authentication_id,
        person_id=identified.person_id or "",
        at=assertion.at,
        method=assertion.method.name,
        provider=assertion.method.provider,
        acr=assertion.method.acr,
        amr=assertion.amr,
        txn=new_id(now),
        device_ip=assertion.device_ip,
        credential_valid_from=assertion.credential_valid_from,
        credential_valid_to=assertion.credential_valid_to,
    )


def _identification(assertion: Assertion) -> Identification:
    return Identification(
        method=assertion.method.name,
        reference=assertion.reference,
        at=assertion.at,
        kind=assertion.evidence.kind,
        parts=assertion.evidence.parts,
    )


def _session_id(journey: Journey, person_id: str | None, now: datetime) -> str | None:
    """The same session goes on when the same person identified; None while there is no account."""
    if person_id is None:
        return None
    old = journey.session
    return old.id if old is not None and old.person.id == person_id else new_id(now)


def _session(
    journey: Journey,
    session_id: str,
    authentication: Authentication,
    person: Person,
    verdict: Verdict,
    policy: LoginPolicy,
    now: datetime,
) -> Session:
    return Session(
        id=session_id,
        person=person,
        authentication=authentication,
        verdict=verdict,
        sso_group=journey.client.sso_group,
        started_at=now,
        seen_at=now,
        expires_at=now + policy.session_life,
    )
