"""Each policy for the second person of a company, as people meet it: with their browsers, their BankIDs and their mail."""

import email
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import expect

from idp_tests.axe import axe_findings
from idp_tests.faults.processes import ProviderProcesses
from idp_tests.journeys.by_hand import ByHand
from idp_tests.journeys.person import Person
from idp_tests.journeys.pictures import Camera
from idp_tests.journeys.world import ROOT, RunningWorld, running_world
from idp_tests.patience import soon

pytestmark = pytest.mark.browser

Open = Callable[[str], Person]


@pytest.fixture(scope="module")
def own_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    with running_world(tmp_path_factory.mktemp("second-person")) as world:
        yield world


@pytest.fixture
def at_a_computer(open_browser: Callable[..., object], own_world: RunningWorld, camera: Camera) -> Open:
    """Each person has a browser."""
    return lambda persona: Person(open_browser().new_page(), own_world, persona, camera)  # type: ignore[attr-defined]


@contextmanager
def policy(world: RunningWorld, word: str) -> Iterator[None]:
    """The provider serves under this policy from now on."""
    settings, processes = world.data / "idp" / "idp.toml", ProviderProcesses(world)
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'{text}\n[linking]\nsecond_person = "{word}"\n', encoding="utf-8")
    before = set(processes.web())
    os.kill(processes.serve(), signal.SIGHUP)
    soon(lambda: processes.web() and not before & set(processes.web()), "the processes of before are gone")
    try:
        yield
    finally:
        settings.write_text(text, encoding="utf-8")


def first_user(world: RunningWorld, persona: str, number: str, digits: str) -> None:
    """The company has a user who came by the leaflet."""
    browser = ByHand(world)
    browser.log_in_at_minasidor().identify(persona).link(number, digits).register(email=f"{persona}@example.se")
    browser.identify(persona)


def mail_to(world: RunningWorld, address: str, word: str) -> str:
    """The text of the e-mail to this address that has this word, as soon as it has come."""
    found: list[str] = []

    def look() -> bool:
        for path in sorted((world.data / "idp" / "mail").glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=default)
            body = message.get_body()
            text = body.get_content() if body is not None else ""
            if message["To"] == address and word in text:
                found.append(text)
        return bool(found)

    soon(look, f"an e-mail to {address} with {word}")
    return found[-1]


def link_in(text: str) -> str:
    [address, *_] = re.findall(r"https?://localhost:\d+/\S+", text)
    return str(address)


def is_well_made(person: Person, name: str) -> None:
    person.pictured(name)
    assert axe_findings(person.page) == []


def finish(person: Person) -> None:
    """What the leaflet says after the number is proved."""
    person.sees("Skapa användarkonto").register().sees("Logga in igen med ditt BankID")
    person["bankid-start"].click()
    person.identify_by_qr()


def test_contact_lets_a_second_person_in_by_a_code_that_the_companys_contact_reads(
    at_a_computer: Open, own_world: RunningWorld
) -> None:
    first_user(own_world, "johan", "10012401", "1125")
    with policy(own_world, "contact"):
        karin = at_a_computer("karin")
        karin.log_in_at_minasidor().identify_by_qr().link("10012401", "1125").sees("Bekräfta med en kod")
        expect(karin.page.locator("main")).to_contain_text("i•••@bjorkbacken.example")
        is_well_made(karin, "contact-code-ask")
        karin["send"].click()
        code = re.findall(
            r"(?m)^(\d{6})\r?$", mail_to(own_world, "info@bjorkbacken.example", "Lämna då den här koden")
        )[-1]
        karin["code"].fill(f"{(int(code) + 1) % 10**6:06}")
        karin["submit"].click()
        expect(karin["error-summary"]).to_contain_text("Koden stämmer inte. Du har 4 försök kvar.")
        is_well_made(karin, "contact-code-wrong")
        karin["code"].fill(code)
        karin["submit"].click()
        finish(karin)
        karin.sees("Välkommen")


def test_approve_lets_a_second_person_in_when_somebody_linked_says_so(
    at_a_computer: Open, own_world: RunningWorld
) -> None:
    first_user(own_world, "anna", "10012417", "3383")
    with policy(own_world, "approve"):
        nils = at_a_computer("nils")
        nils.log_in_at_minasidor().identify_by_qr().link("10012417", "3383").sees("Be om tillgång")
        is_well_made(nils, "approval-ask")
        nils["email"].fill("nils@example.se")
        nils["submit"].click()
        nils.sees("Frågan är skickad")
        is_well_made(nils, "approval-waiting")

        anna = at_a_computer("anna")
        anna.page.goto(link_in(mail_to(own_world, "anna@example.se", "/approvals/")))
        is_well_made(anna, "approval-log-in")
        anna["log-in"].click()
        anna.identify_by_qr().sees("Ska Nils Norén ha tillgång?")
        is_well_made(anna, "approval-answer")
        anna["approve"].click()
        anna.sees("Frågan är besvarad: ja")
        is_well_made(anna, "approval-answered")

        mail_to(own_world, "nils@example.se", "Du har blivit godkänd")
        nils["look"].click()
        finish(nils)
        nils.sees("Välkommen")


def test_invite_only_lets_a_second_person_in_by_an_invitation_alone(
    at_a_computer: Open, own_world: RunningWorld
) -> None:
    first_user(own_world, "tolvan", "10012433", "8253")
    with policy(own_world, "invite-only"):
        amira = at_a_computer("amira")
        amira.log_in_at_minasidor().identify_by_qr().link("10012433", "8253").sees("Du behöver en inbjudan")
        is_well_made(amira, "invitation-needed")

        command = ["customers", "invite", "10012433", "amira@example.se", "--case", "K-17"]
        invite(own_world, command)
        amira.page.goto(link_in(mail_to(own_world, "amira@example.se", "/invitation?proof=")))
        amira.sees("Inbjudan till Norrskenets Bygg & Montage AB")
        is_well_made(amira, "invitation-ask")
        amira["submit"].click()
        amira.identify_by_qr()
        finish(amira)
        amira.sees("Klart!")
        is_well_made(amira, "invitation-done")


def invite(world: RunningWorld, words: list[str]) -> None:
    """As an operator does."""
    settings = Path(world.data / "idp" / "idp.toml")
    subprocess.run(
        [sys.executable, "-m", "idp", *words], cwd=ROOT, env={**os.environ, "IDP_CONFIG": str(settings)}, check=True
    )
