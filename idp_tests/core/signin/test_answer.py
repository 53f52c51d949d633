import hashlib
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from idp.core.events import LoginAnswered
from idp.core.oidc.authorize.response import AuthorizationResponse
from idp.core.oidc.claims.claim_names import PERSONAL_NUMBER_CLAIM
from idp.core.oidc.errors import Redirected
from idp.core.overtaken import Overtaken
from idp.core.signin.answer import CODE_LIFETIME, Answer, grant_for, sid_for
from idp.core.signin.interaction import Interaction, Outcome
from idp.core.signin.journey import Journey
from idp_tests.builders import (
    NOW,
    a_client,
    a_customer,
    a_journey,
    a_person,
    a_request,
    a_session,
    an_interaction,
    identified,
)
from idp_tests.cases import each
from idp_tests.recorder import Recorder

MONTH = timedelta(days=30)


def use_case(ports: Recorder) -> Answer:
    ports.answers.setdefault("grants.open", True)
    ports.answers.setdefault("interactions.hold", lambda interaction, _: replace(interaction, version=7))
    ports.answers.setdefault("tokens.code_for", lambda grant_id: f"code of {grant_id}")
    return Answer(
        interactions=ports.port("interactions"),
        grants=ports.port("grants"),
        audit=ports.port("audit"),
        keys=SimpleNamespace(reference_tokens=ports.port("tokens")),
        issuer="https://id.example",
    )


def code_in(response: Any) -> str | None:
    assert isinstance(response, AuthorizationResponse)
    return dict(response.parameters).get("code")


def test_a_live_session_is_answered_with_one_write() -> None:
    ports = Recorder()
    response = use_case(ports)(a_journey(), NOW)
    [grant] = ports.arguments("grants.open")
    assert code_in(response) == f"code of {grant.id}"
    assert ports.names == ["grants.open", "tokens.code_for"]


def test_an_interaction_ends_with_the_grant_that_was_opened_and_it_is_told_last() -> None:
    ports = Recorder()
    use_case(ports)(a_journey(interaction=an_interaction(identified=identified())), NOW)
    assert ports.names == [
        "interactions.hold",
        "grants.open",
        "interactions.finish",
        "audit login.answered",
        "tokens.code_for",
    ]
    interaction, grant_id, outcome, _ = ports.arguments("interactions.finish")
    assert (interaction.id, interaction.version, outcome) == ("i1", 7, Outcome.FINISHED)
    assert ports.arguments("grants.open")[0].id == grant_id == ports.event(LoginAnswered).grant_id


def test_a_second_answer_is_a_lost_race_that_opens_no_grant() -> None:
    ports = Recorder({"interactions.hold": Overtaken})
    with pytest.raises(Overtaken):
        use_case(ports)(a_journey(interaction=an_interaction(identified=identified())), NOW)
    assert ports.names == ["interactions.hold"]


def test_a_pushed_request_that_was_answered_in_another_login_is_refused_and_this_login_is_over() -> None:
    ports = Recorder({"grants.open": False})
    answer = use_case(ports)(a_journey(interaction=an_interaction(identified=identified())), NOW)
    assert isinstance(answer, Redirected)
    assert (answer.code, answer.reply_to) == ("invalid_request_uri", a_request().reply_to)
    assert ports.names == ["interactions.hold", "grants.open", "interactions.finish"]
    assert ports.arguments("interactions.finish")[1:3] == (None, Outcome.LEFT)


TEN_SECONDS = timedelta(seconds=10)
ENDED = an_interaction(outcome=Outcome.FINISHED, finished_at=NOW, grant_id="g1", identified=identified())


def repeated(journey: Journey, *, live_session: str | None = "s1", after: timedelta = TEN_SECONDS) -> Any:
    live = SimpleNamespace(grant=SimpleNamespace(session_id=live_session)) if live_session else None
    return use_case(Recorder({"grants.find_live": live})).again(journey, NOW + after)


def test_a_reload_gets_the_identical_answer_for_a_while() -> None:
    assert code_in(repeated(a_journey(interaction=ENDED))) == "code of g1"
    assert repeated(a_journey(interaction=ENDED), after=TEN_SECONDS + timedelta(microseconds=1)) is None


@each("live_session", ["s2", None])
def test_an_answer_is_repeated_only_in_the_session_that_got_it(live_session: str | None) -> None:
    assert repeated(a_journey(interaction=ENDED), live_session=live_session) is None


def test_a_browser_without_the_session_gets_no_answer_again() -> None:
    assert repeated(a_journey(interaction=ENDED, session=None, person=a_person())) is None


