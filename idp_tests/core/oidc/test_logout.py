"""Logout: whether the person is asked, which sessions end, who is told, and where the browser goes then."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from idp.core.oidc.clients.client import Client, SubjectType
from idp.core.oidc.logout import (
    EndSession,
    Farewell,
    LoggedOut,
    LogOut,
    PersonDecides,
    SentBack,
    SignedIn,
    logout_token,
)
from idp.core.oidc.logout_request import LogoutRequest, LogoutRequests
from idp.core.oidc.parameters import RawParameters
from idp.core.people.person import Person
from idp_tests.asking import PushedInMemory
from idp_tests.builders import NOW, a_person
from idp_tests.cases import each
from idp_tests.client_side import ISSUER
from idp_tests.recorder import Recorder
from idp_tests.tokens import TOKEN_ISSUER, Desk, app, changed_id_token, partner, portal, read

BYE = "https://minasidor.example/bye"
ANNA = SignedIn(session_id="s1", person=a_person())
BO = SignedIn(session_id="s2", person=a_person(id="p2", sub="sub-2"))
GROUP = portal().sso_group
NOBODY_ASKS = LogoutRequest(client=None, hint=None, redirect_uri=None, state=None)

Sessions = Mapping[str, SignedIn]
"""Of a browser, by single sign-on group; its cookies hash to `cookie of <group>`."""


class SessionsOf:
    """The ports `OpenSessions` and `People`."""

    def __init__(self, browser: Sessions) -> None:
        self.browser = browser

    def find_unended(self, cookie_hash: str, sso_group: str) -> tuple[str, str] | None:
        assert cookie_hash == f"cookie of {sso_group}"
        session = self.browser[sso_group]
        return session.session_id, session.person.id

    def find(self, person_id: str) -> Person | None:
        return next((one.person for one in self.browser.values() if one.person.id == person_id), None)

    def cookie_hash(self, group: str) -> str | None:
        return f"cookie of {group}" if group in self.browser else None


def use_case(desk: Desk, known: SessionsOf) -> LogOut:
    def ending(session: SignedIn, now: datetime, *, reason: str) -> LoggedOut:
        assert (now, reason) == (NOW, "logout")
        return end(desk, session)

    return LogOut(
        clients=desk.clients,
        grants=desk.grants,
        sessions=known,
        people=known,
        end_session=ending,
        token_issuer=lambda: TOKEN_ISSUER,
    )


def log_out(desk: Desk, request: LogoutRequest, browser: Sessions) -> PersonDecides | SentBack | Farewell:
    known = SessionsOf(browser)
    return use_case(desk, known)(request, known.cookie_hash, NOW)


def agree(desk: Desk, request: LogoutRequest, browser: Sessions) -> SentBack | Farewell:
    known = SessionsOf(browser)
    return use_case(desk, known).agreed(request, known.cookie_hash, NOW)


def stay(desk: Desk, request: LogoutRequest, browser: Sessions) -> str | None:
    known = SessionsOf(browser)
    return use_case(desk, known).stayed(request, known.cookie_hash)


def ask(desk: Desk, **parameters: str) -> LogoutRequest:
    read_request = LogoutRequests(
        clients=desk.clients, kept_requests=PushedInMemory(), token_issuer=lambda: TOKEN_ISSUER
    )
    return read_request(RawParameters.of(parameters.items()))


def hint(desk: Desk, **grant: Any) -> str:
    return str(desk.exchange(grant=grant)["id_token"])


def is_asked(desk: Desk, request: LogoutRequest, *signed_in: SignedIn) -> bool:
    return isinstance(log_out(desk, request, {GROUP: signed_in[0]} if signed_in else {}), PersonDecides)


def end(desk: Desk, session: SignedIn = ANNA, *, won: bool = True) -> LoggedOut:
    return make_end_session(desk, Recorder({"sessions.end": won}))(session, NOW, reason="logout")


def make_end_session(desk: Desk, ports: Recorder) -> EndSession:
    return EndSession(
        sessions=ports.port("sessions"),
        grants=desk.grants,
        outbox=desk.outbox,
        clients=desk.clients,
        audit=desk.audit,
        token_issuer=lambda: TOKEN_ISSUER,
    )


# --- whether the person is asked -------------------------------------------------------------------------------------


def test_a_hint_of_this_very_session_needs_no_question() -> None:
    desk = Desk()
    assert not is_asked(desk, ask(desk, id_token_hint=hint(desk)), ANNA)


def test_an_old_hint_still_counts() -> None:
    desk = Desk()
    old = changed_id_token(hint(desk), exp=int((NOW - timedelta(days=20)).timestamp()))
    assert not is_asked(desk, ask(desk, id_token_hint=old), ANNA)


def test_a_hint_of_another_person_or_session_asks() -> None:
    desk = Desk()
    own = hint(desk)
    for members in ({"sub": "sub-2"}, {"sid": "sid-of-another-session"}, {"sid": None}):
        assert is_asked(desk, ask(desk, id_token_hint=changed_id_token(own, **members)), ANNA)
    assert is_asked(desk, ask(desk, id_token_hint=own), BO)


def test_a_hint_with_a_pairwise_subject_is_recognised() -> None:
    desk = Desk()
    desk.use(portal(subject_type=SubjectType.PAIRWISE, sector_identifier="x.example"))
    pairwise = desk.exchange(portal(subject_type=SubjectType.PAIRWISE, sector_identifier="x.example"))["id_token"]
    assert not is_asked(desk, ask(desk, id_token_hint=pairwise), ANNA)


@each("parameters", [{}, {"state": "s"}, {"client_id": "minasidor"}, {"logout_hint": "x"}])
def test_without_a_hint_the_person_is_asked(parameters: dict[str, str]) -> None:
    desk = Desk()
    assert is_asked(desk, ask(desk, **parameters), ANNA)


def test_without_a_session_there_is_nothing_to_ask() -> None:
    desk = Desk()
    assert not is_asked(desk, ask(desk))


def test_who_is_asked_loses_no_session() -> None:
    desk = Desk()
    answer = desk.exchange(portal())
    asked = log_out(desk, NOBODY_ASKS, {GROUP: ANNA})
    assert asked == PersonDecides(apps=[portal()])
    assert desk.userinfo(answer["access_token"]).claims
    assert desk.audit.names == []


def test_the_apps_of_a_browser_are_named_once() -> None:
    desk = Desk()
    for client in (portal(), portal(), app()):
        desk.grant(client)
    desk.use(partner(sso_group="zz"))
    asked = log_out(desk, NOBODY_ASKS, {GROUP: ANNA, "zz": ANNA})
    assert isinstance(asked, PersonDecides)
    assert [one.client_name for one in asked.apps] == ["MinaSidor", "MittPreZero"]


# --- which sessions end, and where the browser goes ------------------------------------------------------------------


def in_two_groups() -> tuple[Desk, Sessions]:
    desk = Desk()
    desk.use(partner(sso_group="zz"))
    return desk, {GROUP: ANNA, "zz": BO}


def test_a_client_ends_the_session_of_its_group_alone() -> None:
    desk, browser = in_two_groups()
    done = agree(desk, ask(desk, client_id="partner"), browser)
    assert done.groups == ("zz",)
    assert desk.audit.names == ["session.ended"]


def test_a_person_whom_no_client_sent_ends_all_sessions_of_the_browser() -> None:
    desk, browser = in_two_groups()
    assert agree(desk, NOBODY_ASKS, browser).groups == (GROUP, "zz")
    assert desk.audit.names == ["session.ended", "session.ended"]


def test_a_session_whose_person_is_gone_is_no_session() -> None:
    class Gone(SessionsOf):
        def find(self, person_id: str) -> Person | None:
            return None

    desk, known = Desk(), Gone({GROUP: ANNA})
    done = use_case(desk, known)(NOBODY_ASKS, known.cookie_hash, NOW)
    assert isinstance(done, Farewell)
    assert (done.groups, desk.audit.names) == ((), [])


def test_a_valid_hint_and_an_address_send_the_browser_back() -> None:
    desk = Desk()
    request = ask(desk, id_token_hint=hint(desk), post_logout_redirect_uri=BYE)
    assert log_out(desk, request, {GROUP: ANNA}) == SentBack(groups=(GROUP,), address=BYE)
    assert log_out(desk, request, {}) == SentBack(groups=(), address=BYE)


def test_other_clients_are_told_before_the_browser_moves_on() -> None:
    desk = Desk()
    desk.use(portal(frontchannel_logout_uri="https://minasidor.example/out"))
    request = ask(desk, id_token_hint=hint(desk), post_logout_redirect_uri=BYE)
    done = log_out(desk, request, {GROUP: ANNA})
    assert isinstance(done, Farewell)
    assert len(done.frames) == 1
    assert (done.address, done.by_itself) == (BYE, True)


def test_without_a_hint_only_a_press_leads_back() -> None:
    desk = Desk()
    done = agree(desk, ask(desk, client_id="minasidor", post_logout_redirect_uri=BYE), {GROUP: ANNA})
    assert isinstance(done, Farewell)
    assert (done.address, done.by_itself, done.client) == (BYE, False, portal())


def test_a_hint_without_an_address_leads_nowhere_by_itself() -> None:
    desk = Desk()
    done = log_out(desk, ask(desk, id_token_hint=hint(desk)), {GROUP: ANNA})
    assert isinstance(done, Farewell)
    assert (done.address, done.by_itself) == (None, False)


@each("used, way_on", [([], None), ([portal()], portal()), ([portal(), app()], None)])
def test_the_only_app_is_the_way_on_where_no_client_asked(used: list[Client], way_on: Client | None) -> None:
    desk = Desk()
    for client in used:
        desk.grant(client)
    done = agree(desk, NOBODY_ASKS, {GROUP: ANNA})
    assert isinstance(done, Farewell)
    assert done.client == way_on


def test_who_stays_goes_back_to_the_client_that_asked_or_to_one_that_the_person_is_in() -> None:
    desk, home = Desk(), "https://minasidor.example/"
    desk.use(portal(client_uri=home))
    desk.use(partner(client_uri="https://partner.example/"))
    desk.grant(portal())
    assert stay(desk, ask(desk, client_id="partner"), {GROUP: ANNA}) == "https://partner.example/"
    assert stay(desk, NOBODY_ASKS, {GROUP: ANNA}) == home
    assert stay(desk, NOBODY_ASKS, {}) is None
    assert desk.audit.names == []


# --- what ends with a session -----------------------------------------------------------------------------------------


def test_ending_a_session_ends_its_tokens_and_keeps_what_is_offline() -> None:
    desk = Desk()
    web = desk.exchange(portal(), grant={"offline": False})
    phone = desk.exchange(app(), grant={"offline": True})
    elsewhere = desk.exchange(portal(), grant={"offline": False, "session_id": "s9"})
    end(desk)
    assert desk.grants.reasons == {read_grant(web): "logout"}
    assert desk.userinfo(phone["access_token"]).claims
    assert desk.userinfo(elsewhere["access_token"]).claims
    assert desk.audit.names == ["session.ended"]


def read_grant(answer: dict[str, Any]) -> str:
    reference = TOKEN_ISSUER.reference_tokens.read_access_token(answer["access_token"])
    assert reference is not None
    return reference.grant_id


def test_every_client_of_the_session_that_wants_it_is_told_once() -> None:
    desk = Desk()
    for client in (portal(), partner()):
        desk.use(replace(client, backchannel_logout_uri=f"https://{client.client_id}.example/out"))
        desk.grant(client)
        desk.grant(client)
    desk.grant(app())
    end(desk)
    assert sorted(desk.outbox.messages.values(), key=str) == [
        ("backchannel_logout", {"client_id": "minasidor", "sub": "sub-1", "sid": "sid-minasidor"}),
        ("backchannel_logout", {"client_id": "partner", "sub": "sub-1", "sid": "sid-partner"}),
    ]


def test_a_session_that_the_caller_ended_is_not_ended_once_more() -> None:
    desk, ports = Desk(), Recorder()
    assert make_end_session(desk, ports).conclude(ANNA, NOW, reason="blocked") == LoggedOut(frames=())
    assert ports.names == []
    assert desk.audit.names == ["session.ended"]


def test_of_two_logouts_at_once_one_ends_tells_and_is_noted() -> None:
    """The other browser's page may load the front-channel addresses all the same: loading them twice changes nothing."""
    desk = Desk()
    addresses = {
        "backchannel_logout_uri": "https://a.example/back",
        "frontchannel_logout_uri": "https://a.example/front",
    }
    answer = desk.exchange(desk.use(portal(**addresses)))
    assert len(end(desk, won=False).frames) == 1
    assert desk.userinfo(answer["access_token"]).claims
    assert (desk.outbox.messages, desk.audit.names) == ({}, [])


