"""The playground as a developer uses it: a client file is dropped in, a request built, and a whole login looked at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from idp_tests.axe import axe_findings
from idp_tests.journeys.person import Person
from idp_tests.patience import soon

pytestmark = pytest.mark.browser

FILE = """
client_name = "Lön"
security_profile = "fapi2"
redirect_uris = ["https://payroll.example/callback"]
scope = "openid profile offline_access"
jwks_file = "payroll.jwks.json"
"""


def test_a_dropped_client_file_is_tried_from_its_first_request_to_its_logout(
    at_computer: Callable[..., Person], known: str
) -> None:
    developer = at_computer(known)
    page = developer.page
    page.goto(developer.world.playground)
    found = axe_findings(page)
    page.locator("#text").fill(FILE)
    page.locator("#name").fill("payroll")
    developer.pictured("playground-start")["drop"].click()
    developer.sees("A request of trial-payroll").pictured("playground-build")
    expect(developer["meaning"]).to_contain_text("Every request must be pushed first (PAR).")
    found += axe_findings(page)
    page.get_by_label("offline_access").check()
    developer["begin"].click()
    assert steps(developer) == ["Discovery", "Pushed authorization request", "Authorization request"]
    developer["go"].click()
    developer.identify_by_qr().sees("Får Lön använda dina uppgifter?")
    page.locator('button[value="allow"]').click()
    for action in ("userinfo", "introspect", "refresh"):
        developer[action].click()
    assert steps(developer)[3:] == [
        "Authorization response", "Token request", "UserInfo request", "Introspection request", "Refresh request"
    ]  # fmt: skip
    assert page.locator(".checks .bad").all_inner_texts() == []
    expect(page.locator('[data-claim="auth_time"]').first).to_contain_text("UTC")
    developer.pictured("playground-run")
    found += axe_findings(page)
    developer["logout"].click()
    page.wait_for_url(f"{developer.world.playground}/runs/*")
    soon(lambda: page.reload() and "Back-channel logout" in steps(developer), "the logout arrives by the back channel")
    assert steps(developer)[-1] == "Back-channel logout"
    assert found == []


def test_the_mistakes_of_a_dropped_client_file_are_said_in_the_providers_words(
    at_computer: Callable[..., Person],
) -> None:
    developer = at_computer("anna")
    developer.page.goto(developer.world.playground)
    developer["text"].fill(FILE.replace("redirect_uris", "redirect_urls"))
    developer["name"].fill("payroll")
    developer["drop"].click()
    expect(developer["problem"]).to_contain_text("redirect_urls")
    expect(developer["text"]).to_have_value(FILE.lstrip("\n").replace("redirect_uris", "redirect_urls"))
    assert axe_findings(developer.page) == []


def steps(developer: Person) -> list[str | None]:
    return [step.get_attribute("data-step") for step in developer.page.locator(".step").all()]
