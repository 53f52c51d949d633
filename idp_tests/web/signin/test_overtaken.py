"""A second tab that is a moment faster: nothing of the slower request stands, and it is led on, on both databases.

The other tab works between the reading and the writing of the request under test, over its own connection.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.interactions import DatabaseInteractions
from idp.adapters.database.tables import interactions
from idp.core.signin.interaction import Interaction
from idp_tests.attacks.stages import stage
from idp_tests.browser import Browser
from idp_tests.provider import ISSUER, Provider
from idp_tests.scripted_bankid import ANNA
from idp_tests.web.signin.test_choose_customer import link, option


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> Iterator[None]:
    """The next request reads its interaction, then `act` happens elsewhere, then the request goes on."""
    find, troubles = DatabaseInteractions.find, []

    def act_and_note() -> None:
        try:
            act()
        except BaseException as trouble:  # noqa: BLE001 - told by the test's own thread
            troubles.append(trouble)

    def find_and_be_overtaken(
        self: DatabaseInteractions, interaction_id: str, browser_hash: str, now: datetime
    ) -> Interaction | None:
        found = find(self, interaction_id, browser_hash, now)
        monkeypatch.setattr(DatabaseInteractions, "find", find)
        other = Thread(target=act_and_note)
        other.start()
        other.join()
        return found

    monkeypatch.setattr(DatabaseInteractions, "find", find_and_be_overtaken)
    yield
    assert DatabaseInteractions.find is find, "no request read its interaction"
    assert troubles == []


def another_tab(browser: Browser) -> Browser:
    """The same browser's other tab, on the same page."""
    tab = browser.provider.browser(**browser.headers)
    for cookie in browser.client._cookies.values():  # type: ignore[union-attr]
        tab.client._cookies[cookie._storage_key] = cookie  # type: ignore[index]
    tab.path, tab.page, tab.verifier = browser.path, browser.page, browser.verifier
    return tab


def take_a_step_elsewhere(browser: Browser) -> Callable[[], None]:
    """Whatever another tab may have recorded: the interaction is a version further."""

    def act() -> None:
        ours = update(interactions).where(interactions.c.id == browser.base.rpartition("/")[2])
        with unit_of_work(browser.provider.app):
            connection().execute(ours.values(version=interactions.c.version + 1))

    return act


def events(provider: Provider) -> list[str]:
    count = int(provider.scalar("SELECT count(*) FROM audit"))
    return [str(provider.scalar(f"SELECT event FROM audit ORDER BY id LIMIT 1 OFFSET {n}")) for n in range(count)]


def approved(browser: Browser) -> Browser:
    """The person approved in the app; the browser has not gone on yet."""
    browser.start()
    browser.provider.clock.advance(seconds=3)
    browser.provider.bankid.approve(ANNA)
    browser.provider.collect()
    return browser