def test_a_client_whose_grants_are_revoked_is_told_all_the_same() -> None:
    desk = Desk()
    client = desk.use(portal(backchannel_logout_uri="https://minasidor.example/out"))
    desk.grants.revoke(desk.grant(client).id, NOW, reason="test")
    end(desk)
    assert len(desk.outbox.messages) == 1


def test_front_channel_addresses_carry_issuer_and_session() -> None:
    desk = Desk()
    for client, address in ((portal(), "https://minasidor.example/out"), (partner(), "https://partner.example/o?a=b")):
        desk.use(replace(client, frontchannel_logout_uri=address))
        desk.grant(client)
    assert end(desk).frames == (
        "https://minasidor.example/out?iss=https%3A%2F%2Fid.example&sid=sid-minasidor",
        "https://partner.example/o?a=b&iss=https%3A%2F%2Fid.example&sid=sid-partner",
    )


def test_a_client_that_is_gone_is_passed_over() -> None:
    desk = Desk()
    desk.grant(portal(client_id="gone"))
    assert end(desk).frames == ()
    asked = log_out(desk, NOBODY_ASKS, {GROUP: ANNA})
    assert asked == PersonDecides(apps=[])


def test_a_logout_token_is_what_the_specification_says() -> None:
    claims = read(logout_token(portal(), sub="sub-1", sid="sid-1", token_issuer=TOKEN_ISSUER, now=NOW))
    members = dict(claims.members)
    assert claims.header["typ"] == "logout+jwt"
    assert len(members.pop("jti")) >= 16
    assert members == {
        "iss": ISSUER,
        "sub": "sub-1",
        "aud": "minasidor",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=2)).timestamp()),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": "sid-1",
    }


@each("alg", ["RS256", "ES256", "PS256"])
def test_a_logout_token_is_signed_like_the_clients_id_tokens(alg: str) -> None:
    client = portal(id_token_signed_response_alg=alg)
    assert read(logout_token(client, sub="s", sid="s", token_issuer=TOKEN_ISSUER, now=NOW)).header["alg"] == alg
