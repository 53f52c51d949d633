"""Identification: what the browser is answered when a completed order was judged."""

from flask import redirect, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.identification.bankid.facts import bankid_facts
from idp.core.identification.bankid.order import Order
from idp.core.identification.bankid.trust import JudgeOrder, TrustPolicy
from idp.core.signin.identify import (
    Blocked,
    Cookies,
    Identify,
    LoginPolicy,
    Recognised,
    Rejected,
    SomebodyElse,
    Unknown,
)
from idp.web.cookies import Cookie, digest, new_secret
from idp.web.errors import PageProblem
from idp.web.services import services
from idp.web.session_end import end_session
from idp.web.signin.visit import Visit


def identify(visit: Visit, order: Order) -> BaseResponse:
    """Believe the order or reject it, once, and send the person to the dispatcher with a new session cookie.

    Raises PageProblem when the person is blocked.
    """
    known, secret = services(), new_secret()
    browser = known.cookies.read(request, Cookie.BROWSER)
    cookies = Cookies(session=digest(secret), browser=digest(browser) if browser else "")
    match _identify()(visit.journey, order, cookies, visit.now):
        case Recognised():
            response = redirect(visit.base, code=303)
            known.cookies.write(response, Cookie.SESSION, secret, visit.client.sso_group)
            return response
        case Unknown() | Rejected():
            return redirect(visit.base, code=303)
        case SomebodyElse():
            return redirect(f"{visit.base}/again?other=1", code=303)
        case Blocked():
            raise PageProblem("blocked", 403, client_id=visit.client.client_id)


def _identify() -> Identify:
    known = services()
    bankid, sign_in = known.settings.bankid, known.settings.sign_in
    trust = TrustPolicy(
        refuse_risk=bankid.refuse_risk,
        low_risk_suffices=bankid.low_risk_suffices,
        evidence_required=bankid.evidence_required,
    )
    return Identify(
        judge=JudgeOrder(evidence=known.evidence, policy=trust, method=bankid_facts(bankid.acr)),
        orders=known.orders,
        people=known.people,
        interactions=known.interactions,
        sessions=known.sessions,
        end_session=end_session,
        audit=known.audit,
        policy=LoginPolicy(session_life=sign_in.session_absolute),
    )
