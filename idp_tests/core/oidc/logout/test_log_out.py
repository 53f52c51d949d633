"""Logout: whether the person is asked, which sessions end, who is told, and where the browser goes then."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from idp.core.oidc.clients.client import Client, SubjectType
from idp.core.oidc.logout.end_session import LoggedOut, SignedIn
from idp.core.oidc.logout.log_out import Farewell, LogOut, PersonDecides, SentBack
from idp.core.oidc.logout.logout_request import LogoutRequest, LogoutRequests
from idp.core.oidc.parameters import RawParameters
from idp.core.people.person import Person
from idp_tests.authorization_requests import PushedInMemory
from idp_tests.builders import NOW, a_person
from idp_tests.cases import each
from idp_tests.core.oidc.logout.ending import make_end_session
from idp_tests.recorder import Recorder
from idp_tests.tokens import TOKEN_ISSUER, InMemory, app, changed_id_token, partner, portal

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


def use_case(memory: InMemory, known: SessionsOf) -> LogOut:
    def ending(session: SignedIn, now: datetime, *, reason: str) -> LoggedOut:
        assert (now, reason) == (NOW, "logout")
        return make_end_session(memory, Recorder({"sessions.end": True}))(session, now, reason=reason)

    return LogOut(
        clients=memory.clients,
        grants=memory.grants,
        sessions=known,
        people=known,
        end_session=ending,
        token_issuer=lambda: TOKEN_ISSUER,
    )


def log_out(memory: InMemory, request: LogoutRequest, browser: Sessions) -> PersonDecides | SentBack | Farewell:
    known = SessionsOf(browser)
    return use_case(memory, known)(request, known.cookie_hash, NOW)


def agree(memory: InMemory, request: LogoutRequest, browser: Sessions) -> SentBack | Farewell:
    known = SessionsOf(browser)
    return use_case(memory, known).agreed(request, known.cookie_hash, NOW)


def stay(memory: InMemory, request: LogoutRequest, browser: Sessions) -> str | None:
    known = SessionsOf(browser)
    return use_case(memory, known).stayed(request, known.cookie_hash)


def ask(memory: InMemory, **parameters: str) -> LogoutRequest:
    read_request = LogoutRequests(
        clients=memory.clients, kept_requests=PushedInMemory(), token_issuer=lambda: TOKEN_ISSUER
    )
    return read_request(RawParameters.of(parameters.items()))


def hint(memory: InMemory, **grant: Any) -> str:
    return str(memory.exchange(grant=grant)["id_token"])


def is_asked(memory: InMemory, request: LogoutRequest, *signed_in: SignedIn) -> bool:
    return isinstance(log_out(memory, request, {GROUP: signed_in[0]} if signed_in else {}), PersonDecides)


# --- whether the person is asked -------------------------------------------------------------------------------------


def test_a_hint_of_this_very_session_needs_no_question() -> None:
    memory = InMemory()
    assert not is_asked(memory, ask(memory, id_token_hint=hint(memory)), ANNA)


def test_an_old_hint_still_counts() -> None:
    memory = InMemory()
    old = changed_id_token(hint(memory), exp=int((NOW - timedelta(days=20)).timestamp()))
    assert not is_asked(memory, ask(memory, id_token_hint=old), ANNA)


def test_a_hint_of_another_person_or_session_asks() -> None:
    memory = InMemory()
    own = hint(memory)
    for members in ({"sub": "sub-2"}, {"sid": "sid-of-another-session"}, {"sid": None}):
        assert is_asked(memory, ask(memory, id_token_hint=changed_id_token(own, **members)), ANNA)
    assert is_asked(memory, ask(memory, id_token_hint=own), BO)


def test_a_hint_with_a_pairwise_subject_is_recognised() -> None:
    memory = InMemory()
    memory.use(portal(subject_type=SubjectType.PAIRWISE, sector_identifier="x.example"))
    pairwise = memory.exchange(portal(subject_type=SubjectType.PAIRWISE, sector_identifier="x.example"))["id_token"]
    assert not is_asked(memory, ask(memory, id_token_hint=pairwise), ANNA)


@each("parameters", [{}, {"state": "s"}, {"client_id": "minasidor"}, {"logout_hint": "x"}])
def test_without_a_hint_the_person_is_asked(parameters: dict[str, str]) -> None:
    memory = InMemory()
    assert is_asked(memory, ask(memory, **parameters), ANNA)


def test_without_a_session_there_is_nothing_to_ask() -> None:
    memory = InMemory()
    assert not is_asked(memory, ask(memory))


def test_who_is_asked_loses_no_session() -> None:
    memory = InMemory()
    answer = memory.exchange(portal())
    asked = log_out(memory, NOBODY_ASKS, {GROUP: ANNA})
    assert asked == PersonDecides(apps=[portal()])
    assert memory.userinfo(answer["access_token"]).claims
    assert memory.audit.names == []


def test_the_apps_of_a_browser_are_named_once() -> None:
    memory = InMemory()
    for client in (portal(), portal(), app()):
        memory.grant(client)
    memory.use(partner(sso_group="zz"))
    asked = log_out(memory, NOBODY_ASKS, {GROUP: ANNA, "zz": ANNA})
    assert isinstance(asked, PersonDecides)
    assert [one.client_name for one in asked.apps] == ["MinaSidor", "MittPreZero"]


# --- which sessions end, and where the browser goes ------------------------------------------------------------------


def in_two_groups() -> tuple[InMemory, Sessions]:
    memory = InMemory()
    memory.use(partner(sso_group="zz"))
    return memory, {GROUP: ANNA, "zz": BO}


def test_a_client_ends_the_session_of_its_group_alone() -> None:
    memory, browser = in_two_groups()
    done = agree(memory, ask(memory, client_id="partner"), browser)
    assert done.groups == ("zz",)
    assert memory.audit.names == ["session.ended"]


def test_a_person_whom_no_client_sent_ends_all_sessions_of_the_browser() -> None:
    memory, browser = in_two_groups()
    assert agree(memory, NOBODY_ASKS, browser).groups == (GROUP, "zz")
    assert memory.audit.names == ["session.ended", "session.ended"]


def test_a_session_whose_person_is_gone_is_no_session() -> None:
    class Gone(SessionsOf):
        def find(self, person_id: str) -> Person | None:
            return None

    memory, known = InMemory(), Gone({GROUP: ANNA})
    done = use_case(memory, known)(NOBODY_ASKS, known.cookie_hash, NOW)
    assert isinstance(done, Farewell)
    assert (done.groups, memory.audit.names) == ((), [])


def test_a_valid_hint_and_an_address_send_the_browser_back() -> None:
    memory = InMemory()
    request = ask(memory, id_token_hint=hint(memory), post_logout_redirect_uri=BYE)
    assert log_out(memory, request, {GROUP: ANNA}) == SentBack(groups=(GROUP,), address=BYE)
    assert log_out(memory, request, {}) == SentBack(groups=(), address=BYE)


def test_other_clients_are_told_before_the_browser_moves_on() -> None:
    memory = InMemory()
    memory.use(portal(frontchannel_logout_uri="https://minasidor.example/out"))
    request = ask(memory, id_token_hint=hint(memory), post_logout_redirect_uri=BYE)
    done = log_out(memory, request, {GROUP: ANNA})
    assert isinstance(done, Farewell)
    assert len(done.frames) == 1
    assert (done.address, done.by_itself) == (BYE, True)


def test_without_a_hint_only_a_press_leads_back() -> None:
    memory = InMemory()
    done = agree(memory, ask(memory, client_id="minasidor", post_logout_redirect_uri=BYE), {GROUP: ANNA})
    assert isinstance(done, Farewell)
    assert (done.address, done.by_itself, done.client) == (BYE, False, portal())


def test_a_hint_without_an_address_leads_nowhere_by_itself() -> None:
    memory = InMemory()
    done = log_out(memory, ask(memory, id_token_hint=hint(memory)), {GROUP: ANNA})
    assert isinstance(done, Farewell)
    assert (done.address, done.by_itself) == (None, False)


@each("used, way_on", [([], None), ([portal()], portal()), ([portal(), app()], None)])
def test_the_only_app_is_the_way_on_where_no_client_asked(used: list[Client], way_on: Client | None) -> None:
    memory = InMemory()
    for client in used:
        memory.grant(client)
    done = agree(memory, NOBODY_ASKS, {GROUP: ANNA})
    assert isinstance(done, Farewell)
    assert done.client == way_on


def test_who_stays_goes_back_to_the_client_that_asked_or_to_one_that_the_person_is_in() -> None:
    memory, home = InMemory(), "https://minasidor.example/"
    memory.use(portal(client_uri=home))
    memory.use(partner(client_uri="https://partner.example/"))
    memory.grant(portal())
    assert stay(memory, ask(memory, client_id="partner"), {GROUP: ANNA}) == "https://partner.example/"
    assert stay(memory, NOBODY_ASKS, {GROUP: ANNA}) == home
    assert stay(memory, NOBODY_ASKS, {}) is None
    assert memory.audit.names == []


def test_a_client_that_is_gone_is_not_named() -> None:
    memory = InMemory()
    memory.grant(portal(client_id="gone"))
    assert log_out(memory, NOBODY_ASKS, {GROUP: ANNA}) == PersonDecides(apps=[])
