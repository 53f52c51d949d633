"""Dead ends: whatever goes wrong, the page has one obvious next step, and it leads where it says."""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from idp_tests.builders import an_organisation_number
from idp_tests.faults.processes import ProviderProcesses
from idp_tests.journeys.person import Person
from idp_tests.journeys.world import RunningWorld
from idp_tests.patience import soon

pytestmark = pytest.mark.browser

Open = Callable[..., Person]
HOMELESS = """
client_name = "Hemlös"
security_profile = "web_confidential"
first_party = true
token_endpoint_auth_method = "client_secret_basic"
client_secret_hash = "{secret_hash}"
redirect_uris = ["http://localhost:1/callback"]
scope = "openid"
"""
S256 = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWjbuF1h-t1jQ"


def database(world: RunningWorld) -> sqlite3.Connection:
    return sqlite3.connect(world.data / "idp" / "idp.db", timeout=20, isolation_level=None)


@contextmanager
def nobody_can_write(world: RunningWorld) -> Iterator[None]:
    """Another program holds the database."""
    with closing(database(world)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


@contextmanager
def rows_make_no_sense(world: RunningWorld) -> Iterator[None]:
    """A fault of ours."""
    with closing(database(world)) as broken:
        before = broken.execute("SELECT passed, id FROM interactions").fetchall()
        broken.execute("UPDATE interactions SET passed = '{'")
        try:
            yield
        finally:
            broken.executemany("UPDATE interactions SET passed = ? WHERE id = ?", before)


def reload(world: RunningWorld) -> None:
    """Read settings and clients again; nobody is answered by a process of before any more."""
    processes = ProviderProcesses(world)
    before = set(processes.web())
    os.kill(processes.serve(), signal.SIGHUP)
    soon(lambda: processes.web() and not before & set(processes.web()), "the processes of before are gone")


@contextmanager
def a_planned_stop(world: RunningWorld) -> Iterator[None]:
    settings, until = world.data / "idp" / "idp.toml", datetime.now(UTC) + timedelta(hours=1)
    before = settings.read_text(encoding="utf-8")
    notice = f'[notice]\nsv = "Vi uppdaterar."\nen = "We update."\nclosed_from = 2026-01-01T00:00:00Z\nclosed_until = {until.isoformat()}\n'
    settings.write_text(f"{before}\n{notice}", encoding="utf-8")
    reload(world)
    try:
        yield
    finally:
        settings.write_text(before, encoding="utf-8")
        reload(world)


def the_way_on(person: Person, element: str) -> None:
    """There is one first button, it is this one, and a thumb reaches it without scrolling sideways."""
    buttons = person.page.locator("main .button:not(.button-second):visible")
    expect(buttons).to_have_count(1)
    expect(buttons).to_have_id(element)
    assert person.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def begins_at_minasidor(person: Person) -> str:
    """An address at which MinaSidor begins a login."""
    return f"{person.world.minasidor}/login"


def test_while_nobody_can_write_the_page_says_so_and_the_button_tries_again(at_computer: Open) -> None:
    person = at_computer("anna")
    with nobody_can_write(person.world):
        person.page.goto(begins_at_minasidor(person))
        person.pictured("unavailable")
        the_way_on(person, "retry")
    person["retry"].click()
    person.sees("Logga in på MinaSidor")


def test_a_fault_of_ours_says_so_with_a_code_and_the_button_tries_again(at_computer: Open) -> None:
    person = at_computer("anna")
    person.page.goto(begins_at_minasidor(person))
    person.sees("Logga in på MinaSidor")
    with rows_make_no_sense(person.world):
        person.page.reload()
        person.sees("Något gick fel hos oss").pictured("server")
        the_way_on(person, "retry")
    person["retry"].click()
    person.sees("Logga in på MinaSidor")


def test_a_planned_stop_says_until_when_and_the_button_works_when_it_is_over(at_computer: Open) -> None:
    person = at_computer("anna")
    with a_planned_stop(person.world):
        person.page.goto(begins_at_minasidor(person))
        person.pictured("maintenance")
        the_way_on(person, "retry")
    person["retry"].click()
    person.sees("Logga in på MinaSidor")


def test_who_has_tried_too_often_is_told_how_long_to_wait_and_whom_to_call(at_computer: Open) -> None:
    person = at_computer("karin")
    person.log_in_at_minasidor().identify_by_qr()
    for number in range(3):
        person.link("10012400", f"000{number}")
    expect(person["whole-number"]).to_be_visible()
    person.pictured("D-link-whole-number")
    for serial in range(2):
        person.link_whole("10012400", an_organisation_number(serial))
    person.pictured("locked")
    the_way_on(person, "call")
    expect(person["call"]).to_have_attribute("href", "tel:0771000000")


def test_a_login_that_ended_at_a_client_without_an_address_leads_to_our_own_services(at_computer: Open) -> None:
    person = at_computer("anna")
    file = person.world.data / "idp" / "clients" / "homeless.toml"
    file.write_text(HOMELESS.format(secret_hash="0" * 64), encoding="utf-8")
    reload(person.world)
    request = f"client_id=homeless&response_type=code&scope=openid&code_challenge={S256}&code_challenge_method=S256"
    try:
        person.page.goto(f"{person.world.idp}/authorize?{request}&redirect_uri=http://localhost:1/callback")
        person.sees(
            "Logga in på Hemlös"
        ).frame()  # the order has been asked for: that is the last act that prolongs the login
        with closing(database(person.world)) as clock:
            clock.execute("UPDATE interactions SET expires_at = 1 WHERE client_id = 'homeless'")
        person.page.reload()
        person.pictured("expired-homeless")
        leads_to_a_service(person)
    finally:
        file.unlink()
        reload(person.world)


def leads_to_a_service(person: Person) -> None:
    first = person.page.locator("main .button:not(.button-second):visible")
    expect(first).to_have_count(1)
    first.click()
    person.page.wait_for_url(lambda address: address.startswith((person.world.minasidor, person.world.mittprezero)))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("not-found", "/nowhere"),
        ("method", "/logout/answer"),
        ("unknown-client", "/authorize?client_id=nobody"),
        ("logged-out", "/logout"),
    ],
)
def test_a_page_that_nothing_leads_on_from_leads_to_our_own_services(at_computer: Open, name: str, path: str) -> None:
    person = at_computer("anna")
    person.page.goto(person.world.idp + path)
    person.page.reload()
    person.pictured(name)
    leads_to_a_service(person)


def test_on_a_phone_a_failure_of_bankid_has_its_code_and_the_number_to_call(on_phone: Open) -> None:
    person = on_phone("anna")
    person.log_in_at_minasidor()
    person.page.locator("#bankid-open[href]").wait_for()
    address = person["bankid-open"].get_attribute("href") or ""
    token = parse_qs(urlsplit(address).query)["autostarttoken"][0]
    person.world.phone.cancel(str(person.world.phone.open(token, person.persona)["session"]))
    expect(person["bankid-failure"]).to_be_visible()
    person.sees("Logga in på MinaSidor").pictured("bankid-failure")
    expect(person.page.locator("#bankid-failure a[href^='tel:']")).to_be_visible()
    expect(person["bankid-failure-code"]).not_to_be_empty()
    the_way_on(person, "bankid-start")