def test_leaving_while_another_tab_finishes_takes_the_code_that_was_given(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.browser().first_login()
    browser = provider.browser().authorize()
    browser.submit("/bankid/cancel")
    leaving, other = another_tab(browser), another_tab(browser)
    other.get(f"{other.base}/bankid")
    approved(other)
    with meanwhile(monkeypatch, lambda: other.get(other.base)):
        leaving.submit("/leave")
    assert "code" in other.answer
    assert "error" not in (leaving.left_to or "")
    assert "login.left" not in events(provider)
    assert provider.scalar("SELECT count(*) FROM interactions WHERE outcome = 'left'") == 0


def test_a_refusal_of_consent_while_another_tab_allows_is_not_told_after_the_code(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    denying = provider.browser().authorize("partner", scope="openid profile").identify()
    allowing = another_tab(denying)
    with meanwhile(monkeypatch, lambda: allowing.submit("/consent", answer="allow")):
        denying.submit("/consent", answer="deny")
    assert denying.answer["code"] == allowing.answer["code"]
    assert "consent.denied" not in events(provider)


def test_an_overtaken_identification_leaves_the_order_for_the_next_try(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = approved(provider.browser().authorize())
    with meanwhile(monkeypatch, take_a_step_elsewhere(browser)):
        response = browser.client.get(browser.base, headers=browser.headers, base_url=ISSUER)
    assert (response.status_code, response.headers["Location"]) == (303, browser.base)
    assert provider.scalar("SELECT count(*) FROM bankid_orders WHERE state = 'complete'") == 1
    assert provider.scalar("SELECT count(*) FROM authentications") == 0
    assert "login.identified" not in events(provider)
    assert browser.get(browser.base).step == "link"


def test_an_overtaken_identification_starts_no_session(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider.browser().first_login()
    sessions = provider.scalar("SELECT count(*) FROM sessions")
    browser = approved(provider.browser().authorize())
    with meanwhile(monkeypatch, take_a_step_elsewhere(browser)):
        response = browser.client.get(browser.base, headers=browser.headers, base_url=ISSUER)
    assert "session" not in str(response.headers.getlist("Set-Cookie"))
    assert provider.scalar("SELECT count(*) FROM sessions") == sessions
    assert "code" in browser.get(browser.base).answer


def test_two_tabs_that_identify_by_one_order_lead_to_one_session(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.browser().first_login()
    sessions = provider.scalar("SELECT count(*) FROM sessions")
    browser = approved(provider.browser().authorize())
    other = another_tab(browser)
    with meanwhile(monkeypatch, lambda: other.get(other.base)):
        browser.get(browser.base)
    assert "code" in other.answer
    assert "Du är redan inloggad" in browser.page
    assert provider.scalar("SELECT count(*) FROM sessions") == sessions + 1


def test_a_session_that_ends_meanwhile_is_not_renewed(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = approved(provider.browser().first_login().get("/").authorize(prompt="login"))

    def log_out_elsewhere() -> None:
        with unit_of_work(provider.app):
            provider.parts.store.sessions.end_for_person(
                str(provider.scalar("SELECT id FROM people")), provider.clock(), reason="support"
            )

    find = type(provider.parts.store.sessions).find

    def find_then_log_out(self: Any, *asked: Any) -> Any:
        found = find(self, *asked)
        monkeypatch.setattr(type(provider.parts.store.sessions), "find", find)
        other = Thread(target=log_out_elsewhere)
        other.start()
        other.join()
        return found

    monkeypatch.setattr(type(provider.parts.store.sessions), "find", find_then_log_out)
    response = browser.client.get(browser.base, headers=browser.headers, base_url=ISSUER)
    assert (response.status_code, response.headers["Location"]) == (303, browser.base)
    assert "code" in browser.get(browser.base).answer


def test_an_overtaken_proof_of_a_company_is_neither_recorded_nor_charged(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = provider.browser().authorize().identify()
    page = browser.page
    with meanwhile(monkeypatch, take_a_step_elsewhere(browser)):
        browser.link()
    assert browser.step == "link"
    assert "link.proved" not in events(provider)
    browser.page = page
    assert "4 försök kvar" in browser.link("10012345", "1111").page


def test_a_known_person_whose_proof_is_overtaken_is_not_linked(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.browser().first_login()
    with unit_of_work(provider.app):
        person_id = str(provider.scalar("SELECT id FROM people"))
        provider.parts.store.links.end(person_id, "10012345", provider.clock(), reason="moved")
    browser = provider.browser().authorize().identify()
    letters = provider.scalar("SELECT count(*) FROM outbox")
    with meanwhile(monkeypatch, take_a_step_elsewhere(browser)):
        browser.link("10012346", "7569")
    assert browser.step == "link"
    assert provider.scalar("SELECT count(*) FROM links WHERE ended_at IS NULL") == 0
    assert provider.scalar("SELECT count(*) FROM outbox") == letters


def test_an_overtaken_registration_makes_no_account(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = provider.browser().authorize().identify().link()
    with meanwhile(monkeypatch, take_a_step_elsewhere(browser)):
        browser.register()
    assert browser.step == "register"
    assert provider.scalar("SELECT count(*) FROM people") == 0
    assert provider.scalar("SELECT count(*) FROM outbox") == 0
    assert "account.registered" not in events(provider)


def test_an_overtaken_choice_of_company_is_asked_again(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider.browser().first_login()
    link(provider, "10012346")
    browser = provider.browser().authorize(scope="openid customer").identify()
    chosen = option(browser, "Andra bolaget AB")
    with meanwhile(monkeypatch, take_a_step_elsewhere(browser)):
        browser.submit("/choose", customer=chosen, remember="1")
    assert browser.step == "choose"
    assert not any("customer" in cookie.key for cookie in browser.client._cookies.values())  # type: ignore[union-attr]


def test_an_overtaken_consent_allows_nothing(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = provider.browser().authorize("partner", scope="openid profile").identify()
    with meanwhile(monkeypatch, take_a_step_elsewhere(browser)):
        browser.submit("/consent", answer="allow")
    assert browser.step == "consent"
    assert provider.scalar("SELECT count(*) FROM consents") == 0
    assert "consent.allowed" not in events(provider)


def test_two_tabs_that_answer_at_once_give_one_code(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    one = provider.browser().authorize("partner", scope="openid").identify()
    form = stage(one, "/consent", answer="allow")
    one.client.post(form.action, data=form.fields, headers=one.headers, base_url=ISSUER)
    two = another_tab(one)
    with meanwhile(monkeypatch, lambda: two.get(two.base)):
        one.get(one.base)
    assert one.answer["code"] == two.answer["code"]
    assert provider.scalar("SELECT count(*) FROM grants") == 1
    assert events(provider).count("login.answered") == 1