@each("ended", [replace(ENDED, outcome=Outcome.LEFT), replace(ENDED, grant_id=None), replace(ENDED, finished_at=None)])
def test_a_login_without_an_answer_has_none_to_repeat(ended: Interaction) -> None:
    assert repeated(a_journey(interaction=ended)) is None


def test_the_grant_says_what_was_asked_and_who_allows_it() -> None:
    request = a_request(scope=("openid", "email"), resources=("https://api.example",), dpop_jkt="jkt")
    grant = grant_for(a_journey(request=request), NOW)
    assert (grant.client_id, grant.person_id, grant.authentication_id) == ("minasidor", "p1", "a1")
    assert (grant.scope, grant.resources, grant.dpop_jkt) == (request.scope, request.resources, "jkt")
    assert (grant.redirect_uri, grant.nonce, grant.code_challenge) == (request.redirect_uri, "n", "c" * 43)
    assert (grant.session_id, grant.sid) == ("s1", sid_for("s1", "minasidor"))
    assert (grant.issued_at, grant.code_expires_at) == (NOW, NOW + CODE_LIFETIME)
    assert grant.customer_id == "c1"


def test_a_code_lives_no_longer_than_the_profile_allows() -> None:
    assert timedelta(seconds=60) >= CODE_LIFETIME


def test_the_authentication_is_the_one_of_this_interaction() -> None:
    interaction = an_interaction(identified=identified(authentication_id="a2"))
    assert grant_for(a_journey(interaction=interaction), NOW).authentication_id == "a2"


def test_nobody_is_answered_for_before_somebody_is_identified() -> None:
    with pytest.raises(AssertionError):
        grant_for(a_journey(session=None), NOW)
    with pytest.raises(AssertionError):
        grant_for(a_journey(session=None, person=a_person(), interaction=an_interaction()), NOW)


def test_the_values_that_claims_were_asked_with_are_not_kept() -> None:
    claims = {"id_token": {PERSONAL_NUMBER_CLAIM: {"essential": True, "value": "191212121212"}, "email": None}}
    kept = grant_for(a_journey(request=a_request(claims=claims)), NOW).claims
    assert kept == {"id_token": {PERSONAL_NUMBER_CLAIM: {"essential": True}, "email": None}}


def test_each_client_knows_the_session_by_another_name() -> None:
    assert sid_for("s1", "one") == sid_for("s1", "one")
    assert len({sid_for("s1", "one"), sid_for("s1", "two"), sid_for("s2", "one")}) == 3
    assert sid_for("s1", "one") == hashlib.sha256(b"s1\none").hexdigest()[:32]


def refreshing(**client: Any) -> Any:
    members = {"grant_types": frozenset({"authorization_code", "refresh_token"}), "refresh_lifetime": MONTH}
    return a_client(**members | client)


def test_a_client_without_refresh_gets_none() -> None:
    for client in (a_client(), refreshing(refresh_lifetime=None), refreshing(first_party=False)):
        grant = grant_for(a_journey(client=client), NOW)
        assert (grant.refresh_expires_at, grant.offline) == (None, False)


def test_a_third_party_refreshes_when_offline_access_was_asked() -> None:
    client = refreshing(first_party=False, refresh_bound_to_session=False)
    grant = grant_for(a_journey(client=client, request=a_request(scope=("openid", "offline_access"))), NOW)
    assert (grant.refresh_expires_at, grant.offline) == (NOW + MONTH, True)


def test_what_is_bound_to_the_session_ends_with_it() -> None:
    session = a_session()
    grant = grant_for(a_journey(client=refreshing(refresh_bound_to_session=True), session=session), NOW)
    assert (grant.refresh_expires_at, grant.offline) == (session.expires_at, False)


def test_the_row_outlives_its_last_token() -> None:
    client = refreshing(refresh_bound_to_session=False)
    assert grant_for(a_journey(client=client), NOW).expires_at == NOW + MONTH + timedelta(days=1)
    longest = NOW + CODE_LIFETIME + a_client().access_token_lifetime
    assert grant_for(a_journey(), NOW).expires_at == longest + timedelta(days=1)


def test_the_company_of_the_login_is_the_chosen_one() -> None:
    person = a_person(links=(a_customer("c1"), a_customer("c2")))
    interaction = an_interaction(identified=identified(), chosen_customer_id="c2")
    assert grant_for(a_journey(person=person, interaction=interaction), NOW).customer_id == "c2"
