"""Identification: a completed order becomes a session of a known person, or a pending identity of an unknown one."""

from dataclasses import dataclass
from datetime import datetime

from flask import redirect, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.events import EvidenceRejected, LoginIdentified, LoginRejected, SessionStarted
from idp.core.identification.bankid.api import BankIdKind, Completion
from idp.core.identification.bankid.order import Launch, Order
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.logout import SignedIn
from idp.core.oidc.tokens.grant import new_id
from idp.core.people.person import Person
from idp.core.signin.interaction import Identified, PendingIdentity
from idp.core.signin.ports import SignedFacts
from idp.core.signin.session import Session
from idp.core.signin.start import read
from idp.core.signin.steps.bankid_login import TrustPolicy, distrust
from idp.web.cookies import Cookie, digest, new_secret
from idp.web.errors import PageProblem
from idp.web.services import services
from idp.web.session_end import end_session
from idp.web.signin.visit import Visit

OTHER_PERSON = "otherPerson"
"""Hint code of ours: somebody else's BankID was used to log in again."""
NOT_PROVED = "evidenceRefused"
"""Hint code of ours: the signature does not prove what the answer says."""


def identify(visit: Visit, order: Order) -> BaseResponse:
    """Believe the order or reject it, once, and send the person to the dispatcher with a new session cookie.

    Raises PageProblem when the person is blocked.
    """
    known = services()
    completion = order.completion
    if completion is None:
        raise AssertionError("a complete order has its completion")
    problem = _problem(visit, order, completion)
    if isinstance(problem, str):
        known.orders.reject(order.id, problem, visit.now)
        rejected = LoginRejected(interaction_id=visit.id, reason=problem, order_id=order.id)
        known.audit.record(rejected, visit.now)
        return redirect(visit.base, code=303)
    if known.orders.use(order.id, visit.now) is None:
        return redirect(visit.base, code=303)
    return _believe(visit, order, completion, problem)


def _problem(visit: Visit, order: Order, completion: Completion) -> SignedFacts | str | None:
    """The reason to reject it, or what its signature says (None when evidence is not read)."""
    known = services()
    bankid = known.settings.bankid
    policy = TrustPolicy(refuse_risk=bankid.refuse_risk, low_risk_suffices=bankid.low_risk_suffices)
    reason = distrust(order, completion, policy)
    if reason is not None:
        return reason.value
    asked = read(order.request)
    facts = known.evidence.read(
        completion,
        visible=asked.user_visible_data,
        hidden=asked.user_non_visible_data,
        at=order.completed_at or visit.now,
    )
    if isinstance(facts, str):
        known.audit.record(EvidenceRejected(order_id=order.id, reason=facts), visit.now)
        return NOT_PROVED if known.settings.bankid.evidence == "require" else None
    return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """The session that a new identification leads to, and the cookie that opens it."""

    session: Session
    secret: str


def _believe(visit: Visit, order: Order, completion: Completion, facts: SignedFacts | None) -> BaseResponse:
    known = services()
    person = known.people.recognise(completion, visit.now, create=not visit.client.require_customer_link)
    if person is not None and person.is_blocked:
        known.unit_of_work.commit()
        raise PageProblem("blocked", 403, client_id=visit.client.client_id)
    if _is_somebody_else(visit, person):
        rejected = LoginRejected(
            person_id=person.id if person else None, interaction_id=visit.id, reason=OTHER_PERSON, order_id=order.id
        )
        known.audit.record(rejected, visit.now)
        return redirect(f"{visit.base}/again?other=1", code=303)
    authentication = _authentication(visit, order, completion, person, facts)
    known.people.record_authentication(authentication, completion, order.id)
    standing = _stand(visit, person, authentication) if person else None
    identified = Identified(
        at=authentication.at,
        authentication_id=authentication.id,
        person_id=person.id if person else None,
        pending=None if person else _pending(completion),
    )
    known.interactions.record_identified(
        visit.interaction, identified, standing.session.id if standing else None, visit.now
    )
    believed = LoginIdentified(
        person_id=person.id if person else None,
        client_id=visit.client.client_id,
        interaction_id=visit.id,
        authentication_id=authentication.id,
        launch=order.launch,
    )
    known.audit.record(believed, visit.now)
    response = redirect(visit.base, code=303)
    if standing is not None:
        known.cookies.write(response, Cookie.SESSION, standing.secret, visit.client.sso_group)
    return response


def _is_somebody_else(visit: Visit, person: Person | None) -> bool:
    """After registering, only the person who registered may go on in this interaction."""
    identified = visit.interaction.identified
    if identified is None or identified.person_id is None or visit.interaction.registered_at is None:
        return False
    return person is None or person.id != identified.person_id


def _authentication(
    visit: Visit, order: Order, completion: Completion, person: Person | None, facts: SignedFacts | None
) -> Authentication:
    return Authentication(
        id=new_id(visit.now),
        person_id=person.id if person else "",
        at=order.completed_at or visit.now,
        acr=services().settings.sign_in.acr,
        amr=methods(order.launch, facts),
        txn=new_id(visit.now),
        device_ip=completion.device_ip,
        credential_valid_from=facts.valid_from if facts else None,
        credential_valid_to=facts.valid_to if facts else None,
    )


def methods(launch: Launch, facts: SignedFacts | None) -> tuple[str, ...]:
    """The `amr` values (RFC 8176 2): only what can be known. A code scanned by another device is a second channel."""
    match facts.kind if facts else None:
        case BankIdKind.CARD:
            return ("sc", "pin", "mfa")
        case BankIdKind.FILE:
            return ("swk", "pin", "mfa")
        case _:
            return ("swk", "mfa", "mca") if launch is Launch.QR else ("swk", "mfa")


def _pending(completion: Completion) -> PendingIdentity:
    return PendingIdentity(
        personal_number=completion.user.personal_number,
        name=completion.user.name,
        given_name=completion.user.given_name,
        surname=completion.user.surname,
    )


def _stand(visit: Visit, person: Person, authentication: Authentication) -> _Standing:
    """Renew the browser's session for the same person, or end it and start another; never merge two people.

    The cookie is new at every login (session fixation, CWE-384).
    """
    known = services()
    secret = new_secret()
    old = visit.journey.session
    same = old is not None and old.person.id == person.id
    session = _session(visit.now, person, authentication, visit.client.sso_group, old.id if old and same else None)
    if old is not None and same and known.sessions.renew(session, digest(secret)):
        return _Standing(session=session, secret=secret)
    if old is not None:
        end_session(SignedIn(session_id=old.id, person=old.person), visit.now, reason="another_person")
    cookie = known.cookies.read(request, Cookie.BROWSER)
    browser = digest(cookie)[:16] if cookie else ""
    known.audit.record(SessionStarted(person_id=person.id, session_id=session.id, browser=browser), visit.now)
    known.sessions.start(session, digest(secret))
    return _Standing(session=session, secret=secret)


def _session(
    now: datetime, person: Person, authentication: Authentication, group: str, session_id: str | None
) -> Session:
    return Session(
        id=session_id or new_id(now),
        person=person,
        authentication=authentication,
        sso_group=group,
        started_at=now,
        seen_at=now,
        expires_at=now + services().settings.sign_in.session_absolute,
    )
