from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.core.evidence.bundle import ActKind
from idp.core.overtaken import Overtaken
from idp.core.signin.interaction import Outcome
from idp.core.signin.journey import Journey
from idp.core.signin.steps.consent import Allowed, Consent, DecideConsent, Decision, Denied, ReasonToAsk, asked
from idp_tests.builders import NOW, a_client, a_customer, a_journey, a_person, a_request, an_interaction
from idp_tests.recorder import Recorder

YEAR = timedelta(days=365)
JOURNEY = a_journey(
    client=a_client(first_party=False),
    request=a_request(scope=("openid", "email", "customer")),
    interaction=an_interaction(),
)


def decide(ports: Recorder, decision: Decision) -> Any:
    use_case = DecideConsent(
        interactions=ports.port("interactions"),
        consents=ports.port("consents"),
        evidence=ports.port("evidence"),
        audit=ports.port("audit"),
        lifetime=YEAR,
    )
    return use_case(JOURNEY, decision, NOW)


def test_an_allow_is_recorded_first_and_then_remembered() -> None:
    ports = Recorder()
    scope = ("customer", "customer:c1", "email", "openid")
    assert decide(ports, Decision.ALLOW) == Allowed(scope=scope)
    assert ports.names == ["interactions.record_passed", "consents.allow", "audit consent.allowed", "evidence.keep_act"]
    assert ports.arguments("interactions.record_passed")[1:] == ("consent", NOW)
    assert ports.arguments("consents.allow") == ("p1", "minasidor", scope, NOW, NOW + YEAR)


def test_evidence_says_who_allowed_which_client_what_after_which_login() -> None:
    ports = Recorder()
    decide(ports, Decision.ALLOW)
    [(_, (act,), named)] = [call for call in ports.calls if call[0] == "evidence.keep_act"]
    assert (act.kind, act.at, act.person_id, act.customer_id, act.client_id) == (
        ActKind.CONSENT, NOW, "p1", "c1", "minasidor",
    )  # fmt: skip
    assert act.facts == {"scope": ("customer", "customer:c1", "email", "openid")}
    assert named == {"authentication_id": "a1", "now": NOW}


def test_a_denial_ends_the_interaction_and_remembers_nothing() -> None:
    ports = Recorder()
    answer = decide(ports, Decision.DENY)
    assert isinstance(answer, Denied)
    assert (answer.error.code, answer.error.reply_to) == ("access_denied", JOURNEY.request.reply_to)
    assert ports.names == ["interactions.finish", "audit consent.denied"]
    assert ports.arguments("interactions.finish")[1:3] == (None, Outcome.LEFT)


@pytest.mark.parametrize(
    ("decision", "lost"),
    [(Decision.ALLOW, "interactions.record_passed"), (Decision.DENY, "interactions.finish")],
)
def test_a_lost_race_is_raised_before_anything_is_remembered_or_told(decision: Decision, lost: str) -> None:
    ports = Recorder({lost: Overtaken})
    with pytest.raises(Overtaken):
        decide(ports, decision)
    assert ports.names == [lost]


# --- what the person reads ----------------------------------------------------------------------------------------------


def of(*, confirmed: bool = False, scope: tuple[str, ...] = ("openid", "email", "phone"), **client: Any) -> Journey:
    return a_journey(
        client=a_client(first_party=False, **client),
        request=a_request(scope=scope),
        person=a_person(email_confirmed=confirmed, links=(a_customer(),)),
    )


def test_the_page_names_the_very_address_and_says_when_it_goes_only_once_confirmed() -> None:
    for journey, item in ((of(confirmed=True), "email"), (of(), "email_once_confirmed")):
        assert asked(journey).items == ("identity", item)
        assert asked(journey).details[item] == "anna@example.se"


def test_a_client_that_may_have_what_was_typed_is_asked_for_with_both() -> None:
    page = asked(of(unconfirmed_contact_allowed=True))
    assert page.items == ("identity", "email", "phone")
    assert (page.details["email"], page.details["phone"]) == ("anna@example.se", "+46701234567")


def test_nobody_is_asked_about_a_number_that_the_client_never_gets_nor_does_an_allow_cover_it() -> None:
    by_name = a_request(scope=("openid",), claims={"userinfo": {"phone_number": None}})
    for journey in (of(scope=("openid", "phone")), replace(of(), request=by_name)):
        assert asked(journey).items == ("identity",)
        assert Consent().pending(replace(journey, allowed_scope=frozenset({"openid"}))) is None
    free = of(scope=("openid", "phone"), unconfirmed_contact_allowed=True)
    assert Consent().pending(replace(free, allowed_scope=frozenset({"openid"}))) is ReasonToAsk.SCOPES_MISSING


def test_the_page_names_the_company_and_who_asks() -> None:
    page = asked(
        of(scope=("openid", "customer"), policy_uri="https://p.example/policy", tos_uri="https://p.example/tos")
    )
    assert page.details["customer"] == "Exempelbolaget AB, 10012345"
    assert (page.host, page.policy_uri, page.tos_uri) == (
        "minasidor.example", "https://p.example/policy", "https://p.example/tos",
    )  # fmt: skip


def test_an_app_has_no_host_and_a_stranger_no_details() -> None:
    app = replace(of(), request=a_request(redirect_uri="se.app.example:/cb", scope=("openid", "email")), person=None)
    assert (asked(app).host, asked(app).items, asked(app).details) == (None, ("identity", "email"), {})
