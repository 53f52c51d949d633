"""Identify: a completed order becomes a session of a known person, or the pending identity of somebody without an account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from idp.core.audit import Audit
from idp.core.events import EvidenceRejected, LoginIdentified, LoginRejected, SessionStarted
from idp.core.identification.assertion import Assertion
from idp.core.identification.bankid.order import Order
from idp.core.identification.bankid.trust import Distrust, Distrusted
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.logout import SignedIn
from idp.core.oidc.tokens.grant import new_id
from idp.core.people.person import Person
from idp.core.signin.interaction import Identified, PendingIdentity
from idp.core.signin.journey import Journey
from idp.core.signin.ports import EndSession, Interactions, Orders, People, Sessions
from idp.core.signin.session import Session


class NotThisPerson(StrEnum):
    """Why a true identification logs nobody in; a fact of the audit log."""

    OTHER_PERSON = "otherPerson"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A known person, whose session opens with the new cookie from now on."""

    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Somebody without an account; the identity waits in the interaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The order is not believed; the page says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SomebodyElse:
    """After registering, only the person who registered may go on in this interaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The person's account is suspended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookies:
    """Hashes of the two cookies that an identification is about."""

    session: str
    """Fresh for every login (session fixation, CWE-384)."""
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPolicy:
    """What the settings say about a login."""

    session_life: timedelta
    """From the identification to the session's absolute end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """Believes an order or rejects it, once. Raises Overtaken when another request was first with the order or the interaction."""

    judge: Callable[[Order], Assertion | Distrusted]
    orders: Orders
    people: People
    interactions: Interactions
    sessions: Sessions
    end_session: EndSession
    audit: Audit
    policy: LoginPolicy

    def __call__(
        self, journey: Journey, order: Order, cookies: Cookies, now: datetime
    ) -> Recognised | Unknown | Rejected | SomebodyElse | Blocked:
        judged = self.judge(order)
        if isinstance(judged, Distrusted):
            return self._reject(journey, order, judged, now)
        self.orders.use(order.id, now)
        person = self.people.recognise(judged, now, create=not journey.client.require_customer_link)
        if person is not None and person.is_blocked:
            self._note_rejected(journey, order, NotThisPerson.BLOCKED, person, now)
            return Blocked()
        if _is_somebody_else(journey, person):
            self._note_rejected(journey, order, NotThisPerson.OTHER_PERSON, person, now)
            return SomebodyElse()
        self._believe(journey, order, judged, person, cookies, now)
        return Recognised(person_id=person.id) if person else Unknown()

    def _reject(self, journey: Journey, order: Order, why: Distrusted, now: datetime) -> Rejected:
        self.orders.reject(order.id, why.reason, now)
        self._note_evidence(order, why.detail, now)
        self._note_rejected(journey, order, why.reason, None, now)
        return Rejected()

    def _believe(
        self,
        journey: Journey,
        order: Order,
        assertion: Assertion,
        person: Person | None,
        cookies: Cookies,
        now: datetime,
    ) -> None:
        authentication = _authentication(assertion, person, now)
        session = _session(journey, authentication, person, self.policy, now) if person else None
        identified = Identified(
            at=authentication.at,
            authentication_id=authentication.id,
            person_id=person.id if person else None,
            pending=None if person else PendingIdentity(identity=assertion.identity, profile=assertion.profile),
        )
        self.interactions.record_identified(journey.ongoing, identified, session.id if session else None, now)
        self.people.record_authentication(authentication, assertion, order.id)
        if session is not None:
            self._open(session, journey.session, cookies, now)
        self._note_evidence(order, assertion.unproved, now)
        identified_event = LoginIdentified(
            person_id=person.id if person else None,
            client_id=journey.client.client_id,
            interaction_id=journey.ongoing.id,
            authentication_id=authentication.id,
            launch=order.launch,
        )
        self.audit.record(identified_event, now)

    def _open(self, session: Session, old: Session | None, cookies: Cookies, now: datetime) -> None:
        """Renew the browser's session for the same person, or end it and start another; never merge two people."""
        if old is not None and old.id == session.id:
            self.sessions.renew(session, cookies.session)
            return
        if old is not None:
            self.end_session(SignedIn(session_id=old.id, person=old.person), now, reason="another_person")
        self.sessions.start(session, cookies.session)
        started = SessionStarted(person_id=session.person.id, session_id=session.id, browser=cookies.browser[:16])
        self.audit.record(started, now)

    def _note_evidence(self, order: Order, problem: str | None, now: datetime) -> None:
        if problem is not None:
            self.audit.record(EvidenceRejected(order_id=order.id, reason=problem), now)

    def _note_rejected(
        self, journey: Journey, order: Order, why: Distrust | NotThisPerson, person: Person | None, now: datetime
    ) -> None:
        rejected = LoginRejected(
            person_id=person.id if person else None,
            interaction_id=journey.ongoing.id,
            reason=why,
            order_id=order.id,
        )
        self.audit.record(rejected, now)


def _is_somebody_else(journey: Journey, person: Person | None) -> bool:
    interaction = journey.ongoing
    identified = interaction.identified
    if identified is None or identified.person_id is None or interaction.registered_at is None:
        return False
    return person is None or person.id != identified.person_id


def _authentication(assertion: Assertion, person: Person | None, now: datetime) -> Authentication:
    return Authentication(
        id=new_id(now),
        person_id=person.id if person else "",
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


def _session(
    journey: Journey, authentication: Authentication, person: Person, policy: LoginPolicy, now: datetime
) -> Session:
    """The same session goes on when the same person identified."""
    old = journey.session
    return Session(
        id=old.id if old is not None and old.person.id == person.id else new_id(now),
        person=person,
        authentication=authentication,
        sso_group=journey.client.sso_group,
        started_at=now,
        seen_at=now,
        expires_at=now + policy.session_life,
    )
