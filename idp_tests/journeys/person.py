"""A person with a browser and a BankID, doing what the leaflet says."""

import re

from playwright.sync_api import Locator, Page, expect

from idp_tests.journeys.pictures import Camera
from idp_tests.journeys.world import CUSTOMER, DIGITS, RunningWorld

PHONE_NUMBER, EMAIL = "070-174 06 05", "person@example.se"


class Person:
    """One persona before one page."""

    def __init__(self, page: Page, world: RunningWorld, persona: str, camera: Camera) -> None:
        self.page = page
        self.world = world
        self.persona = persona
        self.camera = camera

    # ---- to the provider ------------------------------------------------------------------------------------------

    def log_in_at_minasidor(self) -> "Person":
        self.page.goto(self.world.minasidor)
        self.page.locator("#login").click()
        return self

    def log_in_at_mittprezero(self) -> "Person":
        self.page.goto(self.world.mittprezero)
        self.page.locator("#to-prezero").click()
        self.page.locator("#login").click()
        return self

    # ---- BankID ---------------------------------------------------------------------------------------------------

    def frame(self) -> str:
        """The QR frame that the page shows now."""
        code = self.page.locator('#bankid-qr[data-qr^="bankid."]')
        code.wait_for(state="attached")
        return code.get_attribute("data-qr") or ""

    def scan(self) -> str:
        """Point the phone at the code; returns the app's session."""
        return self.world.phone.scan(self.frame(), self.persona)

    def identify_by_qr(self) -> "Person":
        self.world.phone.approve(self.scan())
        return self

    def identify_here(self) -> "Person":
        """Tap the link, approve in the app on the same device, and be sent back."""
        self.open_app_here()
        self.page.locator("#approve").click()
        return self

    def open_app_here(self) -> "Person":
        self.page.locator("#bankid-open[href]").click()
        self.page.locator("#persona").select_option(self.persona)
        return self

    # ---- the first time -------------------------------------------------------------------------------------------

    def link(self, number: str = CUSTOMER, digits: str = DIGITS) -> "Person":
        self.page.locator("#customer-number").fill(number)
        self.page.locator("#last-four").fill(digits)
        self.page.locator("#submit").click()
        return self

    def link_whole(self, number: str, organisation_number: str) -> "Person":
        """Where four digits are not enough."""
        self.page.locator("#customer-number").fill(number)
        self.page.locator("#whole-number").fill(organisation_number)
        self.page.locator("#submit").click()
        return self

    def register(self) -> "Person":
        self.page.locator("#phone").fill(PHONE_NUMBER)
        self.page.locator("#email").fill(EMAIL)
        self.page.locator("#submit").click()
        return self

    # ---- what is seen -----------------------------------------------------------------------------------------------

    def sees(self, heading: str) -> "Person":
        """Wait for a page by its heading."""
        expect(self.page.locator("h1").first).to_have_text(re.compile(re.escape(heading)))
        return self

    def pictured(self, name: str) -> "Person":
        self.camera.take(self.page, name)
        return self

    def __getitem__(self, element_id: str) -> Locator:
        return self.page.locator(f"#{element_id}")
